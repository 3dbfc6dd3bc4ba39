import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { BlockWriter } from '../office/blocks.ts'
import { cellName, formulaLink } from '../office/cell-name.ts'
import { GridWriter } from '../office/grid.ts'
import { Margins } from '../office/margins.ts'
import { shownDate } from '../office/number-shown.ts'
import { openOdf, readOdfProperties } from '../office/odf.ts'
import { shapes } from '../office/odf-elements.ts'
import { OdfForms } from '../office/odf-forms.ts'
import { chartTitles, chartTitleWalk } from '../office/ods-charts.ts'
import { readSheetMargins } from '../office/ods-margins.ts'
import { workbookOutput } from '../office/sheet-facts.ts'
import { attr, numberAttr, type XmlHandlers } from '../office/xml.ts'

/** OpenDocument spreadsheets, packed and flat. */
export const ods: Format = {
  name: 'ods',
  mimeTypes: [
    'application/vnd.oasis.opendocument.spreadsheet',
    'application/vnd.oasis.opendocument.spreadsheet-template',
  ],
  extensions: ['ods', 'ots', 'fods'],
  parse,
}

/** A filled cell or row that says it repeats more often than this is a fill of the background. */
const maxRepeats = 100
const maxColumns = 16_384
const maxLinks = 5000
const skipped = new Set([
  'office:meta',
  'office:styles',
  'office:master-styles',
  'office:scripts',
  'office:settings',
  'table:tracked-changes',
  'table:content-validations',
  'dc:date',
  'meta:date-string',
])

function parse({ bytes, limits }: FormatInput): FormatOutput {
  const file = openOdf({ bytes, limits })
  const out = new BlockWriter(limits.maxOutputChars)
  let grid: GridWriter | undefined
  let sheets = 0
  let row = 0
  let rowRepeats = 1
  let cells: string[] = []
  let column = 0
  let cellRepeats = 1
  let cell: string | undefined
  let stored: string | undefined
  let inText = 0
  let comment: string | undefined
  let comments: string[] = []
  let links: string[] = []
  let shape: string | undefined
  let depth = 0
  /** A chart inside a flat file. */
  let chart: XmlHandlers | undefined
  const forms = new OdfForms()
  /** The style of tables that is being read, and those that hide them. */
  let tableStyle: string | undefined
  const hidingStyles = new Set<string>()
  const hidden: string[] = []

  const put = (text: string): void => {
    if (comment !== undefined) comment += text
    else if (shape !== undefined) shape += text
    else if (cell !== undefined) cell += text
  }
  const link = (target: string | undefined): void => {
    if (target && !target.startsWith('#') && comment === undefined && links.length < maxLinks)
      links.push(`${cellName(row, column)}: <${target}>`)
  }
  const endCell = (): void => {
    const shown = cell?.trim() ?? ''
    const text = stored === undefined ? shown : shownDate(shown, stored)
    if (text === '') column += cellRepeats
    else {
      const repeats = Math.min(cellRepeats, maxRepeats)
      for (let n = 0; n < repeats && column + n < maxColumns; n++) cells[column + n] = text
      column += cellRepeats
    }
    cell = undefined
    stored = undefined
  }
  const endRow = (): void => {
    const filled = cells.length > 0
    const repeats = filled ? Math.min(rowRepeats, maxRepeats) : 0
    for (let n = 0; n < repeats; n++) grid?.row(row + n, cells)
    row += rowRepeats
    cells = []
    column = 0
  }

  const complete = file.scan('content.xml', {
    open(name, attrs) {
      if (chart) return chart.open?.(name, attrs)
      if (skipped.has(name)) return true
      switch (name) {
        case 'style:style':
          tableStyle = attr(attrs, 'style:family') === 'table' ? attr(attrs, 'style:name') : undefined
          return tableStyle === undefined
        case 'style:table-properties':
          if (attr(attrs, 'table:display') === 'false' && tableStyle !== undefined) hidingStyles.add(tableStyle)
          return true
        case 'table:table': {
          // A table in a cell is no sheet.
          if (depth++ > 0) return undefined
          sheets++
          const title = attr(attrs, 'table:name') ?? `Sheet ${sheets}`
          if (hidingStyles.has(attr(attrs, 'table:style-name') ?? '')) hidden.push(title)
          out.page()
          out.heading(2, title)
          grid = new GridWriter(out)
          row = 0
          break
        }
        case 'draw:object': {
          const path = attr(attrs, 'xlink:href')
          if (path === undefined) chart = chartTitleWalk(comments)
          else comments.push(...chartTitles(file, path))
          break
        }
        case 'draw:control': {
          const shown = forms.text(attr(attrs, 'draw:control'))
          if (shown !== '') comments.push(shown)
          break
        }
        case 'table:table-row':
          rowRepeats = Math.max(1, numberAttr(attrs, 'number-rows-repeated') ?? 1)
          break
        case 'table:table-cell':
        case 'table:covered-table-cell':
          cell = ''
          stored = attrs.includes('date-value') ? attr(attrs, 'office:date-value') : undefined
          cellRepeats = Math.max(1, numberAttr(attrs, 'number-columns-repeated') ?? 1)
          if (attrs.includes('HYPERLINK(')) link(formulaLink(attr(attrs, 'table:formula') ?? ''))
          break
        case 'text:p':
          inText++
          if (cell) put('\n')
          break
        case 'text:a':
          link(attr(attrs, 'xlink:href'))
          break
        case 'text:s':
          put(' '.repeat(Math.min(100, Math.max(1, numberAttr(attrs, 'text:c') ?? 1))))
          break
        case 'text:tab':
        case 'text:line-break':
          put(' ')
          break
        case 'office:annotation':
          comment = ''
          break
        default:
          if (shapes.has(name)) shape = ''
          else if (name.startsWith('form:')) return forms.open(name, attrs)
      }
      return name.startsWith('number:')
    },
    text(text) {
      if (chart) chart.text?.(text)
      else if (inText > 0) put(text)
    },
    close(name) {
      if (chart) {
        chart.close?.(name)
        if (name === 'draw:object') chart = undefined
        return
      }
      switch (name) {
        case 'table:table':
          if (--depth > 0) return
          grid?.flush()
          for (const text of comments) out.text(text)
          for (const link of links) out.item(0, '-', link)
          comments = []
          links = []
          break
        case 'table:table-row':
          endRow()
          break
        case 'table:table-cell':
        case 'table:covered-table-cell':
          endCell()
          break
        case 'text:p':
          inText--
          if (comment !== undefined || shape !== undefined) put(' ')
          break
        case 'office:annotation': {
          const text = comment?.trim().split(/\s+/).join(' ')
          if (text) comments.push(`> Comment (${cellName(row, column)}): ${text}`)
          comment = undefined
          break
        }
        default:
          if (!shapes.has(name)) break
          if (shape?.trim()) comments.push(shape.trim())
          shape = undefined
      }
    },
  })
  grid?.flush()
  if (!complete && sheets === 0) throw new FormatError('corrupt', 'Its content.xml is damaged')
  const margins = new Margins()
  readSheetMargins(file, margins)
  margins.write(out)
  const { properties } = readOdfProperties(file)
  return workbookOutput(out, properties, { sheets, hidden })
}
