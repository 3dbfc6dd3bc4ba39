import { tableCell } from '../text.ts'

/** Hears each row: as lines of cells without quotes, which is most of them, or as cells. */
export interface RowHandlers {
  plain(line: string): void
  cells(cells: readonly string[]): void
}

const quote = 34

/** Rows of separated values (RFC 4180); a quote only counts where a cell begins, and one never closed takes the rest. */
export function scanRows(text: string, delimiter: string, most: number, on: RowHandlers): void {
  const newline = text.includes('\n') ? '\n' : '\r'
  let nextQuote = text.indexOf('"')
  for (let at = 0, rows = 0; at < text.length && rows < most; ) {
    const end = text.indexOf(newline, at)
    const stop = end < 0 ? text.length : end
    if (nextQuote >= 0 && nextQuote < at) nextQuote = text.indexOf('"', at)
    if (nextQuote < 0 || nextQuote >= stop) {
      const line = text.slice(at, text.charCodeAt(stop - 1) === 13 && stop > at ? stop - 1 : stop)
      at = stop + 1
      if (line === '') continue
      on.plain(line)
    } else {
      const cells: string[] = []
      at = quotedRow(text, at, delimiter, newline, cells)
      on.cells(cells)
    }
    rows++
  }
}

/** Fills `cells` with one row and gives where the next begins. */
function quotedRow(text: string, start: number, delimiter: string, newline: string, cells: string[]): number {
  // Searched for again only when passed: a row may have thousands of cells.
  let lineEnd = endOf(text, newline, start)
  let at = start
  for (;;) {
    let cell = ''
    if (text.charCodeAt(at) === quote) {
      const close = closing(text, at + 1)
      cell = text.slice(at + 1, close)
      if (cell.includes('""')) cell = cell.replaceAll('""', '"')
      at = close + 1
      if (at > lineEnd) lineEnd = endOf(text, newline, at)
    }
    const next = text.indexOf(delimiter, at)
    const stop = next < 0 || next > lineEnd ? lineEnd : next
    // What stands behind a closing quote is kept.
    cell += text.slice(at, stop === lineEnd && text.charCodeAt(stop - 1) === 13 && stop > at ? stop - 1 : stop)
    cells.push(cell)
    if (stop === lineEnd) return lineEnd + 1
    at = stop + delimiter.length
  }
}

function endOf(text: string, newline: string, from: number): number {
  const at = text.indexOf(newline, from)
  return at < 0 ? text.length : at
}

function closing(text: string, from: number): number {
  for (let at = from; ; at += 2) {
    at = text.indexOf('"', at)
    if (at < 0) return text.length
    if (text.charCodeAt(at + 1) !== quote) return at
  }
}

const delimiters = [',', ';', '\t', '|']
const sampleChars = 65_536
const sampleRows = 20

/** The delimiter that parts the first rows most evenly into at least two cells. */
export function guessDelimiter(text: string): string {
  const newline = text.includes('\n') ? '\n' : '\r'
  let end = 0
  for (let row = 0; row < sampleRows && end < sampleChars; row++) {
    const next = text.indexOf(newline, end)
    if (next < 0) end = text.length
    else end = next + 1
  }
  const sample = text.slice(0, Math.min(end, sampleChars))
  let best = ','
  let bestScore = 0
  for (const delimiter of delimiters) {
    const counts = new Map<number, number>()
    let rows = 0
    const add = (cells: number): void => {
      rows++
      counts.set(cells, (counts.get(cells) ?? 0) + 1)
    }
    scanRows(sample, delimiter, sampleRows, {
      plain: (line) => add(line.split(delimiter).length),
      cells: (cells) => add(cells.length),
    })
    for (const [cells, times] of counts) {
      const score = cells < 2 ? 0 : times / rows + Math.min(cells, 100) / 1000
      if (score > bestScore) [best, bestScore] = [delimiter, score]
    }
  }
  return best
}

/** A row of a Markdown table with at least so many cells. */
export function tableRow(cells: readonly string[], columns: number, most: number): string {
  let line = '|'
  const width = Math.min(Math.max(cells.length, columns), most)
  for (let index = 0; index < width; index++) line += ` ${tableCell(cells[index] ?? '')} |`
  return line
}
