import { readXls, type Workbook } from 'hucre'
import { isCompoundFile, openCompoundFile } from '../cfb.ts'
import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { BlockWriter } from '../office/blocks.ts'
import { GridWriter } from '../office/grid.ts'
import { readOleProperties } from '../office/ole-properties.ts'
import { showNumber } from '../office/sheet-styles.ts'
import { writeWithSheetJs } from '../office/sheetjs.ts'

/** Excel 97 to 2003 with hucre; what it cannot read (BIFF 2 to 5, odd records) with SheetJS. */
export const xls: Format = {
  name: 'xls',
  mimeTypes: ['application/vnd.ms-excel'],
  extensions: ['xls', 'xlt'],
  parse,
}

async function parse({ bytes, limits }: FormatInput): Promise<FormatOutput> {
  const file = isCompoundFile(bytes) ? openCompoundFile(bytes, limits) : undefined
  const stream = file?.stream('Workbook') ?? file?.stream('Book')
  if (file && !stream) throw new FormatError('corrupt', 'It has no Workbook stream')
  if (stream && isEncrypted(stream)) throw new FormatError('encrypted', 'The workbook is protected with a password')
  const properties = file ? readOleProperties(file).properties : {}
  let out = new BlockWriter(limits.maxOutputChars)
  let pages: number
  try {
    if (stream && showsPercent(stream)) pages = writeWithSheetJs(bytes, out, limits)
    else {
      const book = await readXls(bytes)
      writeBook(book, out)
      pages = book.sheets.length
    }
  } catch (error) {
    if (error instanceof FormatError) throw error
    out = new BlockWriter(limits.maxOutputChars)
    pages = writeWithSheetJs(bytes, out, limits)
  }
  return { ...properties, markdown: out.finish(), pages, pageOffsets: out.pageOffsets }
}

function writeBook(book: Workbook, out: BlockWriter): void {
  for (const sheet of book.sheets) {
    out.page()
    out.heading(2, sheet.name)
    const grid = new GridWriter(out)
    sheet.rows.forEach((row, n) => {
      grid.row(n, row.map(show))
    })
    grid.flush()
  }
}

function show(value: string | number | boolean | Date | null): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return showNumber(String(value), undefined, false)
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  if (value === null || Number.isNaN(value.getTime())) return ''
  const iso = value.toISOString()
  // Before 1900 is what a time of day without a date becomes.
  if (value.getUTCFullYear() < 1900) return iso.slice(11, 19)
  return iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : iso.slice(0, 19).replace('T', ' ')
}

const endOfFile = 0x000a
const formatRecord = 0x041e
const cellLook = 0x00e0

/** Whether a cell may be shown as a percentage: the faster reader gives numbers without their formats ([MS-XLS] 2.4.353). */
function showsPercent(stream: Uint8Array): boolean {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength)
  const percent = new Set([9, 10])
  const used = new Set<number>()
  for (let at = 0; at + 4 <= stream.length; ) {
    const type = view.getUint16(at, true)
    const length = view.getUint16(at + 2, true)
    const data = at + 4
    if (type === endOfFile || data + length > stream.length) break
    if (type === formatRecord && length > 5 && stream.subarray(data + 5, data + length).includes(0x25))
      percent.add(view.getUint16(data, true))
    // Looks of styles, not of cells, have a bit of their own: every workbook has a style for percentages.
    if (type === cellLook && length >= 6 && (view.getUint16(data + 4, true) & 4) === 0)
      used.add(view.getUint16(data + 2, true))
    at = data + length
  }
  return [...used].some((format) => percent.has(format))
}

const bofRecords = new Set([0x0009, 0x0209, 0x0409, 0x0809])
const filePass = 0x002f

/** A FilePass record follows the BOF ([MS-XLS] 2.4.117). */
function isEncrypted(stream: Uint8Array): boolean {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength)
  for (let at = 0, n = 0; at + 4 <= stream.length && n < 8; n++) {
    const type = view.getUint16(at, true)
    if (type === filePass) return true
    if (n === 0 && !bofRecords.has(type)) return false
    at += 4 + view.getUint16(at + 2, true)
  }
  return false
}
