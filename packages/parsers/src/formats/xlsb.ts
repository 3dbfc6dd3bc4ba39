import { refuseEncryptedPackage } from '../cfb.ts'
import type { Format, FormatInput, FormatOutput } from '../format.ts'
import { BlockWriter } from '../office/blocks.ts'
import { openPackage } from '../office/package.ts'
import { readProperties } from '../office/properties.ts'
import { writeWithSheetJs } from '../office/sheetjs.ts'

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
  // SheetJS inflates without bounds: each part it will read is inflated here first, under the limits.
  for (const entry of pack.zip.entries) if (/\.(bin|xml|rels)$/i.test(entry.path)) pack.zip.read(entry)
  const out = new BlockWriter(limits.maxOutputChars)
  const pages = writeWithSheetJs(bytes, out, limits)
  const { properties } = readProperties(pack)
  return { ...properties, markdown: out.finish(), pages, pageOffsets: out.pageOffsets }
}
