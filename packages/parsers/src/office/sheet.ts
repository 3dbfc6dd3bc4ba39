import { FormatError, type Limits } from '../format.ts'
import type { BlockWriter } from './blocks.ts'
import { cellName, formulaLink, withPlace } from './cell-name.ts'
import { GridWriter } from './grid.ts'
import type { Margins } from './margins.ts'
import { type NumberKind, showNumberText } from './number-format.ts'
import { type OfficePackage, type Relationship, scanPart } from './package.ts'
import { addSheetMargin } from './sheet-margins.ts'
import { attr, numberAttr, type XmlHandlers } from './xml.ts'

const maxCellChars = 32_767
const maxFormula = 4000

export interface Workbook {
  readonly strings: readonly string[]
  readonly styles: readonly NumberKind[]
  readonly date1904: boolean
}

/** xl/sharedStrings.xml: rich text joined, phonetic guides left out. */
export function readSharedStrings(pack: OfficePackage, part: string): string[] {
  const strings: string[] = []
  let text = ''
  let total = 0
  let inText = false
  scanPart(pack.zip, part, pack.limits, {
    open(name) {
      if (name === 't') inText = true
      return name === 'rPh' || name === 'rPr'
    },
    text(piece) {
      if (!inText) return
      text += piece
      total += piece.length
      if (total > pack.limits.maxOutputChars) throw tooMuch(pack.limits)
    },
    close(name) {
      if (name === 't') inText = false
      else if (name === 'si') {
        strings.push(unescaped(text))
        text = ''
      }
    },
  })
  return strings
}

function tooMuch(limits: Limits): FormatError {
  return new FormatError(
    'output_too_large',
    `Its cells hold more than ${limits.maxOutputChars.toLocaleString('en')} characters`,
  )
}

/** Hears a worksheet part and writes its rows as they come. */
export function sheetWalk(
  out: BlockWriter,
  book: Workbook,
  rels: ReadonlyMap<string, Relationship>,
  margins: Margins,
): { readonly on: XmlHandlers; readonly links: readonly string[] } {
  const grid = new GridWriter(out)
  const links: string[] = []
  let cells: string[] = []
  let row = -1
  let column = -1
  let type = ''
  let style = 0
  let value = ''
  let collecting = false
  let formula: string | undefined
  let margin: string | undefined

  const endCell = (): void => {
    if (value === '') return
    const text = cellValue(book, type, style, value.length > maxCellChars ? value.slice(0, maxCellChars) : value)
    if (column < 16_384) cells[column] = text
    value = ''
  }

  const on: XmlHandlers = {
    open(name, attrs) {
      switch (name) {
        case 'c': {
          const at = columnOf(attr(attrs, 'r'))
          column = at < 0 ? column + 1 : at
          type = attr(attrs, 't') ?? 'n'
          style = type === 'n' ? (numberAttr(attrs, 's') ?? 0) : 0
          value = ''
          return undefined
        }
        case 'v':
        case 't':
          collecting = true
          return undefined
        case 'f':
          formula = ''
          return undefined
        case 'row':
          cells = []
          column = -1
          row = (numberAttr(attrs, 'r') ?? row + 2) - 1
          return undefined
        case 'hyperlink': {
          const rel = rels.get(attr(attrs, 'id') ?? '')
          if (rel?.external && links.length < 5000)
            links.push(`${attr(attrs, 'ref') ?? ''}: <${withPlace(rel.target, attr(attrs, 'location'))}>`)
          return undefined
        }
        case 'oddHeader':
        case 'oddFooter':
        case 'evenHeader':
        case 'evenFooter':
        case 'firstHeader':
        case 'firstFooter':
          margin = ''
          return undefined
        default:
          return name === 'rPh' || name === 'cols' || name === 'conditionalFormatting' || name === 'extLst'
      }
    },
    text(text) {
      if (formula !== undefined) {
        if (formula.length < maxFormula) formula += text
      } else if (margin !== undefined) {
        if (margin.length < maxFormula) margin += text
      } else if (collecting && value.length <= maxCellChars) value += text
    },
    close(name) {
      switch (name) {
        case 'c':
          endCell()
          break
        case 'v':
        case 't':
          collecting = false
          break
        case 'f': {
          const target = formula?.startsWith('HYPERLINK(') ? formulaLink(formula) : undefined
          if (target !== undefined && links.length < 5000) links.push(`${cellName(row, column)}: <${target}>`)
          formula = undefined
          break
        }
        case 'row':
          grid.row(row, cells)
          break
        case 'sheetData':
          grid.flush()
          break
        default:
          if (margin === undefined) break
          addSheetMargin(margin, margins)
          margin = undefined
      }
    },
  }
  return { on, links }
}

function cellValue(book: Workbook, type: string, style: number, value: string): string {
  if (type === 's') return book.strings[Number(value)] ?? ''
  if (type === 'n') return showNumberText(value.trim(), book.styles[style], book.date1904)
  if (type === 'b') return value === '1' || value === 'true' ? 'TRUE' : 'FALSE'
  if (type === 'd')
    return value
      .replace(/T00:00:00(\.0+)?Z?$/, '')
      .replace('T', ' ')
      .replace(/\.0+Z?$/, '')
  return unescaped(value)
}

/** `_x000D_` is a character that XML cannot hold (ECMA-376 part 1, 22.9.2.19). */
function unescaped(text: string): string {
  return text.includes('_x')
    ? text.replace(/_x([0-9a-f]{4})_/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text
}

/** `BC12` is column 54; -1 when there is no reference. */
function columnOf(ref: string | undefined): number {
  if (ref === undefined) return -1
  let column = 0
  for (let n = 0; n < ref.length && n < 4; n++) {
    const code = ref.charCodeAt(n) & ~32
    if (code < 65 || code > 90) break
    column = column * 26 + code - 64
  }
  return column - 1
}
