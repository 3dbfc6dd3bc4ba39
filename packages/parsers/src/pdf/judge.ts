import { type Column, nearest } from './columns.ts'
import { isMarker } from './markers.ts'
import { type Cell, hasLeader, type Row } from './rows.ts'
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

/** Rows up to `to` whose cells found columns of their own. */
export interface Grown {
  readonly to: number
  readonly columns: Column[]
}

export const minRows: number = 3
/** More cells in a row are the labels of a chart. */
export const maxCells: number = 80
const proseChars = 28
const fewRows = 5
const longChars = 40

/** A line of a table of contents: its dots end where they end. */
export function leads({ cells }: Pick<Row, 'cells'>): boolean {
  return cells.some(({ runs }) => runs.some(({ text }) => hasLeader(text)))
}

export function isMulti({ cells }: Row): boolean {
  return cells.length > 1 && cells.length <= maxCells && !leads({ cells })
}

interface Measure {
  readonly cells: Cell[]
  chars: number
}

/** Whether rows that share columns are a table, text across columns, or neither. */
export function judge(
  rows: readonly Row[],
  from: number,
  { to, columns: grown }: Grown,
  order: ReadonlyMap<Run, number>,
): Region | undefined {
  if (grown.length < 2 || grown.length > maxCells) return undefined
  const own = rows.slice(from, to)
  const multi = own.filter(isMulti).length
  if (multi < minRows || multi * 3 < own.length) return undefined
  const { columns, places } = joinColumns(grown, own)
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
  if (isList(measures)) return undefined
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

/**
 * Puts two columns together where no row has both and one has a few cells only: a title to the left, above numbers
 * to the right.
 */
function joinColumns(
  columns: readonly Column[],
  rows: readonly Row[],
): { readonly columns: readonly Column[]; readonly places: number[][] } {
  const places = rows.map((row) => row.cells.map((cell) => nearest(columns, cell)))
  const members = columns.map(() => new Set<number>())
  places.forEach((own, row) => {
    for (const place of own) members[place]!.add(row)
  })
  const joined: Column[] = []
  const into: number[] = []
  let last = new Set<number>()
  columns.forEach((column, index) => {
    const own = members[index]!
    const [small, big] = own.size < last.size ? [own, last] : [last, own]
    const isFew = small.size > 0 && (small.size <= big.size / 4 || isAbove(small, big))
    const isOne = isFew && !own.values().some((row) => last.has(row))
    if (isOne) {
      joined.at(-1)!.right = column.right
      for (const row of own) last.add(row)
    } else {
      joined.push({ ...column })
      last = own
    }
    into.push(joined.length - 1)
  })
  return { columns: joined, places: places.map((own) => own.map((place) => into[place]!)) }
}

/** A few rows before all others: those of the head. Rows come in their order. */
function isAbove(small: ReadonlySet<number>, big: ReadonlySet<number>): boolean {
  const [first = 0] = big
  return small.size < minRows && small.values().every((row) => row < first)
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

/** Numbers or bullets, of one or more levels, and behind them what is counted. */
function isList(measures: readonly Measure[]): boolean {
  const used = measures.filter(({ cells }) => cells.length > 0)
  const last = used.at(-1)!
  if (used.length > 4 || isNumeric([last])) return false
  return used.every(
    ({ cells }) =>
      cells === last.cells ||
      cells.filter(({ runs }) => runs.every(({ text }) => isMarker(text))).length > cells.length * 0.7,
  )
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
