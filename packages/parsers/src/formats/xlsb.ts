import { refuseEncryptedPackage } from '../cfb.ts'
import type { Format, FormatInput, FormatOutput } from '../format.ts'
import { BlockWriter } from '../office/blocks.ts'
import { openPackage } from '../office/package.ts'
import { readProperties } from '../office/properties.ts'
import { workbookOutput } from '../office/sheet-facts.ts'
import { writeXlsbBook } from '../office/xlsb-book.ts'

/** Excel's binary workbooks ([MS-XLSB]). */
export const xlsb: Format = {
  name: 'xlsb',
  mimeTypes: ['application/vnd.ms-excel.sheet.binary.macroenabled.12'],
  extensions: ['xlsb'],
  parse,
}

function parse({ bytes, limits }: FormatInput): FormatOutput {
  refuseEncryptedPackage(bytes, limits, 'Excel workbook')
  const pack = openPackage(bytes, limits, 'Excel workbook', 'xl/workbook.bin')
  const out = new BlockWriter(limits.maxOutputChars)
  const { sheets, hidden } = writeXlsbBook(pack, out)
  const { properties } = readProperties(pack)
  return workbookOutput(out, properties, { sheets, hidden })
}
