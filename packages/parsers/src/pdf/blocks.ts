import type { Region } from './judge.ts'
import { isMarker } from './markers.ts'
import { findRegions } from './regions.ts'
import { cutCurrency, hasLeader, leastSpace, type Row, rowsOf, spaceFactor, stretches, textOf } from './rows.ts'
import { type Run, wideGap } from './runs.ts'
import { gridOf } from './tables.ts'
import { partsOf } from './tagged.ts'
import type { Tag } from './tags.ts'

/** A line of a page, or of one of its columns. */
export interface Line {
  readonly kind: 'line'
  readonly text: string
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
  readonly size: number
  readonly bold: boolean
  readonly mono: boolean
  readonly rtl: boolean
  readonly hyphen: boolean
  readonly firstWord: number
  /** There are wide gaps in it: a row of something, not text that runs on. */
  readonly isSplit: boolean
  readonly tag: Tag | undefined
}

export interface Table {
  readonly kind: 'table'
  readonly rows: readonly (readonly string[])[]
  /** Of its letters, where the document itself says that it is a table. */
  readonly size?: number
}

export type Block = Line | Table

/** Fewer runs than this say nothing of the order they were written in. */
const fewRuns = 20
/** Lines that the text goes up for each run: columns make one or two, texts written in no order many. */
const scatteredLines = 4
const maxSpaces = 60

/**
 * Runs of a page as lines and tables in the order of reading: that in which they were written, but where this goes
 * across columns, or leads nowhere.
 */
export function blocksOf(runs: readonly Run[]): Block[] {
  const blocks: Block[] = []
  const hasCode = !isTyped(runs)
  for (const part of partsOf(runs))
    if ('rows' in part) blocks.push({ kind: 'table', ...part })
    else addRuns(blocks, part, hasCode)
  return blocks
}

function addRuns(blocks: Block[], runs: readonly Run[], hasCode: boolean): void {
  for (const [turn, own] of Map.groupBy(runs, (run) => run.turn)) {
    // Turned text PDFium puts in an order of its own.
    const isSorted = turn !== 0 || isScattered(own)
    for (const part of isSorted ? [own] : stretches(own)) addStretch(blocks, part, isSorted, hasCode)
  }
}

function isScattered(runs: readonly Run[]): boolean {
  let up = 0
  for (let index = 1; index < runs.length; index++) {
    const run = runs[index]!
    const rise = run.bottom - runs[index - 1]!.bottom
    if (rise > 0 && run.size > 0) up += rise / run.size
  }
  return runs.length >= fewRuns && up > runs.length * scatteredLines
}

/** Pages set in typewriter letters throughout; on others these are code, whose columns are its own. */
function isTyped(runs: readonly Run[]): boolean {
  return runs.filter(({ mono }) => mono).length * 2 > runs.length
}

function addStretch(blocks: Block[], whole: readonly Run[], isSorted: boolean, hasCode: boolean): void {
  const part = whole.flatMap(cutCurrency)
  const rows = rowsOf(part)
  const runs = isSorted ? rows.flatMap(({ cells }) => cells.flatMap((cell) => cell.runs)) : part
  const order = new Map<Run, number>()
  const owners = new Map<Run, Region>()
  if (rows.filter(({ cells }) => cells.length > 1).length > 2) {
    runs.forEach((run, index) => void order.set(run, index))
    const origins = new Map<Run, Run>()
    for (const region of findRegions(rows, { order, origins }, hasCode))
      for (let at = region.from; at < region.to; at++)
        for (const cell of rows[at]!.cells) for (const run of cell.runs) owners.set(origins.get(run) ?? run, region)
  }
  const written = new Set<Region>()
  let line: Run[] = []
  const flush = (goesOn = true): void => {
    if (line.length > 0) blocks.push(goesOn ? lineOf(line) : { ...lineOf(line), hyphen: false })
    line = []
  }
  for (const run of runs) {
    const region = owners.get(run)
    if (region === undefined) {
      if (line.length > 0 && !isNext(line.at(-1)!, run)) flush()
      line.push(run)
    } else if (!written.has(region)) {
      // The other half of a broken word is in the table.
      flush(false)
      written.add(region)
      addRegion(blocks, region, rows, order)
    }
  }
  flush()
}

