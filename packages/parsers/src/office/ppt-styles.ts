/** How a stretch of a text's paragraphs is set. */
export interface PptParagraphRun {
  /** Where it ends in the text. */
  readonly end: number
  /** From 0. */
  readonly level: number
  /** Undefined where the placeholder decides. */
  readonly bullet: boolean | undefined
}

/** Bytes of the properties whose bits are set in a mask, but for tab stops ([MS-PPT] 2.9.20). */
const sizes: readonly (readonly [bits: number, size: number])[] = [
  [0x80, 2],
  [0x10, 2],
  [0x40, 2],
  [0x20, 4],
  [0x800, 2],
  [0x1000, 2],
  [0x2000, 2],
  [0x4000, 2],
  [0x100, 2],
  [0x400, 2],
  [0x8000, 2],
]
const bulletFlags = 0x0f
const tabStops = 0x100000
const afterTabs: readonly (readonly [bits: number, size: number])[] = [
  [0x10000, 2],
  [0xe0000, 2],
  [0x200000, 2],
]

/** The paragraphs' part of a StyleTextPropAtom ([MS-PPT] 2.9.44) for a text of so many characters; what is damaged ends it. */
export function readParagraphRuns(view: DataView, start: number, end: number, length: number): PptParagraphRun[] {
  const runs: PptParagraphRun[] = []
  let covered = 0
  for (let at = start; covered <= length && at + 10 <= end; ) {
    covered += view.getUint32(at, true)
    const level = Math.min(8, view.getUint16(at + 4, true))
    const mask = view.getUint32(at + 6, true)
    at += 10
    let bullet: boolean | undefined
    if ((mask & bulletFlags) !== 0) {
      if (at + 2 > end) return runs
      if ((mask & 1) !== 0) bullet = (view.getUint16(at, true) & 1) !== 0
      at += 2
    }
    for (const [bits, size] of sizes) if ((mask & bits) !== 0) at += size
    if ((mask & tabStops) !== 0) {
      if (at + 2 > end) return runs
      at += 2 + view.getUint16(at, true) * 4
    }
    for (const [bits, size] of afterTabs) if ((mask & bits) !== 0) at += size
    if (at > end) return runs
    runs.push({ end: covered, level, bullet })
  }
  return runs
}
