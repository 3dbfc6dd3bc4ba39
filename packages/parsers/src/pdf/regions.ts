import { type Column, type Cuts, cutCells, nearest, placesOf, widen } from './columns.ts'
import { isMarker } from './markers.ts'
import { type Cell, type Row, tightStep } from './rows.ts'
import type { Run } from './runs.ts'

/** Rows from `from` up to `to` whose cells stand in columns. */
export interface Region {
  readonly from: number
  readonly to: number
  /** `columns` is running text written across its columns. */
  readonly kind: 'table' | 'columns'
  /** For each row, for each of its cells, the column it stands in. */
  readonly places: readonly (readonly number[])[]
  readonly columns: number
  /** Written one column after the other. */
  readonly isByColumn: boolean
}

interface Grown {
  readonly to: number
  readonly columns: Column[]
}

const minRows = 3
/** More cells in a row are the labels of a chart. */
const maxCells = 80
/** White space between two rows of one table at most, in heights of letters. */
const maxBlank = 3
const maxHeadRows = 12
const proseChars = 28
const fewRows = 5
const longChars = 40

/** Tables, and columns that are written across, of one stretch of text.  */
export function findRegions(rows: readonly Row[], cuts: Cuts, hasCode: boolean): Region[] {
  const regions: Region[] = []
  for (let at = 0; at < rows.length; ) {
    const grown = isMulti(rows[at]!) && !(hasCode && isCode(rows[at]!)) ? grow(rows, at, cuts, hasCode) : undefined
    const from = grown && growUp(rows, at, regions.at(-1)?.to ?? 0, grown.columns, cuts)
    const region = grown && judge(rows, from ?? at, grown, cuts.order)
    if (region !== undefined) regions.push(region)
    // What was looked at and refused is not looked at again from its second row.
    at = grown !== undefined && grown.to - at >= minRows ? grown.to : at + 1
  }
  return regions
}

function isCode({ cells }: Row): boolean {
  return cells.every(({ runs }) => runs.every(({ mono }) => mono))
}

function isMulti({ cells }: Row): boolean {
  return cells.length > 1 && cells.length <= maxCells
}

/** Takes rows as long as each of their cells finds a column of its own. */
function grow(rows: readonly Row[], from: number, cuts: Cuts, hasCode: boolean): Grown {
  let columns = rows[from]!.cells.map(({ left, right }) => ({ left, right }))
  let to = from + 1
  let blank = 0
  for (let at = from + 1; at < rows.length; at++) {
    const row = rows[at]!
    const above = rows[at - 1]!
    if (
      above.bottom - row.top > maxBlank * Math.max(row.size, above.size) ||
      row.cells.length > maxCells ||
      (hasCode && isCode(row))
    )
      break
    let places = placesOf(columns, row)
    if (places === undefined && row.cells.length > 1) {
      cutCells(columns, row, cuts)
      places = placesOf(columns, row)
    }
    if (places === undefined) {
      // A line over several columns, a title between two parts of a table: only if a row follows.
      if (row.cells.length > 1 || ++blank > 1) break
      continue
    }
    if (row.cells.length === 1) {
      if (++blank > 3) break
      widen(columns, row, places)
      continue
    }
    blank = 0
    columns = widen(columns, row, places)
    to = at + 1
  }
  // The last cell may go on below.
  while (to < rows.length && rows[to]!.cells.length === 1 && isTight(rows[to - 1]!, rows[to]!)) {
    const place = placesOf(columns, rows[to]!)?.[0]
    if (place === undefined || place < 0 || (place === 0 && !isWrittenNext(rows[to - 1]!, rows[to]!, cuts))) break
    to++
  }
  return { to, columns }
}

/** The line below was written right behind the first cell above: what follows a table comes behind its last. */
function isWrittenNext(above: Row, below: Row, { order }: Cuts): boolean {
  const last = order.get(above.cells[0]!.runs.at(-1)!) ?? 0
  return order.get(below.cells[0]!.runs[0]!) === last + 1
}

/** Rows of the head stand closer, and their cells over more than one line. */
function growUp(rows: readonly Row[], from: number, least: number, columns: Column[], cuts: Cuts): number {
  let at = from
  for (; at > least && from - at < maxHeadRows; at--) {
    const row = rows[at - 1]!
    const step = row.bottom - rows[at]!.bottom
    if (step > Math.max(row.size, rows[at]!.size) * (at === from ? 2.8 : 1.8) || row.cells.length > maxCells) break
    if (isMulti(row)) cutCells(columns, row, cuts)
    const places = placesOf(columns, row)
    if (places === undefined || places.includes(-1)) break
    widen(columns, row, places)
  }
  while (at < from && !isMulti(rows[at]!) && nearest(columns, rows[at]!.cells[0]!) === 0) at++
  return at
}

