import { closingQuote } from './csv-rows.ts'

const [space, numberSign, quote] = [32, 35, 34] as const
const sampleBytes = 64 * 1024
const sampleRows = 200
/** Rows of one cell before a table that are taken for its titles; comments may be more. */
const mostTitles = 10
/** Of the rows behind the notes, how many have as many cells as the first of them. */
const leastEven = 0.8

/** Lines that stand before a table, without their marks, and where the table itself begins. */
export interface Notes {
  readonly text: string
  readonly end: number
}

interface HeadRow {
  readonly start: number
  readonly end: number
  readonly cells: number
  readonly filled: number
  readonly isComment: boolean
  /** Only its first cell has text. */
  readonly isTitle: boolean
  /** Where the first cell ends, or all of a comment. */
  readonly textEnd: number
}

/**
 * Titles and comments before a table of separated values: rows of one cell, or such as begin with `#` and have other
 * numbers of cells than the table. None where what follows is not a table of at least two columns.
 */
export function notesBefore(bytes: Uint8Array, delimiter: number): Notes {
  const none: Notes = { text: '', end: 0 }
  const rows = headRows(bytes, delimiter)
  const body = rows.find(isHeader)
  if (!body) return none
  // `#id,name` names the columns, and a lone cell elsewhere than in the first column belongs to them.
  const first = rows.findIndex(({ isComment, isTitle, cells }) => !(isComment ? cells !== body.cells : isTitle))
  const notes = rows.slice(0, first)
  const rest = rows.slice(first).filter(({ isComment }) => !isComment)
  const even = rest.filter(({ cells }) => cells === body.cells).length
  if (notes.length === 0 || rest.length < 2 || even < rest.length * leastEven) return none
  if (notes.filter(({ isComment }) => !isComment).length > mostTitles) return none
  return {
    text: notes
      .map(({ start, textEnd }) => noteText(bytes.subarray(start, textEnd)))
      .filter((text) => text !== '')
      .join('\n'),
    end: notes.at(-1)!.end,
  }
}

function isHeader({ isComment, filled }: HeadRow): boolean {
  return !isComment && filled > 1
}

function headRows(bytes: Uint8Array, delimiter: number): HeadRow[] {
  const rows: HeadRow[] = []
  const end = Math.min(bytes.length, sampleBytes)
  for (let at = 0; at < end && rows.length < sampleRows; ) {
    const row = readRow(bytes, at, delimiter)
    at = row.end
    // One that goes on behind the sample is not known as a whole.
    if (at > sampleBytes) break
    if (row.filled > 0) rows.push(row)
    // Most files begin with their table.
    if (rows.length === 1 && isHeader(row)) break
  }
  return rows
}

function readRow(bytes: Uint8Array, start: number, delimiter: number): HeadRow {
  let cells = 1
  let filled = 0
  let isBlank = true
  let isTitle = false
  let firstEnd = -1
  let at = start
  for (; at < bytes.length && !isEnd(bytes[at]!); at++) {
    const byte = bytes[at]!
    if (byte === delimiter) {
      if (firstEnd < 0) firstEnd = at
      cells++
      isBlank = true
      continue
    }
    const opens = byte === quote && isBlank
    const from = at
    if (opens) at = closingQuote(bytes, at + 1)
    if (!isBlank || byte === space || (opens && at - from < 2)) continue
    isBlank = false
    if (filled++ === 0) isTitle = cells === 1
  }
  const isComment = bytes[start] === numberSign
  const textEnd = isComment || firstEnd < 0 ? at : firstEnd
  while (at < bytes.length && isEnd(bytes[at]!)) at++
  return { start, end: at, cells, filled, isComment, isTitle: isTitle && filled === 1, textEnd }
}

function isEnd(byte: number): boolean {
  return byte === 10 || byte === 13
}

/** On one line, without quotes and the mark of a comment, and nothing that Markdown takes for a heading or a fence. */
function noteText(bytes: Uint8Array): string {
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('utf8')
    .trim()
    .replace(/^#+/, '')
    .replace(/^"(.*)"$/s, '$1')
    .replaceAll('""', '"')
    .split(/\s+/)
    .join(' ')
    .trim()
  return /^(#{1,6}\s|```|~~~)/.test(line) ? `\\${line}` : line
}
