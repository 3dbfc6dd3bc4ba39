import type { Block, Line } from './blocks.ts'
import { type DropsHyphen, hyphenRule } from './words.ts'

/** What is usual in a document; what differs stands out. */
export interface Style {
  /** Size most of the text is set in, in half points. */
  readonly body: number
  /** From line to line of a paragraph, in sizes. */
  readonly lead: number
  /** Lines of typewriter letters are code, lines in bold are headings: not where most of the text is. */
  readonly hasCode: boolean
  readonly hasBoldHeadings: boolean
  /** Keys of lines that stand at the top or the bottom of page after page. */
  readonly repeated: ReadonlySet<string>
  /** Where many lines end, in points, both of left-to-right and right-to-left text: the margins of its columns. */
  isMargin(x: number): boolean
  readonly dropsHyphen: DropsHyphen
}

const usualLead = 1.2
const maxLead = 2.6
const maxRepeatedChars = 200
/** Size of titles, against that of the text. */
const titleRatio = 1.18
/** Shorter lines say nothing of a margin. */
const minMarginChars = 28
const marginStep = 4
const minMarginLines = 4
const minMarginShare = 0.1

export function styleOf(pages: readonly (readonly Block[])[]): Style {
  const sizes = new Map<number, number>()
  const leads = new Map<number, number>()
  const edges = new Map<string, number>()
  const margins = new Map<number, number>()
  let letters = 0
  let mono = 0
  let bold = 0
  let full = 0
  let table = 0
  for (const blocks of pages) {
    let last: Line | undefined
    for (const block of blocks) {
      if (block.kind === 'table') {
        let length = 0
        for (const row of block.rows) for (const cell of row) length += cell.length
        table += length
        if (block.size !== undefined) add(sizes, Math.round(block.size * 2), length)
        last = undefined
        continue
      }
      const { length } = block.text
      letters += length
      if (block.mono) mono += length
      if (block.bold) bold += length
      if (length >= minMarginChars && !block.isSplit) {
        full++
        add(margins, Math.round((block.rtl ? block.left : block.right) / marginStep), 1)
      }
      add(sizes, halfPoints(block), length)
      if (last !== undefined && halfPoints(last) === halfPoints(block) && block.size > 0) {
        const step = (last.bottom - block.bottom) / block.size
        if (step > 0.9 && step < maxLead) add(leads, Math.round(step * 10) / 10, length)
      }
      last = block
    }
  }
  const repeated = new Set<string>()
  const prose = letters - mono
  const body = mostOf(sizes) ?? 0
  // A title that several slides have is one on each of them.
  for (const blocks of pages)
    for (const line of edgeLines(blocks)) if (halfPoints(line) < body * titleRatio) add(edges, repeatKey(line), 1)
  for (const [key, count] of edges) if (count > 2 && count > pages.length * 0.3 && key !== '') repeated.add(key)
  return {
    body,
    lead: mostOf(leads) ?? usualLead,
    hasCode: mono < prose,
    hasBoldHeadings: bold < (letters + table) * 0.25,
    repeated,
    isMargin(x) {
      const at = Math.round(x / marginStep)
      const near = (margins.get(at - 1) ?? 0) + (margins.get(at) ?? 0) + (margins.get(at + 1) ?? 0)
      return near >= minMarginLines && near > full * minMarginShare
    },
    dropsHyphen: hyphenRule(pages),
  }
}

export function halfPoints({ size }: Line): number {
  return Math.round(size * 2)
}

/** The two uppermost and the two lowest lines of a page. */
export function edgeLines(blocks: readonly Block[]): Line[] {
  const lines = blocks.filter((block) => block.kind === 'line')
  if (lines.length <= 4) return lines
  const sorted = lines.toSorted((a, b) => b.bottom - a.bottom)
  return [sorted[0]!, sorted[1]!, sorted.at(-2)!, sorted.at(-1)!]
}

/** The same for lines that differ in their numbers only. */
export function repeatKey({ text }: Line): string {
  return text.length > maxRepeatedChars ? '' : text.replace(/\d+/g, '#')
}

function add(counts: Map<number, number>, key: number, weight: number): void
function add(counts: Map<string, number>, key: string, weight: number): void
function add<K>(counts: Map<K, number>, key: K, weight: number): void {
  counts.set(key, (counts.get(key) ?? 0) + weight)
}

function mostOf(counts: ReadonlyMap<number, number>): number | undefined {
  let best: number | undefined
  let most = 0
  for (const [value, weight] of counts) {
    if (weight > most && value > 0) {
      best = value
      most = weight
    }
  }
  return best
}
