import { FormatError, type Limits } from '../format.ts'
import type { BlockWriter } from './blocks.ts'
import { cellName } from './cell-name.ts'
import { GridWriter } from './grid.ts'
import { Margins } from './margins.ts'
import { type NumberKind, numberKind, showNumber } from './number-format.ts'
import { scanBytes } from './package.ts'
import { addSheetMargin } from './sheet-margins.ts'
import type { WrittenBook } from './xls-book.ts'
import { attr, numberAttr } from './xml.ts'

const maxCellChars = 32_767
const maxColumns = 16_384
const maxLinks = 5000
const mostParents = 8

/** Formats that have names here, and codes everywhere else. */
const named: Readonly<Record<string, string>> = {
  'General Number': 'General',
  'General Date': 'm/d/yyyy h:mm',
  'Long Date': 'dddd, mmmm d, yyyy',
  'Medium Date': 'd-mmm-yy',
  'Short Date': 'm/d/yyyy',
  'Long Time': 'h:mm:ss AM/PM',
  'Medium Time': 'h:mm AM/PM',
  'Short Time': 'h:mm',
  Currency: '"$"#,##0.00',
  'Euro Currency': '"€"#,##0.00',
  Fixed: '0.00',
  Standard: '#,##0.00',
  Percent: '0.00%',
  Scientific: '0.00E+00',
  'Yes/No': '"Yes";"Yes";"No"',
  'True/False': '"True";"True";"False"',
  'On/Off': '"On";"On";"Off"',
}

/** Writes the sheets of an XML Spreadsheet ("XML Spreadsheet Reference" of Office 2003). Throws FormatError `corrupt`. */
export function writeXmlSpreadsheet(bytes: Uint8Array, out: BlockWriter, limits: Limits): WrittenBook {
  const styles = new Map<string, NumberKind>()
  const parents = new Map<string, string>()
  const hidden: string[] = []
  const comments: string[] = []
  const links: string[] = []
  const margins = new Margins()
  let grid: GridWriter | undefined
  let sheets = 0
  let title = ''
  let style = ''
  let row = -1
  let column = -1
  let cells: string[] = []
  let across = 0
  let tableStyle: string | undefined
  let columnStyles: (string | undefined)[] = []
  let columns = 0
  let rowStyle: string | undefined
  let rowSpan = 0
  let cellStyle = 'Default'
  let type = ''
  let text: string | undefined
  let comment: string | undefined
  let visible: string | undefined
  let date1904 = false

  /** A style has what it does not say itself from its parent. */
  const kindOf = (style: string): NumberKind | undefined => {
    let from: string | undefined = style
    for (let n = 0; n < mostParents && from !== undefined; n++) {
      const kind = styles.get(from)
      if (kind) return kind
      from = parents.get(from)
    }
    return styles.get('Default')
  }
  const endCell = (): void => {
    if (text === undefined || column >= maxColumns) return
    cells[column] = shown(text, type, kindOf(cellStyle), date1904)
  }
  const complete = scanBytes(bytes, limits, {
    open(name, attrs) {
      switch (name) {
        case 'Style':
          style = attr(attrs, 'ID') ?? ''
          if (attr(attrs, 'Parent') !== undefined) parents.set(style, attr(attrs, 'Parent') ?? '')
          break
        case 'NumberFormat': {
          const format = attr(attrs, 'Format') ?? 'General'
          styles.set(style, numberKind(named[format] ?? format))
          break
        }
        case 'Date1904':
          date1904 = true
          break
        case 'Worksheet':
          sheets++
          title = attr(attrs, 'Name') ?? `Sheet ${sheets}`
          out.page()
          out.heading(2, title)
          grid = new GridWriter(out)
          row = -1
          break
        case 'Table':
          tableStyle = attr(attrs, 'StyleID')
          columnStyles = []
          columns = 0
          break
        case 'Column': {
          const from = Math.max(columns, (numberAttr(attrs, 'Index') ?? 0) - 1)
          columns = Math.min(maxColumns, from + 1 + Math.max(0, numberAttr(attrs, 'Span') ?? 0))
          const own = attr(attrs, 'StyleID')
          if (own !== undefined) for (let n = from; n < columns; n++) columnStyles[n] = own
          break
        }
        case 'Row':
          rowStyle = attr(attrs, 'StyleID')
          rowSpan = Math.max(0, numberAttr(attrs, 'Span') ?? 0)
          row = Math.max(row + 1, (numberAttr(attrs, 'Index') ?? 0) - 1)
          column = -1
          cells = []
          break
        case 'Cell': {
          column = Math.max(column + 1, (numberAttr(attrs, 'Index') ?? 0) - 1)
          cellStyle = attr(attrs, 'StyleID') ?? rowStyle ?? columnStyles[column] ?? tableStyle ?? 'Default'
          across = Math.min(maxColumns, Math.max(0, numberAttr(attrs, 'MergeAcross') ?? 0))
          text = undefined
          const target = attr(attrs, 'HRef')
          if (target !== undefined && !target.startsWith('#') && links.length < maxLinks)
            links.push(`${cellName(row, column)}: <${target}>`)
          break
        }
        case 'Data':
          if (comment !== undefined) break
          type = attr(attrs, 'Type') ?? 'String'
          text = ''
          break
        case 'Comment':
          comment = ''
          break
        case 'Visible':
          visible = ''
          break
        case 'Header':
        case 'Footer':
          addSheetMargin(attr(attrs, 'Data') ?? '', margins)
          break
      }
      return name === 'Names' || name === 'PivotTable' || name === 'ConditionalFormatting'
    },
    text(piece) {
      if (visible !== undefined) visible += piece
      else if (comment !== undefined) comment += piece
      else if (text !== undefined && text.length < maxCellChars) text += piece
    },
    close(name) {
      switch (name) {
        case 'Data':
          if (comment === undefined) {
            endCell()
            text = undefined
          }
          break
        case 'Comment': {
          const line = comment?.trim().split(/\s+/).join(' ')
          if (line && comments.length < limits.maxEntries)
            comments.push(`> Comment (${cellName(row, column)}): ${line}`)
          comment = undefined
          break
        }
        case 'Cell':
          // What goes over several columns counts for all of them.
          column += across
          break
        case 'Row':
          grid?.row(row, cells)
          // As many empty ones like it follow.
          row += rowSpan
          break
        case 'Visible':
          if (/^\s*Sheet(Very)?Hidden/.test(visible ?? '')) hidden.push(title)
          visible = undefined
          break
        case 'Worksheet':
          grid?.flush()
          for (const line of comments.splice(0)) out.text(line)
          for (const link of links.splice(0)) out.item(0, '-', link)
          break
      }
    },
  })
  grid?.flush()
  margins.write(out)
  if (!complete && sheets === 0) throw new FormatError('corrupt', 'Its XML is damaged')
  return { sheets, hidden }
}

function shown(text: string, type: string, kind: NumberKind | undefined, date1904: boolean): string {
  switch (type) {
    case 'Number': {
      const value = Number(text)
      return Number.isFinite(value) ? showNumber(value, kind, date1904) : text
    }
    case 'DateTime': {
      const moment = Date.parse(`${text.slice(0, 23)}Z`)
      if (Number.isNaN(moment)) return text
      const serial = moment / 86_400_000 + 25_569
      return showNumber(serial, kind?.kind === 'date' ? kind : numberKind('yyyy-mm-dd hh:mm:ss'), false)
    }
    case 'Boolean':
      return text.trim() === '1' ? 'TRUE' : 'FALSE'
    default:
      return text
  }
}
