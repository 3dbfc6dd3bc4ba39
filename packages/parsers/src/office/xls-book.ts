import { FormatError, type Limits } from '../format.ts'
import type { BlockWriter } from './blocks.ts'
import { builtInKind, type NumberKind, numberKind } from './number-format.ts'
import { scanRecords } from './xls-records.ts'
import { writeXlsSheet } from './xls-sheet.ts'
import { Continued, unicodeString } from './xls-strings.ts'

export interface XlsBook {
  readonly strings: readonly string[]
  /** By the index that cells name. */
  readonly styles: readonly NumberKind[]
  readonly date1904: boolean
}

interface SheetPlace {
  readonly name: string
  readonly offset: number
}

const record = {
  date1904: 0x0022,
  boundSheet: 0x0085,
  cellLook: 0x00e0,
  sharedStrings: 0x00fc,
  format: 0x041e,
} as const
const visualBasic = 6

/** Writes the sheets of an Excel 97 to 2003 workbook stream (BIFF8, [MS-XLS] 2.1.7.20); gives their number. */
export function writeXlsBook(stream: Uint8Array, out: BlockWriter, limits: Limits): number {
  const { sheets, book } = readGlobals(stream, limits)
  if (sheets.length === 0) throw new FormatError('corrupt', 'It has no sheets')
  for (const { name, offset } of sheets) {
    out.page()
    out.heading(2, name)
    writeXlsSheet(stream, offset, book, out, limits)
  }
  return sheets.length
}

function readGlobals(stream: Uint8Array, limits: Limits): { sheets: readonly SheetPlace[]; book: XlsBook } {
  const sheets: SheetPlace[] = []
  const formats = new Map<number, NumberKind>()
  const looks: number[] = []
  let strings: readonly string[] = []
  let date1904 = false
  scanRecords(stream, 0, (type, segments, view) => {
    switch (type) {
      case record.date1904:
        date1904 = view.byteLength >= 2 && view.getUint16(0, true) === 1
        break
      case record.boundSheet: {
        if (view.byteLength < 8 || view.getUint8(5) === visualBasic || sheets.length >= limits.maxEntries) break
        const name = new Continued([segments[0]!.subarray(8)]).characters(view.getUint8(6), view.getUint8(7))
        sheets.push({ name: name.replaceAll('\u0000', ''), offset: view.getUint32(0, true) })
        break
      }
      case record.format:
        if (view.byteLength > 5)
          formats.set(view.getUint16(0, true), numberKind(unicodeString([segments[0]!.subarray(2)])))
        break
      case record.cellLook:
        looks.push(view.byteLength >= 4 ? view.getUint16(2, true) : 0)
        break
      case record.sharedStrings:
        strings = readStrings(segments, limits)
        break
    }
  })
  return { sheets, book: { strings, styles: looks.map((id) => formats.get(id) ?? builtInKind(id)), date1904 } }
}

function readStrings(segments: readonly Uint8Array[], limits: Limits): string[] {
  const reader = new Continued(segments)
  const strings: string[] = []
  let total = 0
  reader.skip(8)
  while (!reader.done) {
    const text = reader.richString()
    total += text.length
    if (total > limits.maxOutputChars)
      throw new FormatError('output_too_large', `Its cells hold more than ${limits.maxOutputChars} characters`)
    strings.push(text)
  }
  return strings
}
