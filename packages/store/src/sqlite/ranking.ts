import type { Found } from './hits.ts'

/** What a further chunk of the same document counts beside the one before it. */
const furtherChunk = 0.9
/** Documents' keys are the upper part of their chunks'. */
export const slots: number = 2 ** 20

export function documentOf(no: number): number {
  return Math.floor(no / slots)
}

/** How deep documents are spread. */
export const depth = 300

/**
 * The first of a ranking, so that one long document does not fill a page: the second best chunk of a document
 * counts nine tenths, the third 0.81. What fits much better than all others still comes first.
 */
export function spread(ranking: readonly Found[]): readonly Found[] {
  const chunks = new Map<number, number>()
  const first = ranking.slice(0, depth).map(({ no, score }) => {
    const document = documentOf(no)
    const before = chunks.get(document) ?? 0
    chunks.set(document, before + 1)
    return { no, score: score * furtherChunk ** before }
  })
  return [...first.sort((a, b) => b.score - a.score), ...ranking.slice(depth)]
}

/** Of reciprocal-rank fusion: https://plg.uwaterloo.ca/~gvcormac/cormacksigir09-rrf.pdf */
const k = 60

/** One ranking out of several whose scores cannot be compared: each adds 1 / (60 + place). The first decides what is equal. */
export function fuse(rankings: readonly (readonly Found[])[]): readonly Found[] {
  const scores = new Map<number, number>()
  for (const ranking of rankings)
    for (const [place, { no }] of ranking.entries()) scores.set(no, (scores.get(no) ?? 0) + 1 / (k + place + 1))
  return [...scores].map(([no, score]) => ({ no, score })).sort((a, b) => b.score - a.score)
}
