import type { Block } from './blocks.ts'
import type { Sizes } from './cuts.ts'
import type { Stretch } from './sections.ts'

/**
 * A stretch for each record; short ones are joined with those behind them, as short sections are, but not with one
 * that fills a chunk. `offsets` rise; what comes before the first belongs to it.
 */
export function* records(
  length: number,
  blocks: readonly Block[],
  offsets: readonly number[],
  sizes: Sizes,
): Generator<Stretch> {
  let start = 0
  let block = 0
  for (let index = 1; index < offsets.length; index++) {
    const at = offsets[index]!
    const next = offsets[index + 1] ?? length
    if (at - start < sizes.small && next - start <= sizes.high) continue
    yield { start, end: at, block, headings: [] }
    start = at
    while (block + 1 < blocks.length && blocks[block + 1]!.start <= at) block++
  }
  if (start < length) yield { start, end: length, block, headings: [] }
}
