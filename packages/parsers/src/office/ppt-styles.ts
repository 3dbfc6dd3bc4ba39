import { bold, italic } from './inline.ts'

/** How a stretch of a text's paragraphs is set. */
export interface PptParagraphRun {
  /** Where it ends in the text. */
  readonly end: number
  /** From 0. */
  readonly level: number
  /** Undefined where the placeholder decides. */
  readonly bullet: boolean | undefined
}

/** Adds up how many characters a TextSpecialInfoAtom ([MS-PPT] 2.9.53) says to be in each language (LCID). */
export function countLanguages(view: DataView, start: number, end: number, into: Map<number, number>): void {
  for (let at = start; at + 8 <= end; ) {
    const count = Math.min(view.getUint32(at, true), maxCounted)
    const flags = view.getUint32(at + 4, true)
    at += 8
    if ((flags & 1) !== 0) at += 2
    if ((flags & 2) !== 0) {
      if (at + 2 > end) return
      const language = view.getUint16(at, true)
      into.set(language, (into.get(language) ?? 0) + count)
      at += 2
    }
    // Another language, the direction of its text, a number; what programs recognised in it has no length to skip.
    for (const [bit, size] of [
      [4, 2],
      [0x40, 2],
      [0x20, 4],
    ] as const)
      if ((flags & bit) !== 0) at += size
    if ((flags & 0x200) !== 0) return
  }
}

/** Of one run: a damaged length must not outweigh all others. */
const maxCounted = 100_000

/** How a stretch of characters looks. */
export interface PptCharacterRun {
  /** Where it ends in the text. */
  readonly end: number
  /** Bits of a run's look. */
  readonly look: number
  /** The font of its symbols, by its place in the document's list. */
  readonly font: number | undefined
  /** The place of the numbering that its paragraph has. */
  readonly numbering: number
}

export interface PptStyles {
  readonly paragraphs: readonly PptParagraphRun[]
  readonly characters: readonly PptCharacterRun[]
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

/** A StyleTextPropAtom ([MS-PPT] 2.9.44) for a text of so many characters; what is damaged ends it. */
export function readStyles(view: DataView, start: number, end: number, length: number): PptStyles {
  const paragraphs: PptParagraphRun[] = []
  const at = readParagraphRuns(view, start, end, length, paragraphs)
  return { paragraphs, characters: at === undefined ? [] : readCharacterRuns(view, at, end, length) }
}

/** Where the runs of characters begin; undefined where they cannot be found. */
function readParagraphRuns(
  view: DataView,
  start: number,
  end: number,
  length: number,
  runs: PptParagraphRun[],
): number | undefined {
  let covered = 0
  let next = start
  for (let at = start; covered <= length && at + 10 <= end; ) {
    covered += view.getUint32(at, true)
    const level = Math.min(8, view.getUint16(at + 4, true))
    const mask = view.getUint32(at + 6, true)
    at += 10
    let bullet: boolean | undefined
    if ((mask & bulletFlags) !== 0) {
      if (at + 2 > end) return undefined
      if ((mask & 1) !== 0) bullet = (view.getUint16(at, true) & 1) !== 0
      at += 2
    }
    for (const [bits, size] of sizes) if ((mask & bits) !== 0) at += size
    if ((mask & tabStops) !== 0) {
      if (at + 2 > end) return undefined
      at += 2 + view.getUint16(at, true) * 4
    }
    for (const [bits, size] of afterTabs) if ((mask & bits) !== 0) at += size
    if (at > end) return undefined
    runs.push({ end: covered, level, bullet })
    next = at
  }
  return covered > length ? next : undefined
}

const styleFlags = 0xffff
const symbolFont = 0x800000
/** Fonts, size, color and position ([MS-PPT] 2.9.14). */
const characterSizes: readonly (readonly [bit: number, size: number])[] = [
  [0x10000, 2],
  [0x200000, 2],
  [0x400000, 2],
  [symbolFont, 2],
  [0x20000, 2],
  [0x40000, 4],
  [0x80000, 2],
]

function readCharacterRuns(view: DataView, start: number, end: number, length: number): PptCharacterRun[] {
  const runs: PptCharacterRun[] = []
  let covered = 0
  for (let at = start; covered <= length && at + 8 <= end; ) {
    covered += view.getUint32(at, true)
    const mask = view.getUint32(at + 4, true)
    at += 8
    let flags = 0
    if ((mask & styleFlags) !== 0) {
      if (at + 2 > end) return runs
      flags = view.getUint16(at, true)
      at += 2
    }
    let font: number | undefined
    for (const [bit, size] of characterSizes) {
      if ((mask & bit) === 0) continue
      if (at + size > end) return runs
      if (bit === symbolFont) font = view.getUint16(at, true)
      at += size
    }
    const look = ((flags & mask & 1) !== 0 ? bold : 0) | ((flags & mask & 2) !== 0 ? italic : 0)
    runs.push({ end: covered, look, font, numbering: (flags >> 10) & 15 })
  }
  return runs
}
