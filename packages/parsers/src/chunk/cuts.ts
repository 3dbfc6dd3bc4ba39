import type { Block } from './blocks.ts'
import { graphemeFloor, surrogateFloor } from './graphemes.ts'

/** All in UTF-16 units of the part of a chunk that is its own. */
export interface Sizes {
  /** A section at least this long is not joined with the next. */
  readonly small: number
  readonly low: number
  readonly high: number
  /** Tables and code up to this length stay whole. */
  readonly whole: number
}

/**
 * Where the chunk that begins at `start` ends, inside a stretch that goes to `end`. Between a lower and an upper
 * bound the place is chosen by a hash of the text around it and not by its distance from `start`, so that after an
 * edit the places soon are the same as before.
 */
export function nextCut(
  text: string,
  start: number,
  end: number,
  blocks: readonly Block[],
  first: number,
  sizes: Sizes,
): number {
  if (end - start <= sizes.high) return end
  const low = start + sizes.low
  const high = start + sizes.high
  let best = -1
  let bestRank = -1
  let index = first
  for (; index < blocks.length; index++) {
    const position = blocks[index]!.start
    if (position > high || position >= end) break
    if (position < low) continue
    const value = rank(text, position)
    if (value >= bestRank) {
      best = position
      bestRank = value
    }
  }
  // The block under the upper bound: the one that would be torn.
  const last = blocks[index - 1]!
  const lastEnd = Math.min(last.end, end)
  if ((last.kind === 'table' || last.kind === 'fence') && lastEnd - last.start <= sizes.whole) {
    if (best !== -1) return best
    if (last.start - start >= sizes.small) return last.start
    if (last.start < low) return lastEnd
  }
  if (best !== -1) return best
  return cutLines(text, low, high, last) ?? cutWords(text, low, high)
}

/** At a line's end, in code rather before a line at the margin that follows a blank one. */
function cutLines(text: string, low: number, high: number, block: Block): number | undefined {
  let best: number | undefined
  let bestRank = -1
  for (let at = lineStart(text, low - 1, high); at !== -1; at = lineStart(text, at, high)) {
    const value = rank(text, at) + (block.kind === 'fence' ? margin(text, at) << 16 : 0)
    if (value >= bestRank) {
      best = at
      bestRank = value
    }
  }
  return best
}

/** Of the first line that begins after `from` and at `to` at the latest; a line may go on for megabytes. */
function lineStart(text: string, from: number, to: number): number {
  const at = text.slice(from, to).indexOf('\n')
  return at === -1 ? -1 : from + at + 1
}

function margin(text: string, at: number): number {
  if (text.charCodeAt(at) <= 32) return 0
  return text.charCodeAt(at - 2) === 10 ? 2 : 1
}

/** In a line without end: after a sentence, else after a word, else between two graphemes. */
function cutWords(text: string, low: number, high: number): number {
  const best = bestOf(text, low, high, endsSentence) ?? bestOf(text, low, high, endsWord)
  if (best !== undefined) return best
  const floor = graphemeFloor(text, high)
  return floor > low ? floor : surrogateFloor(text, high)
}

function bestOf(
  text: string,
  low: number,
  high: number,
  isEnd: (text: string, at: number) => boolean,
): number | undefined {
  let best: number | undefined
  let bestRank = -1
  for (let at = low; at <= high; at++) {
    if (!isEnd(text, at)) continue
    const value = rank(text, at)
    if (value > bestRank && graphemeFloor(text, at) === at) {
      best = at
      bestRank = value
    }
  }
  return best
}

function endsSentence(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1)
  if (before === 0x3002 || before === 0xff01 || before === 0xff1f) return true
  if (!endsWord(text, at)) return false
  const end = text.charCodeAt(at - 2)
  return end === 46 || end === 33 || end === 63
}

function endsWord(text: string, at: number): boolean {
  return isSpace(text.charCodeAt(at - 1)) && !isSpace(text.charCodeAt(at))
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9
}

/** Sixteen bits from the characters around a place. */
function rank(text: string, position: number): number {
  let hash = 0x811c9dc5
  const end = Math.min(text.length, position + 20)
  for (let at = Math.max(0, position - 4); at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash ^ (hash >>> 15)) & 0xffff
}

/** Where the overlap before `cut` begins: at a line, else a word, at most `reach` before and not before `floor`. */
export function overlapStart(text: string, cut: number, floor: number, reach: number): number {
  const from = Math.max(floor, cut - reach)
  if (from >= cut) return cut
  if (from === floor) return floor
  const line = lineStart(text, from, cut - 1)
  if (line !== -1) return line
  for (let at = from; at < cut; at++) {
    if (text.charCodeAt(at - 1) === 32 && graphemeFloor(text, at) === at) return at
  }
  return Math.max(floor, graphemeFloor(text, from))
}
