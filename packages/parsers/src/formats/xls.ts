import { isCompoundFile, openCompoundFile } from '../cfb.ts'
import { decryptXls } from '../crypto/xls-stream.ts'
import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { BlockWriter } from '../office/blocks.ts'
import { readOleProperties } from '../office/ole-properties.ts'
import { workbookOutput } from '../office/sheet-facts.ts'
import { writeXlsBook } from '../office/xls-book.ts'
import { writeEarlyXls } from '../office/xls-early.ts'
import { writeXmlSpreadsheet } from '../office/xml-spreadsheet.ts'
import { isXmlSpreadsheet } from '../sniff/xml-spreadsheet.ts'

/** Excel 2 to 2003, record by record, and the XML of 2003 that is called XLS as well. */
export const xls: Format = {
  name: 'xls',
  mimeTypes: ['application/vnd.ms-excel'],
  extensions: ['xls', 'xlt'],
  parse,
}

function parse({ bytes, limits }: FormatInput): FormatOutput {
  const out = new BlockWriter(limits.maxOutputChars)
  const isCompound = isCompoundFile(bytes)
  if (!isCompound && isXmlSpreadsheet(bytes)) return workbookOutput(out, {}, writeXmlSpreadsheet(bytes, out, limits))
  const file = isCompound ? openCompoundFile(bytes, limits) : undefined
  const stream = file?.stream('Workbook') ?? file?.stream('Book')
  if (file && !stream) throw new FormatError('corrupt', 'It has no Workbook stream')
  const properties = file ? readOleProperties(file).properties : {}
  let book: Uint8Array | undefined = stream ?? bytes
  if (isEncrypted(book)) book = decryptXls(book)
  if (!book) throw new FormatError('encrypted', 'The workbook is protected with a password')
  if (!startsBook(book)) throw new FormatError('corrupt', 'Its workbook does not begin as one')
  const written = isExcel5OrLater(book)
    ? writeXlsBook(book, out, limits)
    : { sheets: writeEarlyXls(book, out, limits), hidden: [] }
  return workbookOutput(out, properties, written)
}

/** The lower byte of the version says nothing: 0x0580 is Excel 5 too. */
function isExcel5OrLater(stream: Uint8Array): boolean {
  return stream[1] === 0x08 && (stream[5] === 5 || stream[5] === 6)
}

function startsBook(stream: Uint8Array): boolean {
  return stream.length >= 8 && bofRecords.has(stream[0]! | (stream[1]! << 8))
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
