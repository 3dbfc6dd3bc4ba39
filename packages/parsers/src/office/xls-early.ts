import type { Limits } from '../format.ts'
import type { BlockWriter } from './blocks.ts'
import { GridWriter } from './grid.ts'
import { Margins } from './margins.ts'
import { builtInKind, type NumberKind, numberKind, showNumber } from './number-format.ts'
import { decodePage } from './ole-properties.ts'
import { addSheetMargin } from './sheet-margins.ts'
import { XlsNotes } from './xls-notes.ts'
import { XlsRecords } from './xls-records.ts'
import { XlsRows } from './xls-rows.ts'
import { boolOrError, rkValue } from './xls-values.ts'

/**
 * The numbers of BIFF2. Later ones add 0x0200 or 0x0400; a record that has not is of BIFF2 whatever the file says, as
 * some programs mix them.
 */
const record = {
  integer: 0x02,
  number: 0x03,
  label: 0x04,
  boolOrError: 0x05,
  formula: 0x06,
  formulaText: 0x07,
  header: 0x14,
  footer: 0x15,
  note: 0x1c,
  format: 0x1e,
  date1904: 0x22,
  codePage: 0x42,
  cellLook: 0x43,
  rk: 0x7e,
  sheetHead: 0x8f,
} as const

/**
 * Writes the sheets of Excel 2 to 4 (BIFF2 to BIFF4), one a file but for the workbooks of Excel 4; gives their number.
 * What is known of these formats is in "Microsoft Excel File Format" of the OpenOffice project.
 */
export function writeEarlyXls(stream: Uint8Array, out: BlockWriter, limits: Limits): number {
  const records = new XlsRecords(stream)
  const formats: NumberKind[] = []
  const looks: number[] = []
  let rows = new XlsRows()
  let notes = new XlsNotes(limits.maxEntries)
  const margins = new Margins()
  let sheets = 0
  let date1904 = false
  let codePage = 1252
  let waiting: { readonly row: number; readonly column: number } | undefined

  /** What stands behind row, column and look: three bytes of look in BIFF2, later two. */
  const isFirst = (): boolean => records.type < 0x100
  const value = (): number => (isFirst() ? 7 : 6)
  const text = (at: number, isShort: boolean): string => {
    const length = isShort ? records.byte(at) : records.word(at)
    const start = at + (isShort ? 1 : 2)
    return decodePage(records.data(start, start + length), codePage)
  }
  const put = (shown: string): void => rows.put(records.word(0), records.word(2), shown)
  const number = (stored: number): void => {
    // In BIFF2 a cell names its format itself.
    const format = isFirst() ? records.byte(5) & 0x3f : looks[records.word(4)]
    put(showNumber(stored, format === undefined ? undefined : (formats[format] ?? builtInKind(format)), date1904))
  }
  const endSheet = (): void => {
    const grid = new GridWriter(out)
    rows.each((row, cells) => grid.row(row, cells))
    grid.flush()
    for (const line of notes.lines()) out.text(line)
    rows = new XlsRows()
    notes = new XlsNotes(limits.maxEntries)
  }

  while (records.next()) {
    const { type } = records
    if (sheets === 0) {
      sheets = 1
      out.page()
      continue
    }
    switch (type & 0xff) {
      case record.integer:
        if (isFirst()) number(records.word(7))
        break
      case record.number:
        number(records.double(value()))
        break
      case record.rk:
        if (!isFirst()) number(rkValue(records.int(6)))
        break
      case record.label:
        put(text(value(), isFirst()))
        break
      case record.boolOrError:
        put(boolOrError(records.byte(value() + 1) === 1, records.byte(value())))
        break
      case record.formula: {
        const at = value()
        const kind = records.byte(at)
        waiting = undefined
        if (records.word(at + 6) !== 0xffff) number(records.double(at))
        else if (kind === 0) waiting = { row: records.word(0), column: records.word(2) }
        else if (kind < 3) put(boolOrError(kind === 2, records.byte(at + 2)))
        break
      }
      case record.formulaText:
        if (waiting) rows.put(waiting.row, waiting.column, text(0, isFirst()))
        waiting = undefined
        break
      case record.header:
      case record.footer:
        if (records.size > 0) addSheetMargin(text(0, true), margins)
        break
      case record.note:
        notes.note(records, codePage)
        break
      case record.format:
        formats.push(numberKind(text(type > 0x0400 ? 2 : 0, true)))
        break
      case record.cellLook:
        looks.push(records.byte(1))
        break
      case record.date1904:
        date1904 = records.word(0) === 1
        break
      case record.codePage:
        codePage = records.word(0) === 0x8000 ? 10_000 : records.word(0) === 0x8001 ? 1252 : records.word(0)
        break
      case record.sheetHead:
        if (sheets >= limits.maxEntries) break
        if (rows.length > 0) {
          endSheet()
          sheets++
          out.page()
        }
        out.heading(2, text(4, true))
        break
    }
  }
  endSheet()
  margins.write(out)
  return sheets
}
