import { FormatError, type Limits } from '../format.ts'
import type { BlockWriter } from './blocks.ts'
import { Margins } from './margins.ts'
import { builtInKind, type NumberKind, numberKind } from './number-format.ts'
import { decodePage } from './ole-properties.ts'
import { XlsRecords } from './xls-records.ts'
import { writeXlsSheet } from './xls-sheet.ts'

export interface XlsBook {
  readonly strings: readonly string[]
  /** By the index that cells name. */
  readonly styles: readonly NumberKind[]
  /** By their own numbers, as charts name them. */
  readonly formats: ReadonlyMap<number, NumberKind>
  readonly date1904: boolean
  /** Of all text, in books before 97 (BIFF5); undefined where text is Unicode. */
  readonly codePage: number | undefined
}

interface SheetPlace {
  readonly name: string
  readonly offset: number
  readonly hidden: boolean
}

/** How many sheets a workbook has, and which of them are not shown. */
export interface WrittenBook {
  readonly sheets: number
  readonly hidden: readonly string[]
}

const record = {
  date1904: 0x0022,
  codePage: 0x0042,
  boundSheet: 0x0085,
  cellLook: 0x00e0,
  sharedStrings: 0x00fc,
  format: 0x041e,
} as const
const visualBasic = 6
const biff8 = 0x0600

/** Writes the sheets of a workbook stream of Excel 5 to 2003 (BIFF5 and BIFF8, [MS-XLS] 2.1.7.20). */
export function writeXlsBook(stream: Uint8Array, out: BlockWriter, limits: Limits): WrittenBook {
  const { sheets: listed, book } = readGlobals(stream, limits)
  const sheets = listed.length > 0 ? listed : findSheets(stream)
  let isRead = listed.length > 0
  const margins = new Margins()
  for (const { name, offset } of sheets) {
    out.page()
    out.heading(2, name)
    const before = out.length
    writeXlsSheet(stream, offset, book, out, limits, margins)
    if (out.length > before) isRead = true
  }
  if (!isRead) throw new FormatError('corrupt', 'It has no sheets')
  margins.write(out)
  return { sheets: sheets.length, hidden: sheets.filter(({ hidden }) => hidden).map(({ name }) => name) }
}

function readGlobals(stream: Uint8Array, limits: Limits): { sheets: readonly SheetPlace[]; book: XlsBook } {
  const sheets: SheetPlace[] = []
  const formats = new Map<number, NumberKind>()
  const looks: number[] = []
  let strings: readonly string[] = []
  let date1904 = false
  let codePage: number | undefined
  const records = new XlsRecords(stream)
  /** A name or a format: a byte of length in BIFF5, and with flags after it in BIFF8. */
  const text = (at: number, wideLength = false): string => {
    if (codePage !== undefined) return decodePage(records.data(at + 1, at + 1 + records.byte(at)), codePage)
    const head = wideLength ? 2 : 1
    const length = wideLength ? records.word(at) : records.byte(at)
    return records.continued(at + head + 1).characters(length, records.byte(at + head))
  }
  while (records.next())
    switch (records.type) {
      case 0x0809:
        if (records.depth === 1 && records.word(0) !== biff8) codePage = 1252
        break
      case record.codePage:
        if (codePage !== undefined) codePage = records.word(0) === 0x8000 ? 10_000 : records.word(0)
        break
      case record.date1904:
        date1904 = records.word(0) === 1
        break
      case record.boundSheet:
        if (records.size < 7 || records.byte(5) === visualBasic || sheets.length >= limits.maxEntries) break
        sheets.push({
          name: text(6).replaceAll('\u0000', '') || `Sheet ${sheets.length + 1}`,
          offset: records.long(0),
          hidden: (records.byte(4) & 3) !== 0,
        })
        break
      case record.format:
        formats.set(records.word(0), numberKind(text(2, true)))
        break
      case record.cellLook:
        looks.push(records.word(2))
        break
      case record.sharedStrings:
        strings = readStrings(records, limits)
        break
    }
  const styles = looks.map((id) => formats.get(id) ?? builtInKind(id))
  return { sheets, book: { strings, styles, formats, date1904, codePage } }
}

/** Where sheets begin, in a workbook whose list of them is damaged. */
function findSheets(stream: Uint8Array): SheetPlace[] {
  const bytes = Buffer.from(stream.buffer, stream.byteOffset, stream.byteLength)
  const sheets: SheetPlace[] = []
  for (const start of starts)
    for (let at = bytes.indexOf(start); at >= 0 && sheets.length < mostFound; at = bytes.indexOf(start, at + 1))
      sheets.push({ name: `Sheet ${sheets.length + 1}`, offset: at, hidden: false })
  return sheets
}

const mostFound = 256
/** The first record of a worksheet in BIFF8 and BIFF5: its number, size, version, and the kind of part. */
const starts = [
  [9, 8, 16, 0, 0, 6, 16, 0],
  [9, 8, 8, 0, 0, 5, 16, 0],
].map((start) => Buffer.from(start))

function readStrings(records: XlsRecords, limits: Limits): string[] {
  const reader = records.continued(8)
  const strings: string[] = []
  let total = 0
  while (!reader.done) {
    const text = reader.richString()
    total += text.length
    if (total > limits.maxOutputChars)
      throw new FormatError('output_too_large', `Its cells hold more than ${limits.maxOutputChars} characters`)
    strings.push(text)
  }
  return strings
}
