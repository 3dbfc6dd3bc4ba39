import { renderTable } from '../office/table.ts'
import type { Block, Line } from './blocks.ts'
import { boldHeading, headingLevel } from './headings.ts'
import { joinLines } from './join.ts'
import { paragraphs } from './paragraphs.ts'
import { edgeLines, repeatKey, type Style } from './style.ts'

/** Distance of two lines of one heading at most, in heights of their letters. */
const headingStep = 1.9
/** What runs over more lines in large letters is text in large letters. */
const maxHeadingLines = 4
const maxHeadingChars = 240

/** One page as Markdown. `titles` are those that bookmarks name on it, with their levels. */
export function pageMarkdown(
  page: readonly Block[],
  style: Style,
  titles: ReadonlyMap<string, number> | undefined,
): string {
  const parts: string[] = []
  let text: Line[] = []
  const flush = (): void => {
    if (text.length > 0) parts.push(paragraphs(text, style))
    text = []
  }
  const { blocks, isRepeated } = inOrder(page, style)
  for (let at = 0; at < blocks.length; ) {
    const block = blocks[at]!
    if (block.kind === 'table') {
      flush()
      parts.push(renderTable(block.rows))
      at++
      continue
    }
    if (isRepeated(block)) {
      flush()
      parts.push(paragraphs([block], style))
      at++
      continue
    }
    const heading = headingAt(blocks, at, style, titles)
    if (heading === undefined) {
      text.push(block)
      at++
    } else {
      flush()
      parts.push(heading.text)
      at = heading.to
    }
  }
  flush()
  return parts.length === 0 ? '' : `${parts.join('\n\n')}\n\n`
}

/** What is printed on every page goes to its top and its bottom, out of the text it would part. */
function inOrder(
  page: readonly Block[],
  style: Style,
): { readonly blocks: readonly Block[]; isRepeated(line: Line): boolean } {
  if (style.repeated.size === 0) return { blocks: page, isRepeated: () => false }
  const edges = edgeLines(page).filter((line) => style.repeated.has(repeatKey(line)))
  if (edges.length === 0) return { blocks: page, isRepeated: () => false }
  const repeated = new Set<Block>(edges)
  let sum = 0
  let count = 0
  for (const block of page) {
    if (block.kind === 'table' || repeated.has(block)) continue
    sum += block.bottom
    count++
  }
  const middle = count === 0 ? edges.reduce((all, { bottom }) => all + bottom, 0) / edges.length : sum / count
  const heads = edges.filter(({ bottom }) => bottom >= middle)
  const feet = edges.filter(({ bottom }) => bottom < middle)
  return {
    blocks: [...heads, ...page.filter((block) => !repeated.has(block)), ...feet],
    isRepeated: (line) => repeated.has(line),
  }
}

/** The heading that begins at a block; one that runs over two lines is one heading. */
function headingAt(
  blocks: readonly Block[],
  at: number,
  style: Style,
  titles: ReadonlyMap<string, number> | undefined,
): { readonly text: string; readonly to: number } | undefined {
  const first = blocks[at] as Line
  const level = headingLevel(first, style, titles)
  if (level === 0) {
    const bold = boldHeading(first, lineAt(blocks, at - 1), lineAt(blocks, at + 1), style)
    return bold === 0 ? undefined : { text: `${'#'.repeat(bold)} ${first.text}`, to: at + 1 }
  }
  let { text } = first
  let to = at + 1
  for (let last = first; to < blocks.length; to++) {
    const line = lineAt(blocks, to)
    if (line === undefined || line.tag !== last.tag || Math.abs(line.size - last.size) > last.size * 0.05) break
    const step = last.bottom - line.bottom
    if (step > headingStep * last.size || step < 0) break
    // Small letters go on with what was begun.
    if (headingLevel(line, style, titles) !== level && !(goesOn(line.text) && line.bold === last.bold)) break
    if (to - at >= maxHeadingLines) return undefined
    text = joinLines(text, last, line.text, style)
    if (text.length > maxHeadingChars) return undefined
    last = line
  }
  return { text: `${'#'.repeat(level)} ${text}`, to }
}

function goesOn(text: string): boolean {
  return /^\p{Ll}/u.test(text) && !text.includes('@')
}

function lineAt(blocks: readonly Block[], at: number): Line | undefined {
  const block = blocks[at]
  return block?.kind === 'line' ? block : undefined
}
