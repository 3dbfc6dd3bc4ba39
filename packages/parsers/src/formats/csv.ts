import Papa from 'papaparse'
import type { Format, FormatOutput } from '../format.ts'
import { FormatError } from '../format.ts'
import { decodeText, tableCell } from '../text.ts'

/** Cells of a row beyond these are dropped from the table: nothing readable is that wide. */
const maxColumns = 1_000

export const csv: Format = {
  name: 'csv',
  mimeTypes: ['text/csv', 'text/tab-separated-values'],
  extensions: ['csv', 'tsv', 'tab'],
  async parse({ bytes, limits, mimeType }): Promise<FormatOutput> {
    const text = await decodeText(bytes)
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
    const tabs = mimeType === 'text/tab-separated-values' ? { delimiter: '\t' } : {}
    // A delimiter is guessed from the first rows; one column alone gives papaparse nothing to guess from.
    const { meta } = Papa.parse<string[]>(text.slice(0, 65_536), { preview: 20, skipEmptyLines: true, ...tabs })
    if (isPlain(text, meta.linebreak)) {
      for (let at = 0; at < text.length; ) {
        const end = text.indexOf('\n', at)
        const line = text.slice(at, end < 0 ? undefined : text.charCodeAt(end - 1) === 13 ? end - 1 : end)
        at = end < 0 ? text.length : end + 1
        if (line !== '') plainRow(line, meta.delimiter, columns, addRow)
      }
    } else
      Papa.parse<string[]>(text, {
        skipEmptyLines: true,
        ...tabs,
        step: ({ data }) => addRow(row(data, columns), data.length),
      })
    return { markdown: rows === 0 ? '' : `${table.join('\n')}\n`, metadata: { rows, columns } }
  },
}

/** Nothing is quoted and lines end in one way: every line is a row. Several times as fast as the parser. */
function isPlain(text: string, linebreak: string): boolean {
  if (text.includes('"')) return false
  return linebreak === '\n' ? !text.includes('\r') : linebreak === '\r\n' && !/[^\r]\n|\r[^\n]/.test(text)
}

function plainRow(line: string, delimiter: string, columns: number, add: (line: string, cells: number) => void): void {
  let cells = 1
  for (let at = line.indexOf(delimiter); at >= 0; at = line.indexOf(delimiter, at + delimiter.length)) cells++
  const asIs = cells >= columns && cells <= maxColumns && !line.includes('|') && !line.includes('\r')
  add(asIs ? `| ${line.replaceAll(delimiter, ' | ')} |` : row(line.split(delimiter), columns), cells)
}

function row(cells: readonly string[], columns: number): string {
  let line = '|'
  const width = Math.min(Math.max(cells.length, columns), maxColumns)
  for (let index = 0; index < width; index++) line += ` ${tableCell(cells[index] ?? '')} |`
  return line
}
