import { FormatError } from '../format.ts'
import type { BlockWriter } from './blocks.ts'
import { cellName } from './cell-name.ts'
import { Margins } from './margins.ts'
import { builtInKind, type NumberKind, numberKind } from './number-format.ts'
import type { OfficePackage } from './package.ts'
import { readSheetComments, sheetCommentLine } from './sheet-comments.ts'
import { readSheetControls } from './sheet-controls.ts'
import { writeSheetDrawing } from './sheet-drawing.ts'
import type { WrittenBook } from './xls-book.ts'
import { scanXlsb } from './xlsb-records.ts'
import { writeXlsbCells } from './xlsb-sheet.ts'

export interface XlsbBook {
  readonly strings: readonly string[]
  readonly styles: readonly NumberKind[]
  readonly date1904: boolean
}

const record = {
  sharedString: 19,
  format: 44,
  cellLook: 47,
  properties: 153,
  sheet: 156,
  beginLooks: 617,
  endLooks: 618,
  author: 632,
  comment: 635,
  commentText: 637,
} as const

/** Writes the sheets of a binary workbook ([MS-XLSB]). */
export function writeXlsbBook(pack: OfficePackage, out: BlockWriter): WrittenBook {
  const rels = pack.relationships(pack.main)
  const byId = new Map(rels.map((rel) => [rel.id, rel]))
  const partOf = (type: string): string =>
    rels.find((rel) => rel.type === type && !rel.external)?.target ?? `xl/${type}.bin`
  const sheets: { readonly name: string; readonly part: string; readonly hidden: boolean }[] = []
  let date1904 = false
  scanXlsb(pack, pack.main, (type, data) => {
    if (type === record.properties) date1904 = (data.long() & 1) === 1
    else if (type === record.sheet && sheets.length < pack.limits.maxEntries) {
      const hidden = data.long() !== 0
      data.at = 8
      const part = byId.get(data.text())?.target
      const name = data.text()
      if (part !== undefined && pack.zip.find(part))
        sheets.push({ name: name || `Sheet ${sheets.length + 1}`, part, hidden })
    }
  })
  if (sheets.length === 0)
    for (const { path } of pack.zip.entries) {
      const name = /(^|\/)worksheets\/(sheet\d+)\.bin$/i.exec(path)?.[2]
      if (name !== undefined) sheets.push({ name, part: path, hidden: false })
    }
  if (sheets.length === 0) throw new FormatError('corrupt', 'It has no sheets that can be read')
  const book: XlsbBook = {
    strings: readStrings(pack, partOf('sharedStrings')),
    styles: readStyles(pack, partOf('styles')),
    date1904,
  }
  const margins = new Margins()
  for (const { name, part } of sheets) {
    out.page()
    out.heading(2, name)
    const own = pack.relationships(part)
    const links = writeXlsbCells(pack, part, book, new Map(own.map((rel) => [rel.id, rel])), out, margins)
    const hasThreads = own.some(({ type }) => type === 'threadedComment')
    for (const rel of own) {
      if (rel.external) continue
      if (rel.type === 'comments') writeComments(pack, rel.target, hasThreads, out)
      else if (rel.type === 'threadedComment')
        for (const comment of readSheetComments(pack, rel.target, true)) out.text(comment)
      else if (rel.type === 'drawing') writeSheetDrawing(pack, rel.target, out)
    }
    for (const text of readSheetControls(pack, own)) out.text(text)
    for (const link of links) out.item(0, '-', link)
  }
  margins.write(out)
  return { sheets: sheets.length, hidden: sheets.filter(({ hidden }) => hidden).map(({ name }) => name) }
}

function readStrings(pack: OfficePackage, part: string): string[] {
  const strings: string[] = []
  let total = 0
  scanXlsb(pack, part, (type, data) => {
    if (type !== record.sharedString) return
    const text = data.richText()
    total += text.length
    if (total > pack.limits.maxOutputChars)
      throw new FormatError('output_too_large', `Its cells hold more than ${pack.limits.maxOutputChars} characters`)
    strings.push(text)
  })
  return strings
}

function readStyles(pack: OfficePackage, part: string): NumberKind[] {
  const formats = new Map<number, NumberKind>()
  const styles: NumberKind[] = []
  let inCells = false
  scanXlsb(pack, part, (type, data) => {
    if (type === record.beginLooks) inCells = true
    else if (type === record.endLooks) inCells = false
    else if (type === record.format) formats.set(data.word(), numberKind(data.text()))
    else if (type === record.cellLook && inCells) {
      data.at = 2
      const id = data.word()
      styles.push(formats.get(id) ?? builtInKind(id))
    }
  })
  return styles
}

function writeComments(pack: OfficePackage, part: string, hasThreads: boolean, out: BlockWriter): void {
  const authors: string[] = []
  let place = ''
  let author = ''
  scanXlsb(pack, part, (type, data) => {
    if (type === record.author) authors.push(data.text().trim())
    else if (type === record.comment) {
      author = authors[data.long()] ?? ''
      const row = data.long()
      data.at = 12
      place = cellName(row, data.long())
    } else if (type === record.commentText) {
      out.text(sheetCommentLine(place, author, data.richText(), hasThreads))
    }
  })
}
