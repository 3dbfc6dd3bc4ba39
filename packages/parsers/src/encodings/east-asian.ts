export type EastAsian = 'shift_jis' | 'euc-jp' | 'euc-kr' | 'gb18030' | 'big5'

interface Plane {
  readonly name: EastAsian
  readonly lead: readonly [number, number][]
  readonly trail: readonly [number, number][]
  /** First bytes of what is written most: kana, Hangul, the first level of each standard's Chinese characters. */
  readonly common: readonly [number, number][]
  /** Second bytes of the same. */
  readonly commonTrail: readonly [number, number]
  /** First bytes without which it is not believed. */
  readonly needed?: readonly [number, number]
}

/** In this order of two that fit equally well. */
const planes: readonly Plane[] = [
  {
    name: 'shift_jis',
    lead: [
      [0x81, 0x9f],
      [0xe0, 0xfc],
    ],
    trail: [
      [0x40, 0x7e],
      [0x80, 0xfc],
    ],
    common: [
      [0x81, 0x83],
      [0x88, 0x97],
    ],
    commonTrail: [0x40, 0xfc],
  },
  {
    name: 'euc-jp',
    lead: [[0xa1, 0xfe]],
    trail: [[0xa1, 0xfe]],
    common: [
      [0xa1, 0xa1],
      [0xa4, 0xa5],
      [0xb0, 0xcf],
    ],
    commonTrail: [0xa1, 0xfe],
    needed: [0xa4, 0xa5],
  },
  {
    name: 'euc-kr',
    lead: [[0xa1, 0xfe]],
    trail: [[0xa1, 0xfe]],
    common: [
      [0xa1, 0xa1],
      [0xb0, 0xc8],
    ],
    commonTrail: [0xa1, 0xfe],
    needed: [0xb0, 0xc8],
  },
  {
    name: 'gb18030',
    lead: [[0x81, 0xfe]],
    trail: [
      [0x40, 0x7e],
      [0x80, 0xfe],
    ],
    common: [
      [0xa1, 0xa1],
      [0xa3, 0xa3],
      [0xb0, 0xd7],
    ],
    commonTrail: [0xa1, 0xfe],
  },
  {
    name: 'big5',
    lead: [[0x81, 0xfe]],
    trail: [
      [0x40, 0x7e],
      [0xa1, 0xfe],
    ],
    common: [
      [0xa1, 0xa1],
      [0xa4, 0xc6],
    ],
    commonTrail: [0x40, 0xfe],
  },
]

/** Too few characters to tell Korean, which has only some of the first bytes, from Chinese by them. */
const fewPairs = 4

/**
 * The double-byte encoding that short text is in, told by how many of its characters are common ones; undefined where
 * it is none. For names and lines: longer text has better signs.
 */
export function guessEastAsian(bytes: Uint8Array): EastAsian | undefined {
  let best: EastAsian | undefined
  let bestShare = 0.75
  for (const plane of planes) {
    const { pairs, common, hasNeeded } = measure(bytes, plane)
    if (pairs < 2 || !hasNeeded) continue
    const share = common / pairs
    if (plane.name === 'euc-kr' && (share < 1 || pairs < fewPairs)) continue
    if (share > bestShare) {
      best = plane.name
      bestShare = share
    }
  }
  return best
}

function measure(bytes: Uint8Array, plane: Plane): { pairs: number; common: number; hasNeeded: boolean } {
  let pairs = 0
  let common = 0
  let hasNeeded = plane.needed === undefined
  for (let at = 0; at < bytes.length; at++) {
    const lead = bytes[at]!
    if (lead < 0x80) continue
    const trail = bytes[at + 1]
    // The end of a sample may be within a character.
    if (trail === undefined) break
    if (!within(lead, plane.lead) || !within(trail, plane.trail)) return { pairs: 0, common: 0, hasNeeded }
    pairs++
    at++
    if (plane.needed !== undefined && within(lead, [plane.needed])) hasNeeded = true
    if (within(lead, plane.common) && within(trail, [plane.commonTrail])) common++
  }
  return { pairs, common, hasNeeded }
}

function within(byte: number, ranges: readonly (readonly [number, number])[]): boolean {
  return ranges.some(([low, high]) => byte >= low && byte <= high)
}
