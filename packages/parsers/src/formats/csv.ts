import type { Format, FormatOutput } from '../format.ts'
import { utf8Bytes } from '../text.ts'
import { notesBefore } from './csv-notes.ts'
import { guessDelimiter } from './csv-rows.ts'
import { writeTable } from './csv-table.ts'

const tab = 9

export const csv: Format = {
  name: 'csv',
  mimeTypes: ['text/csv', 'text/tab-separated-values'],
  extensions: ['csv', 'tsv', 'tab'],
  async parse({ bytes: file, limits, mimeType }): Promise<FormatOutput> {
    const bytes = await utf8Bytes(file)
    const told = toldDelimiter(bytes)
    const delimiter = told?.delimiter ?? (mimeType === 'text/tab-separated-values' ? tab : guessDelimiter(bytes))
    const data = told ? bytes.subarray(told.end) : bytes
    const notes = notesBefore(data, delimiter)
    const { markdown, rows, columns } = writeTable(data.subarray(notes.end), delimiter, limits.maxOutputChars)
    return {
      markdown: notes.text === '' ? markdown : `${notes.text}\n\n${markdown}`,
      metadata: { rows, columns },
    }
  },
}

/** Excel writes the delimiter into a line of its own: `sep=;`. */
function toldDelimiter(bytes: Uint8Array): { readonly delimiter: number; readonly end: number } | undefined {
  const [first] = bytes
  if (first !== 115 && first !== 83 && first !== 34) return undefined
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 16)).toString('latin1')
  const told = /^"?sep=([\x01-\x7f])"?(?:\r\n?|\n)/i.exec(head)
  return told ? { delimiter: told[1]!.charCodeAt(0), end: told[0].length } : undefined
}
