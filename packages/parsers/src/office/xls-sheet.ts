import type { Limits } from '../format.ts'
import type { BlockWriter } from './blocks.ts'
import { cellName } from './cell-name.ts'
import { GridWriter } from './grid.ts'
import type { Margins } from './margins.ts'
import { showNumber } from './number-format.ts'
import { decodePage } from './ole-properties.ts'
import { addSheetMargin } from './sheet-margins.ts'
import type { XlsBook } from './xls-book.ts'
import { XlsChart } from './xls-chart.ts'
import { linkTarget } from './xls-links.ts'
import { XlsNotes } from './xls-notes.ts'
import { XlsRecords } from './xls-records.ts'
import { XlsRows } from './xls-rows.ts'
import { boolOrError, rkValue } from './xls-values.ts'

const record = {
  integerOf2: 0x0002,
  numberOf2: 0x0003,
  labelOf2: 0x0004,
  header: 0x0014,
  footer: 0x0015,
  formula: 0x0006,
  formulaOf3: 0x0206,
  formulaOf4: 0x0406,
  note: 0x001c,
  object: 0x005d,
  multipleRk: 0x00bd,
  richLabel: 0x00d6,
  sharedLabel: 0x00fd,
  textObject: 0x01b6,
  link: 0x01b8,
  number: 0x0203,
  label: 0x0204,
  boolOrError: 0x0205,
  formulaText: 0x0207,
  rk: 0x027e,
  end: 0x000a,
  start: 0x0809,
} as const
const chartPart = 0x20

/** Writes one sheet: its cells as they are shown, then texts of shapes and charts, comments, links. */
export function writeXlsSheet(
  stream: Uint8Array,
  offset: number,
  book: XlsBook,
  out: BlockWriter,
  limits: Limits,
  margins: Margins,
): void {
  const { strings, styles, date1904, codePage } = book
  const records = new XlsRecords(stream, offset)
  const rows = new XlsRows()
  const shapes: string[] = []
  const charts: XlsChart[] = []
  let chart: XlsChart | undefined
  let chartDepth = 0
  const notes = new XlsNotes(limits.maxEntries)
  const links: string[] = []
  let waiting: { readonly row: number; readonly column: number } | undefined

  const number = (row: number, column: number, style: number, value: number): void =>
    rows.put(row, column, showNumber(value, styles[style], date1904))
  const text = (at: number): string =>
    codePage === undefined
      ? records.continued(at).string()
      : decodePage(records.data(at + 2, at + 2 + records.word(at)), codePage)
  const short = (at: number): string => decodePage(records.data(at + 1, at + 1 + records.byte(at)), codePage ?? 1252)
  /** With a byte of length. */
  const name = (at: number): string =>
    codePage === undefined ? records.continued(at + 2).characters(records.byte(at), records.byte(at + 1)) : short(at)

  while (records.next()) {
    if (records.type === record.start && records.word(2) === chartPart) {
      chartDepth = records.depth
      chart = new XlsChart(book, text, name)
      if (charts.length < limits.maxEntries) charts.push(chart)
    } else if (records.type === record.end && records.depth < chartDepth) chart = undefined
    // What a chart has kept of its data stands in records of cells.
    chart?.hear(records)
    if (chart && records.type !== record.textObject && records.type !== record.object) continue
    switch (records.type) {
      case record.sharedLabel:
        rows.put(records.word(0), records.word(2), strings[records.long(6)] ?? '')
        break
      case record.number:
        number(records.word(0), records.word(2), records.word(4), records.double(6))
        break
      // The charts that Microsoft Graph keeps have a table of such.
      case record.integerOf2:
        rows.put(records.word(0), records.word(2), String(records.word(7)))
        break
      case record.numberOf2:
        rows.put(records.word(0), records.word(2), showNumber(records.double(7), undefined, date1904))
        break
      case record.labelOf2:
        rows.put(records.word(0), records.word(2), short(7))
        break
      case record.rk:
        number(records.word(0), records.word(2), records.word(4), rkValue(records.int(6)))
        break
      case record.multipleRk: {
        const row = records.word(0)
        for (let at = 4, column = records.word(2); at + 6 <= records.size - 2; at += 6)
          number(row, column++, records.word(at), rkValue(records.int(at + 2)))
        break
      }
      case record.label:
      case record.richLabel:
        rows.put(records.word(0), records.word(2), text(6))
        break
      case record.boolOrError:
        rows.put(records.word(0), records.word(2), boolOrError(records.byte(7) === 1, records.byte(6)))
        break
      case record.formula:
      // Some programs write the records of older versions.
      case record.formulaOf3:
      case record.formulaOf4: {
        const row = records.word(0)
        const column = records.word(2)
        const kind = records.byte(6)
        waiting = undefined
        if (records.word(12) !== 0xffff) number(row, column, records.word(4), records.double(6))
        else if (kind === 0) waiting = { row, column }
        else if (kind < 3) rows.put(row, column, boolOrError(kind === 2, records.byte(8)))
        break
      }
      case record.formulaText:
        if (waiting) rows.put(waiting.row, waiting.column, text(0))
        waiting = undefined
        break
      case record.header:
      case record.footer:
        if (records.size > 0) addSheetMargin(codePage === undefined ? text(0) : name(0), margins)
        break
      case record.object:
        notes.object(records)
        break
      case record.textObject: {
        const shape = records.continued(records.size).characters(records.word(10), 0)
        if (!notes.text(shape) && shape.trim() !== '' && shapes.length < limits.maxEntries) shapes.push(oneLine(shape))
        break
      }
      case record.note:
        notes.note(records, codePage)
        break
      case record.link: {
        const target = linkTarget(records.data())
        if (target !== undefined && links.length < limits.maxEntries)
          links.push(`${cellName(records.word(0), records.word(4))}: <${target}>`)
        break
      }
    }
  }

  const grid = new GridWriter(out)
  rows.each((row, cells) => grid.row(row, cells))
  grid.flush()
  for (const shape of shapes) out.text(shape)
  for (const each of charts) each.write(out)
  for (const line of notes.lines()) out.text(line)
  for (const link of links) out.item(0, '-', link)
}

function oneLine(text: string): string {
  return text.trim().split(/\s+/).join(' ')
}
