import type { Limits } from '../format.ts'
import type { BlockWriter } from './blocks.ts'
import { GridWriter } from './grid.ts'
import { showNumber } from './number-format.ts'
import type { XlsBook } from './xls-book.ts'
import { scanRecords } from './xls-records.ts'
import { Continued, unicodeString } from './xls-strings.ts'
import { boolOrError, rkValue } from './xls-values.ts'

const record = {
  formula: 0x0006,
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
  chartText: 0x100d,
} as const

const maxColumns = 256
const noteObject = 0x19
/** Writes one sheet: its cells as they are shown, then texts of shapes and charts, comments, links. */
export function writeXlsSheet(
  stream: Uint8Array,
  offset: number,
  book: XlsBook,
  out: BlockWriter,
  limits: Limits,
): void {
  // By row, as not every program writes them in order.
  const rows: string[][] = []
  const shapes: string[] = []
  const comments: string[] = []
  const links: string[] = []
  const authors: string[] = []
  let object = 0
  let waiting: { row: number; column: number } | undefined

  const put = (row: number, column: number, text: string): void => {
    if (text === '' || column >= maxColumns) return
    const cells = rows[row] ?? []
    cells[column] = text
    rows[row] = cells
  }
  const number = (row: number, column: number, style: number, value: number): void =>
    put(row, column, showNumber(String(value), book.styles[style], book.date1904))

  scanRecords(stream, offset, (type, segments, view) => {
    const size = view.byteLength
    const word = (at: number): number => (at + 2 <= size ? view.getUint16(at, true) : 0)
    switch (type) {
      case record.sharedLabel:
        if (size >= 10) put(word(0), word(2), book.strings[view.getUint32(6, true)] ?? '')
        break
      case record.number:
        if (size >= 14) number(word(0), word(2), word(4), view.getFloat64(6, true))
        break
      case record.rk:
        if (size >= 10) number(word(0), word(2), word(4), rkValue(view, 6))
        break
      case record.multipleRk:
        for (let at = 4, column = word(2); at + 6 <= size - 2; at += 6)
          number(word(0), column++, word(at), rkValue(view, at + 2))
        break
      case record.label:
      case record.richLabel:
        if (size >= 8) put(word(0), word(2), unicodeString([segments[0]!.subarray(6), ...segments.slice(1)]))
        break
      case record.boolOrError:
        if (size >= 8) put(word(0), word(2), boolOrError(view.getUint8(7) === 1, view.getUint8(6)))
        break
      case record.formula: {
        if (size < 14) break
        waiting = undefined
        if (word(12) !== 0xffff) number(word(0), word(2), word(4), view.getFloat64(6, true))
        else if (view.getUint8(6) === 0) waiting = { row: word(0), column: word(2) }
        else if (view.getUint8(6) < 3) put(word(0), word(2), boolOrError(view.getUint8(6) === 2, view.getUint8(8)))
        break
      }
      case record.formulaText:
        if (waiting) put(waiting.row, waiting.column, unicodeString(segments))
        waiting = undefined
        break
      case record.object:
        object = word(4)
        break
      case record.textObject: {
        const reader = new Continued(segments.slice(1))
        const text = oneLine(reader.characters(word(10), reader.byte()))
        if (text !== '' && shapes.length + comments.length < limits.maxEntries)
          (object === noteObject ? comments : shapes).push(text)
        break
      }
      case record.note:
        if (size > 11 && authors.length < limits.maxEntries) authors.push(unicodeString([segments[0]!.subarray(8)]))
        break
      case record.chartText: {
        const text =
          size > 4 ? new Continued([segments[0]!.subarray(4)]).characters(view.getUint8(2), view.getUint8(3)) : ''
        if (text.trim() !== '' && shapes.length < limits.maxEntries) shapes.push(oneLine(text))
        break
      }
      case record.link: {
        const target = linkTarget(segments[0]!)
        if (target !== undefined && links.length < limits.maxEntries) links.push(target)
        break
      }
    }
  })

  const grid = new GridWriter(out)
  // Skips the holes: a lone cell may stand in the last row.
  for (const [row, cells] of Object.entries(rows)) grid.row(Number(row), cells)
  grid.flush()
  for (const text of shapes) out.text(text)
  comments.forEach((text, n) => {
    // Notes come in the order of their texts.
    const author = authors.length === comments.length ? authors[n]!.trim() : ''
    out.text(`> Comment${author === '' || text.startsWith(author) ? '' : ` (${author})`}: ${text}`)
  })
  for (const link of links) out.item(0, '-', `<${link}>`)
}

function oneLine(text: string): string {
  return text.trim().split(/\s+/).join(' ')
}

const hasMoniker = 1
const hasName = 0x10
const hasFrame = 0x80
const urlMoniker = 0x79eac9e0

/** The address behind a cell ([MS-OSHARED] 2.3.7.1); undefined for places in the same file. */
function linkTarget(data: Uint8Array): string | undefined {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  if (data.length < 32) return undefined
  const flags = view.getUint32(28, true)
  let at = 32
  for (const part of [hasName, hasFrame])
    if ((flags & part) !== 0 && at + 4 <= data.length) at += 4 + view.getUint32(at, true) * 2
  if ((flags & hasMoniker) === 0 || at + 20 > data.length || view.getUint32(at, true) !== urlMoniker) return undefined
  const end = Math.min(data.length, at + 20 + Math.min(view.getUint32(at + 16, true), 4000))
  const text = new TextDecoder('utf-16le').decode(data.subarray(at + 20, end))
  const stop = text.indexOf('\u0000')
  return stop === 0 ? undefined : stop < 0 ? text : text.slice(0, stop)
}
