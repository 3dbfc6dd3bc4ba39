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
    // A delimiter is guessed from the first rows; one column alone gives papaparse nothing to guess from.
    Papa.parse<string[]>(text, {
      skipEmptyLines: true,
      ...(mimeType === 'text/tab-separated-values' && { delimiter: '\t' }),
      step: ({ data }) => {
        if (rows === 0) columns = Math.min(data.length, maxColumns)
        add(row(data, columns))
        if (rows++ === 0) add(`|${' --- |'.repeat(columns)}`)
      },
    })
    return { markdown: rows === 0 ? '' : `${table.join('\n')}\n`, metadata: { rows, columns } }
  },
}

function row(cells: readonly string[], columns: number): string {
  let line = '|'
  const width = Math.min(Math.max(cells.length, columns), maxColumns)
  for (let index = 0; index < width; index++) line += ` ${tableCell(cells[index] ?? '')} |`
  return line
}