function isTight(above: Row, below: Row): boolean {
  return above.bottom - below.bottom < Math.max(above.size, below.size) * tightStep
}

interface Measure {
  readonly cells: Cell[]
  chars: number
}

function judge(
  rows: readonly Row[],
  from: number,
  { to, columns }: Grown,
  order: ReadonlyMap<Run, number>,
): Region | undefined {
  if (columns.length < 2 || columns.length > maxCells) return undefined
  const own = rows.slice(from, to)
  const multi = own.filter(isMulti).length
  if (multi < minRows || multi * 3 < own.length) return undefined
  const places = own.map((row) => row.cells.map((cell) => nearest(columns, cell)))
  const measures: Measure[] = columns.map(() => ({ cells: [], chars: 0 }))
  let filled = 0
  own.forEach((row, at) => {
    for (const [index, cell] of row.cells.entries()) {
      const measure = measures[places[at]![index]!]!
      measure.cells.push(cell)
      for (const run of cell.runs) measure.chars += run.text.length
      filled++
    }
  })
  const used = measures.filter(({ cells }) => cells.length > 0).length
  if (used < 2 || filled < multi * used * 0.45) return undefined
  if (used === 2 && isList(measures.find(({ cells }) => cells.length > 0)!.cells)) return undefined
  const changes = changesOf(own, places, order)
  const isByColumn = changes < 2 * (used - 1) + 1
  if (isProse(measures, columns)) {
    if (isByColumn) return undefined
    if (changes >= multi * 1.5) return { from, to, kind: 'columns', places, columns: columns.length, isByColumn }
  } else if (isByColumn && !isNumeric(measures)) return undefined
  // Sentences of a few lines may begin below each other by chance.
  if (used === 2 && multi < fewRows && measures.some(({ cells, chars }) => chars > cells.length * longChars))
    return undefined
  const size = own[0]!.size
  const known = measures.filter(({ cells }) => cells.length >= minRows)
  // The first column may be set in steps.
  const aligned = known.filter(({ cells }) => isAligned(cells, cells === measures[0]!.cells ? size * 2.5 : size * 0.5))
  if (aligned.length < known.length * 0.75) return undefined
  return { from, to, kind: 'table', places, columns: columns.length, isByColumn }
}

/** How often the text goes from one column to another, in the order it was written. */
function changesOf(
  rows: readonly Row[],
  places: readonly (readonly number[])[],
  order: ReadonlyMap<Run, number>,
): number {
  const written: { at: number; place: number }[] = []
  rows.forEach((row, at) => {
    for (const [index, cell] of row.cells.entries())
      for (const run of cell.runs) written.push({ at: order.get(run) ?? 0, place: places[at]![index]! })
  })
  written.sort((a, b) => a.at - b.at)
  let changes = 0
  for (let index = 1; index < written.length; index++)
    if (written[index]!.place !== written[index - 1]!.place) changes++
  return changes
}

/** Numbers or bullets, and behind them what is counted. */
function isList(cells: readonly Cell[]): boolean {
  const markers = cells.filter(({ runs }) => runs.every(({ text }) => isMarker(text)))
  return markers.length > cells.length * 0.7
}

/** Two or more columns of lines that fill them. */
function isProse(measures: readonly Measure[], columns: readonly Column[]): boolean {
  let all = 0
  let prose = 0
  let count = 0
  measures.forEach(({ cells, chars }, index) => {
    all += chars
    const width = columns[index]!.right - columns[index]!.left
    const mean = cells.reduce((sum, { left, right }) => sum + right - left, 0) / cells.length
    if (cells.length < minRows || chars < cells.length * proseChars || mean < width * 0.7) return
    prose += chars
    count++
  })
  return count > 1 && prose > all * 0.7
}

function isNumeric(measures: readonly Measure[]): boolean {
  let all = 0
  let numeric = 0
  for (const { cells } of measures)
    for (const { runs } of cells) {
      all++
      if (/^[\d\s.,%()+$€£¥–−-]+$/.test(runs[0]!.text)) numeric++
    }
  return numeric > all * 0.4
}

/** Most of its cells begin, end or have their middle where others do. */
function isAligned(cells: readonly Cell[], most: number): boolean {
  const near = (values: number[]): boolean => {
    values.sort((a, b) => a - b)
    const median = values[values.length >> 1]!
    return values.filter((value) => Math.abs(value - median) < most).length >= values.length * 0.6
  }
  return (
    near(cells.map(({ left }) => left)) ||
    near(cells.map(({ right }) => right)) ||
    near(cells.map(({ left, right }) => (left + right) / 2))
  )
}
