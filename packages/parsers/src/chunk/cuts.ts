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
  // A line may go on for megabytes: no search reaches beyond this.
  const window = text.slice(low - 1, high)
  let best: number | undefined
  let bestRank = -1
  for (let line = window.indexOf('\n'); line !== -1; line = window.indexOf('\n', line + 1)) {
    const at = low + line
    const value = rank(text, at) + (block.kind === 'fence' ? margin(text, at) << 16 : 0)
    if (value >= bestRank) {
      best = at
      bestRank = value
    }
  }
  return best
}

function margin(text: string, at: number): number {
  if (text.charCodeAt(at) <= 32) return 0
  return text.charCodeAt(at - 2) === 10 ? 2 : 1
}

/** In a line without end: after a sentence, else after a word, else between two graphemes. */
function cutWords(text: string, low: number, high: number): number {
  let sentence = -1
  let sentenceRank = -1
  let word = -1
  let wordRank = -1
  for (let at = low; at <= high; at++) {
    const before = text.charCodeAt(at - 1)
    const isStop = before === 0x3002 || before === 0xff01 || before === 0xff1f
    if (!isStop && !isSpace(before)) continue
    const isWord = !isStop && !isSpace(text.charCodeAt(at))
    if (!isStop && !isWord) continue
    const isSentence = isStop || endsSentence(text.charCodeAt(at - 2))
    // Behind a word nothing is looked for once there is a sentence.
    if (!isSentence && sentence !== -1) continue
    const value = rank(text, at)
    if (value <= (isSentence ? sentenceRank : wordRank) || graphemeFloor(text, at) !== at) continue
    if (isSentence) {
      sentence = at
      sentenceRank = value
    } else {
      word = at
      wordRank = value
    }
  }
  if (sentence !== -1) return sentence
  if (word !== -1) return word
  const floor = graphemeFloor(text, high)
  return floor > low ? floor : surrogateFloor(text, high)
}

function endsSentence(code: number): boolean {
  return code === 46 || code === 33 || code === 63
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9
}

/** Sixteen bits from characters behind a place, some way apart: rows of a table often begin alike. */
function rank(text: string, position: number): number {
  let hash = 0x811c9dc5
  const end = Math.min(text.length, position + 28)
  for (let at = position; at < end; at += 2) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash ^ (hash >>> 15)) & 0xffff
}

/** Where the overlap before `cut` begins: at a line, else a word, at most `reach` before and not before `floor`. */
export function overlapStart(text: string, cut: number, floor: number, reach: number): number {
  const from = Math.max(floor, cut - reach)
  if (from >= cut) return cut
  if (from === floor) return floor
  const line = text.slice(from, cut - 1).indexOf('\n')
  if (line !== -1) return from + line + 1
  for (let at = from; at < cut; at++) {
    if (text.charCodeAt(at - 1) === 32 && graphemeFloor(text, at) === at) return at
  }
  return Math.max(floor, graphemeFloor(text, from))
}
