import type { Chunk } from '@cx/core/engine'
import { type Block, scanBlocks } from './chunk/blocks.ts'
import { nextCut, overlapStart, type Sizes } from './chunk/cuts.ts'
import { records } from './chunk/records.ts'
import { type Stretch, stretches } from './chunk/sections.ts'

export interface ChunkOptions {
  /** Tokens a chunk has about; estimated as four characters each. Default 512. */
  readonly targetTokens?: number
  /** Tokens of the chunk before that are repeated, inside a section only. Default 64. */
  readonly overlapTokens?: number
  /** Where pages begin, rising; gives chunks their page. */
  readonly pageOffsets?: readonly number[]
  /** Where records begin, rising: each that is no short one has chunks of its own, short ones share theirs. */
  readonly recordOffsets?: readonly number[]
}

const charsPerToken = 4

/**
 * Markdown to chunks along its headings, paragraphs, tables, lists and fences. Chunks are exact slices that cover
 * the text; none is longer than four times the target; none begins or ends within a grapheme; an edit changes the
 * chunks of its own section and few beside.
 */
export function chunkMarkdown(markdown: string, options: ChunkOptions = {}): Chunk[] {
  const { targetTokens = 512, overlapTokens = 64, pageOffsets, recordOffsets } = options
  if (markdown.length === 0) return []
  const target = Math.max(16, targetTokens * charsPerToken)
  const sizes: Sizes = {
    small: target / 4,
    low: Math.floor(target * 0.6),
    high: Math.floor(target * 1.3),
    whole: target * 2,
  }
  const reach = Math.min(overlapTokens * charsPerToken, sizes.low)
  const blocks = scanBlocks(markdown)
  const pageAt = pageFinder(pageOffsets)
  const chunks: Chunk[] = []
  for (const stretch of stretchesOf(markdown, blocks, sizes, recordOffsets)) {
    let start = stretch.start
    let from = start
    let block = stretch.block
    while (start < stretch.end) {
      const cut = nextCut(markdown, start, stretch.end, blocks, block, sizes)
      const page = pageAt(start)
      chunks.push({
        text: markdown.slice(from, cut),
        overlap: start - from,
        headings: stretch.headings,
        ...(page !== undefined && { page }),
      })
      while (block + 1 < blocks.length && blocks[block + 1]!.start <= cut) block++
      from = overlapStart(markdown, cut, start, reach)
      start = cut
    }
  }
  return chunks
}

function stretchesOf(
  text: string,
  blocks: readonly Block[],
  sizes: Sizes,
  offsets: readonly number[] | undefined,
): Iterable<Stretch> {
  return offsets === undefined ? stretches(text, blocks, sizes) : records(text.length, blocks, offsets, sizes)
}

/** Positions are asked for in rising order. */
function pageFinder(offsets: readonly number[] | undefined): (position: number) => number | undefined {
  if (offsets === undefined || offsets.length === 0) return () => undefined
  let page = 0
  return (position) => {
    while (page + 1 < offsets.length && offsets[page + 1]! <= position) page++
    return page + 1
  }
}
