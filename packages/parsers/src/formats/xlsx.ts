import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { BlockWriter } from '../office/blocks.ts'
import { Margins } from '../office/margins.ts'
import { type OfficePackage, openPackage, scanPart } from '../office/package.ts'
import { readProperties } from '../office/properties.ts'
import { readSharedStrings, sheetWalk, type Workbook } from '../office/sheet.ts'
import { readSheetComments } from '../office/sheet-comments.ts'
import { readSheetControls } from '../office/sheet-controls.ts'
import { writeSheetDrawing } from '../office/sheet-drawing.ts'
import { workbookOutput } from '../office/sheet-facts.ts'
import { readSheetStyles } from '../office/sheet-styles.ts'
import { attr } from '../office/xml.ts'

/** Excel workbooks (ECMA-376 SpreadsheetML), templates and macros as well. */
export const xlsx: Format = {
  name: 'xlsx',
  mimeTypes: [
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.template',
    'application/vnd.ms-excel.sheet.macroenabled.12',
    'application/vnd.ms-excel.template.macroenabled.12',
  ],
  extensions: ['xlsx', 'xlsm', 'xltx', 'xltm'],
  parse,
}

interface Sheet {
  readonly name: string
  readonly part: string
  readonly hidden: boolean
}

function parse({ bytes, limits }: FormatInput): FormatOutput {
  const pack = openPackage(bytes, limits, 'Excel workbook', 'xl/workbook.xml')
  if (/\.bin$/i.test(pack.main) || (!pack.zip.find(pack.main) && pack.zip.find('xl/workbook.bin'))) {
    throw new FormatError('unsupported_type', 'It is a binary workbook (XLSB) named as XLSX')
  }
  const rels = pack.relationships(pack.main)
  const partOf = (type: string): string =>
    rels.find((rel) => rel.type === type && !rel.external)?.target ?? `xl/${type}.xml`
  const { sheets, date1904 } = readWorkbook(pack)
  const book: Workbook = {
    strings: readSharedStrings(pack, partOf('sharedStrings')),
    styles: readSheetStyles(pack, partOf('styles')),
    date1904,
  }
  const out = new BlockWriter(limits.maxOutputChars)
  const margins = new Margins()
  const damaged: string[] = []
  let readable = 0
  for (const sheet of sheets) {
    out.page()
    out.heading(2, sheet.name)
    const before = out.length
    const complete = writeSheet(pack, sheet, book, out, margins)
    if (!complete) damaged.push(sheet.name)
    if (complete || out.length > before) readable++
  }
  if (sheets.length > 0 && readable === 0) throw new FormatError('corrupt', 'None of its sheets can be read')
  margins.write(out)
  const { properties } = readProperties(pack)
  const hidden = sheets.filter((sheet) => sheet.hidden).map(({ name }) => name)
  return workbookOutput(out, properties, { sheets: sheets.length, hidden, damaged })
}

function readWorkbook(pack: OfficePackage): { sheets: readonly Sheet[]; date1904: boolean } {
  const rels = new Map(pack.relationships(pack.main).map((rel) => [rel.id, rel]))
  const sheets: Sheet[] = []
  let date1904 = false
  const complete = scanPart(pack.zip, pack.main, pack.limits, {
    open(name, attrs) {
      if (name === 'workbookPr') {
        const value = attr(attrs, 'date1904')
        date1904 = value === '1' || value === 'true'
      } else if (name === 'sheet') {
        const part = rels.get(attr(attrs, 'id') ?? '')?.target
        if (part !== undefined && pack.zip.find(part))
          sheets.push({
            name: attr(attrs, 'name') ?? `Sheet ${sheets.length + 1}`,
            part,
            hidden: (attr(attrs, 'state') ?? 'visible') !== 'visible',
          })
      }
      return name === 'extLst'
    },
  })
  if (sheets.length === 0) {
    for (const { path } of pack.zip.entries) {
      const name = /(^|\/)worksheets\/(sheet\d+)\.xml$/i.exec(path)?.[2]
      if (name !== undefined) sheets.push({ name, part: path, hidden: false })
    }
  }
  if (!complete && sheets.length === 0) throw new FormatError('corrupt', 'It has no workbook part (xl/workbook.xml)')
  return { sheets, date1904 }
}

function writeSheet(pack: OfficePackage, sheet: Sheet, book: Workbook, out: BlockWriter, margins: Margins): boolean {
  const rels = pack.relationships(sheet.part)
  const walk = sheetWalk(out, book, new Map(rels.map((rel) => [rel.id, rel])), margins)
  const complete = scanPart(pack.zip, sheet.part, pack.limits, walk.on)
  const hasThreads = rels.some(({ type }) => type === 'threadedComment')
  for (const rel of rels) {
    if (rel.external) continue
    if (rel.type === 'comments' || rel.type === 'threadedComment') {
      for (const comment of readSheetComments(pack, rel.target, hasThreads)) out.text(comment)
    } else if (rel.type === 'drawing') writeSheetDrawing(pack, rel.target, out)
  }
  for (const text of readSheetControls(pack, rels)) out.text(text)
  for (const link of walk.links) out.item(0, '-', link)
  return complete
}
