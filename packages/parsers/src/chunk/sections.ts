import type { Block } from './blocks.ts'
import type { Sizes } from './cuts.ts'
import { headingText } from './headings.ts'

/** A stretch that chunks never reach beyond: a section, or a few small ones. */
export interface Stretch {
  readonly start: number
  readonly end: number
  /** Of its first block. */
  readonly block: number
  readonly headings: readonly string[]
}

/**
 * Cuts before headings. A section too small to be a chunk is joined with those behind it, but not with one that
 * outranks it. What is decided for a section depends on it and its small neighbours alone: edits stay local.
 */
export function* stretches(text: string, blocks: readonly Block[], sizes: Sizes): Generator<Stretch> {
  const path: { level: number; title: string }[] = []
  let start = 0
  let block = 0
  let rank = 0
  let headings: readonly string[] = []
  let hasBody = false
  for (let index = 0; index < blocks.length; index++) {
    const { level, start: position, end, kind } = blocks[index]!
    if (level === 0) {
      hasBody ||= kind !== 'front' && !(kind === 'text' && isBlank(text, position, end))
      continue
    }
    while (path.length > 0 && path.at(-1)!.level >= level) path.pop()
    path.push({ level, title: headingText(text, position, end) })
    const titles = path.map(({ title }) => title)
    const isStart = position === 0 || (!hasBody && start === 0 && rank === 0)
    if (isStart) {
      headings = titles
      rank = level
      hasBody = false
      continue
    }
    const outranks = level < rank && hasBody
    const sectionEnd = ownEnd(blocks, index, text.length)
    const joined = !outranks && position - start < sizes.small && (!hasBody || sectionEnd - start <= sizes.high)
    if (joined) {
      headings = hasBody ? common(headings, titles) : titles
      continue
    }
    yield { start, end: position, block, headings }
    start = position
    block = index
    rank = level
    headings = titles
    hasBody = false
  }
  yield { start, end: text.length, block, headings }
}

function ownEnd(blocks: readonly Block[], heading: number, length: number): number {
  for (let index = heading + 1; index < blocks.length; index++) {
    if (blocks[index]!.level > 0) return blocks[index]!.start
  }
  return length
}

function common(left: readonly string[], right: readonly string[]): readonly string[] {
  let length = 0
  while (length < left.length && left[length] === right[length]) length++
  return left.slice(0, length)
}

function isBlank(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (text.charCodeAt(at) > 32) return false
  return true
}
