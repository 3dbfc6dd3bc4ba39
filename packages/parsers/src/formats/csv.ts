import type { Format, FormatOutput } from '../format.ts'
import { FormatError } from '../format.ts'
import { decodeText } from '../text.ts'
import { guessDelimiter, scanRows, tableRow } from './csv-rows.ts'

/** Cells of a row beyond these are dropped from the table: nothing readable is that wide. */
const maxColumns = 1_000

export const csv: Format = {
  name: 'csv',
  mimeTypes: ['text/csv', 'text/tab-separated-values'],
  extensions: ['csv', 'tsv', 'tab'],
  async parse({ bytes, limits, mimeType }): Promise<FormatOutput> {
    const { delimiter, text } = delimited(await decodeText(bytes), mimeType)
    const simple = simpleTable(text, delimiter, limits.maxOutputChars)
    if (simple) return simple
    const table: string[] = []
    let rows = 0
    let columns = 0
    let length = 0
    const add = (line: string): void => {
      length += line.length + 1
      if (length > limits.maxOutputChars) {
        throw new FormatError(
          'output_too_large',
          `The table has more than ${limits.maxOutputChars} characters of text.`,
        )
      }
      table.push(line)
    }
    const addRow = (line: string, cells: number): void => {
      if (rows === 0) columns = Math.min(cells, maxColumns)
      add(line)
      if (rows++ === 0) add(`|${' --- |'.repeat(columns)}`)
    }
    scanRows(text, delimiter, Number.POSITIVE_INFINITY, {
      plain: (line) => {
        const cells = count(line, delimiter)
        const asIs =
          cells >= columns && cells <= maxColumns && (delimiter === '|' || !line.includes('|')) && !line.includes('\r')
        addRow(
          asIs ? `| ${line.replaceAll(delimiter, ' | ')} |` : tableRow(line.split(delimiter), columns, maxColumns),
          cells,
        )
      },
      cells: (cells) => addRow(tableRow(cells, columns, maxColumns), cells.length),
    })
    return { markdown: rows === 0 ? '' : `${table.join('\n')}\n`, metadata: { rows, columns } }
  },
}

const patterns: ReadonlyMap<string, RegExp> = new Map([
  [',', /,/g],
  [';', /;/g],
  ['\t', /\t/g],
])

/** Where nothing is quoted or escaped the whole text becomes a table at once, several times as fast as row by row. */
function simpleTable(text: string, delimiter: string, maxChars: number): FormatOutput | undefined {
  // A pattern of one character is what the engine replaces fastest.
  const pattern = patterns.get(delimiter)
  if (pattern === undefined || text.length > maxChars || text.includes('"') || text.includes('|')) return undefined
  let body = text.includes('\r\n') ? text.replace(/\r\n/g, '\n') : text
  if (body.includes('\r')) return undefined
  if (body.startsWith('\n') || body.includes('\n\n')) body = body.replace(/\n{2,}/g, '\n').replace(/^\n/, '')
  if (body.endsWith('\n')) body = body.slice(0, -1)
  const columns = count(headOf(body), delimiter)
  if (body === '' || columns > maxColumns) return undefined
  const cells = body.replace(pattern, ' | ')
  const head = headOf(cells)
  const rows = count(body, '\n')
  const rest = rows === 1 ? '' : `| ${cells.slice(head.length + 1).replace(/\n/g, ' |\n| ')} |\n`
  const markdown = `| ${head} |\n|${' --- |'.repeat(columns)}\n${rest}`
  return markdown.length > maxChars ? undefined : { markdown, metadata: { rows, columns } }
}

function headOf(text: string): string {
  const end = text.indexOf('\n')
  return end < 0 ? text : text.slice(0, end)
}

/** Excel writes the delimiter into a line of its own: `sep=;`. */
function delimited(text: string, mimeType: string): { readonly delimiter: string; readonly text: string } {
  const told = /^sep=(.)\r?\n/i.exec(text)
  if (told) return { delimiter: told[1]!, text: text.slice(told[0].length) }
  return { delimiter: mimeType === 'text/tab-separated-values' ? '\t' : guessDelimiter(text), text }
}

/** Of cells in a line, of lines in a text. */
function count(text: string, separator: string): number {
  let parts = 1
  for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, at + 1)) parts++
  return parts
}