function addRegion(blocks: Block[], region: Region, rows: readonly Row[], order: ReadonlyMap<Run, number>): void {
  if (region.kind === 'table') {
    blocks.push({ kind: 'table', rows: gridOf(region, rows, order) })
    return
  }
  for (let column = 0; column < region.columns; column++)
    region.places.forEach((places, at) => {
      const cells = rows[region.from + at]!.cells.filter((_, index) => places[index] === column)
      if (cells.length > 0) blocks.push(lineOf(cells.flatMap(({ runs }) => runs)))
    })
}

/** On the height of the last one, and behind it. */
function isNext(last: Run, run: Run): boolean {
  const overlap = Math.min(last.top, run.top) - Math.max(last.bottom, run.bottom)
  if (overlap < Math.min(last.top - last.bottom, run.top - run.bottom) * 0.5 || last.hyphen || isOtherTag(last, run))
    return false
  // A title and what stands small beside it are two.
  const isOther = Math.abs(run.size - last.size) > Math.max(run.size, last.size) * 0.2
  if (isOther && Math.abs(run.left - last.right) > Math.max(run.size, last.size) * wideGap) return false
  return last.rtl || run.rtl || run.left > last.right - Math.max(run.size, last.size) * 0.6
}

/** The number of a heading may stand before its tag. */
function isOtherTag(last: Run, run: Run): boolean {
  return last.tag !== run.tag && !(last.tag === undefined && run.tag?.kind === 'heading' && isMarker(last.text))
}

function lineOf(runs: readonly Run[]): Line {
  const [first] = runs
  const last = runs.at(-1)!
  let longest = first!
  let letters = 0
  let bold = 0
  let mono = 0
  let right = Number.NEGATIVE_INFINITY
  let left = Number.POSITIVE_INFINITY
  for (const run of runs) {
    const { length } = run.text
    letters += length
    if (run.bold) bold += length
    if (run.mono) mono += length
    if (length > longest.text.length) longest = run
    left = Math.min(left, run.left)
    right = Math.max(right, run.right)
  }
  const text = mono > letters * 0.8 ? spacedText(runs) : textOf(runs)
  return {
    kind: 'line',
    text,
    left,
    right,
    top: longest.top,
    bottom: longest.bottom,
    size: longest.size,
    bold: bold > letters * 0.9,
    mono: mono > letters * 0.8,
    rtl: longest.rtl,
    hyphen: last.hyphen,
    firstWord: first!.firstWord,
    tag: longest.tag,
    isSplit: isSplit(runs) || runs.some((run) => hasLeader(run.text)),
  }
}

/** Typewriter letters with as many spaces between them as there is room for. */
function spacedText(runs: readonly Run[]): string {
  let text = ''
  runs.forEach((run, index) => {
    const last = runs[index - 1]
    const width = Math.max((run.right - run.left) / run.text.length, run.size * 0.3, 1)
    const gap = last === undefined ? 0 : Math.round((run.left - last.right) / width)
    text += ' '.repeat(Math.min(Math.max(gap, index > 0 && run.spaced ? 1 : 0), maxSpaces)) + run.text
  })
  return text
}

/** A gap that is wide beside those between words; loosely justified lines have wide ones throughout. */
function isSplit(runs: readonly Run[]): boolean {
  const space = leastSpace(runs) * spaceFactor
  return runs.some((run, index) => {
    const last = runs[index - 1]
    // The number of a heading or an item stands apart.
    if (last === undefined || (index === 1 && isMarker(last.text))) return false
    return run.left - last.right > Math.max(run.size * wideGap, space)
  })
}
