import type { BlockWriter } from './blocks.ts'
import { cellName, withPlace } from './cell-name.ts'
import { GridWriter } from './grid.ts'
import type { Margins } from './margins.ts'
import { showNumber } from './number-format.ts'
import type { OfficePackage, Relationship } from './package.ts'
import { addSheetMargin } from './sheet-margins.ts'
import { boolOrError, rkValue } from './xls-values.ts'
import type { XlsbBook } from './xlsb-book.ts'
import { scanXlsb, type XlsbRecord } from './xlsb-records.ts'

const record = {
  row: 0,
  rk: 2,
  error: 3,
  boolean: 4,
  real: 5,
  text: 6,
  sharedText: 7,
  formulaText: 8,
  formulaNumber: 9,
  formulaBoolean: 10,
  formulaError: 11,
  endOfCells: 146,
  richText: 62,
  margins: 479,
  link: 494,
} as const
/** The same without a column, which is the one after the last. */
const shortFrom = 12
const shortTo = 18
const shortBy = 11

const maxCellChars = 32_767

/** Writes a sheet's rows as they come; gives its links to elsewhere. */
export function writeXlsbCells(
  pack: OfficePackage,
  part: string,
  book: XlsbBook,
  rels: ReadonlyMap<string, Relationship>,
  out: BlockWriter,
  margins: Margins,
): readonly string[] {
  const grid = new GridWriter(out)
  const links: string[] = []
  let cells: string[] = []
  let row = -1
  let column = -1
  scanXlsb(pack, part, (type, data) => {
    if (type === record.row || type === record.endOfCells) {
      if (cells.length > 0) grid.row(row, cells)
      cells = []
      row = data.long()
      column = -1
    } else if (type === record.link) {
      const row = data.long()
      data.at = 8
      const place = cellName(row, data.long())
      data.at = 16
      const target = rels.get(data.text())
      if (target?.external && target.target !== '' && links.length < 5000)
        links.push(`${place}: <${withPlace(target.target, data.text())}>`)
    } else if (type === record.margins) {
      data.at = 2
      while (data.left() >= 4) addSheetMargin(data.text(), margins)
    } else if (type <= shortTo || type === record.richText) {
      const short = type >= shortFrom && type <= shortTo
      column = short ? column + 1 : data.long()
      const style = data.long() & 0xffffff
      const text = cellText(short ? type - shortBy : type, data, style, book)
      if (text !== '' && column < 16_384)
        cells[column] = text.length > maxCellChars ? text.slice(0, maxCellChars) : text
    }
  })
  if (cells.length > 0) grid.row(row, cells)
  grid.flush()
  return links
}

function cellText(type: number, data: XlsbRecord, style: number, book: XlsbBook): string {
  switch (type) {
    case record.rk:
      return data.left() < 4 ? '' : number(rkValue(data.int()), style, book)
    case record.real:
    case record.formulaNumber:
      return number(data.double(), style, book)
    case record.boolean:
    case record.formulaBoolean:
      return boolOrError(false, data.byte())
    case record.error:
    case record.formulaError:
      return boolOrError(true, data.byte())
    case record.text:
    case record.formulaText:
      return data.text()
    case record.sharedText:
      return book.strings[data.long()] ?? ''
    case record.richText:
      return data.richText()
    default:
      return ''
  }
}

function number(value: number, style: number, book: XlsbBook): string {
  return showNumber(value, book.styles[style], book.date1904)
}
