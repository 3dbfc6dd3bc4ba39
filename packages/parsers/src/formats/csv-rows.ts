const [tab, lineFeed, carriageReturn, space, quote, numberSign, comma, semicolon, bar] = [
  9, 10, 13, 32, 34, 35, 44, 59, 124,
] as const

const delimiters = [comma, semicolon, tab, bar] as const
const sampleBytes = 16_384
const sampleRows = 20

/** The delimiter that parts the first rows most evenly into at least two cells; a comma where none does. */
export function guessDelimiter(bytes: Uint8Array): number {
  let best: number = comma
  let bestScore = 0
  for (const [index, widths] of rowWidths(bytes.subarray(0, sampleBytes)).entries()) {
    const counts = new Map<number, number>()
    for (const cells of widths) if (cells > 1) counts.set(cells, (counts.get(cells) ?? 0) + 1)
    for (const [cells, times] of counts) {
      const score = times / widths.length + Math.min(cells, 100) / 1000
      if (score > bestScore) [best, bestScore] = [delimiters[index]!, score]
    }
  }
  return best
}

/** 0 for text, 1 to 4 for a delimiter. */
const roles = new Uint8Array(256)
const [ofQuote, ofEnd, ofSpace] = [5, 6, 7] as const
delimiters.forEach((delimiter, index) => {
  roles[delimiter] = index + 1
})
roles[quote] = ofQuote
roles[lineFeed] = roles[carriageReturn] = ofEnd
roles[space] = ofSpace

/** Numbers of cells in the first rows by each of the delimiters, without comments. A quote counts behind any of them. */
function rowWidths(bytes: Uint8Array): number[][] {
  const widths: number[][] = delimiters.map(() => [])
  const cells = [0, 0, 0, 0]
  let before: number = ofEnd
  for (let at = 0, rows = 0; at <= bytes.length && rows < sampleRows; at++) {
    const role = at < bytes.length ? roles[bytes[at]!]! : ofEnd
    if (before === ofEnd && bytes[at] === numberSign) {
      while (at < bytes.length && !isEnd(bytes[at]!)) at++
      continue
    }
    // Before a quote, spaces stand for nothing.
    if (role === ofSpace && before !== 0) continue
    if (role === ofEnd) {
      if (before === ofEnd) continue
      rows++
      for (const [index, each] of widths.entries()) {
        each.push(cells[index]! + 1)
        cells[index] = 0
      }
    } else if (role === ofQuote) {
      if (before !== 0) at = closingQuote(bytes, at + 1)
    } else if (role !== 0 && role !== ofSpace) cells[role - 1]!++
    before = role === ofQuote || role === ofSpace ? 0 : role
  }
  return widths
}

/** Of the last row in `bytes`. */
export function countCells(bytes: Uint8Array, delimiter: number): number {
  let cells = 0
  let before: number = lineFeed
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (!isEnd(byte)) {
      if (isEnd(before)) cells = 1
      if (byte === delimiter) cells++
      else if (byte === quote && (before === delimiter || isEnd(before))) at = closingQuote(bytes, at + 1)
    }
    if (byte !== space) before = byte
  }
  return cells
}

function isEnd(byte: number): boolean {
  return byte === lineFeed || byte === carriageReturn
}

/** The place of the quote that closes a cell, or the end of all. */
export function closingQuote(bytes: Uint8Array, from: number): number {
  let at = from
  while (at < bytes.length) {
    if (bytes[at] !== quote) at++
    else if (bytes[at + 1] === quote) at += 2
    else break
  }
  return at
}

const mostAhead = 2000
const mostSpaces = 8

/** Whether a quote with nothing but spaces before it in its cell opens it: one closes it where the cell ends. */
export function opensBehindSpaces(bytes: Uint8Array, at: number, delimiter: number): boolean {
  let before = at - 1
  while (before >= 0 && at - before <= mostSpaces && bytes[before] === space) before--
  if (before === at - 1 || (before >= 0 && bytes[before] !== delimiter && !isEnd(bytes[before]!))) return false
  const ahead = bytes.subarray(0, at + mostAhead)
  let next = closingQuote(ahead, at + 1) + 1
  if (next > ahead.length) return false
  while (next < ahead.length && bytes[next] === space) next++
  return next === bytes.length || bytes[next] === delimiter || isEnd(bytes[next]!)
}
