import { type Column, nearest } from './columns.ts'
import { joint } from './letters.ts'
import { textOf } from './rows.ts'
import type { Run } from './runs.ts'
import type { TableTag } from './tags.ts'

/** A table as the document's own tags give it. */
export interface TaggedTable {
  readonly rows: readonly (readonly string[])[]
  /** Of its letters. */
  readonly size: number
}

/** Programs that tag everything as a heading tag nothing. */
const maxHeadingShare = 0.5
const fewLetters = 400
/** Cells of more than this, on average, are a page's layout. */
const maxCellChars = 400
/** A cell alone in its row that has more is text between two tables. */
const maxTitleChars = 120

interface Cells {
  readonly table: TableTag
  readonly runs: Run[]
  /** By row and column. */
  readonly texts: Map<number, Map<number, Run[]>>
}

/** Runs as they come, with the tables among them that tags tell of. */
export function partsOf(runs: readonly Run[]): (readonly Run[] | TaggedTable)[] {
  if (runs.every(({ tag }) => tag === undefined)) return [runs]
  dropWildHeadings(runs)
  const tables = new Map<TableTag, Cells>()
  for (const run of runs) {
    if (run.tag?.kind !== 'cell') continue
    const { table, row, column } = run.tag
    const cells: Cells = tables.get(table) ?? { table, runs: [], texts: new Map() }
    tables.set(table, cells)
    cells.runs.push(run)
    const own = cells.texts.get(row) ?? new Map<number, Run[]>()
    cells.texts.set(row, own)
    if (own.has(column)) own.get(column)!.push(run)
    else own.set(column, [run])
  }
  const tabular = new Set([...tables.values()].filter(isTabular))
  const parts: (readonly Run[] | TaggedTable)[] = []
  let between: Run[] = []
  const add = (part: readonly Run[] | TaggedTable): void => {
    if (!('rows' in part)) {
      for (const run of part) between.push({ ...run, tag: undefined })
      return
    }
    if (between.length > 0) parts.push(between)
    between = []
    parts.push(part)
  }
  for (const run of runs) {
    const cells = run.tag?.kind === 'cell' ? tables.get(run.tag.table)! : undefined
    if (cells === undefined) between.push(run)
    else if (!tabular.has(cells)) between.push({ ...run, tag: undefined })
    else if (cells.runs[0] === run) for (const part of tableParts(cells)) add(part)
  }
  if (between.length > 0) parts.push(between)
  return parts
}

function dropWildHeadings(runs: readonly Run[]): void {
  let letters = 0
  let headings = 0
  for (const { tag, text } of runs) {
    letters += text.length
    if (tag?.kind === 'heading') headings += text.length
  }
  if (headings < fewLetters || headings < letters * maxHeadingShare) return
  for (const run of runs) if (run.tag?.kind === 'heading') run.tag = undefined
}

/** Two rows and columns with text in them, in cells of which none is a page of its own. */
function isTabular({ runs, texts }: Cells): boolean {
  const columns = new Set<number>()
  let cells = 0
  let turned = 0
  for (const row of texts.values())
    for (const column of row.keys()) {
      columns.add(column)
      cells++
    }
  let chars = 0
  for (const { text, turn } of runs) {
    chars += text.length
    if (turn !== runs[0]!.turn) turned++
  }
  return texts.size > 1 && columns.size > 1 && chars < cells * maxCellChars && turned === 0
}

/** A table, or more of them where text that runs over its whole width parts it; titles above and below are none of it. */
function tableParts({ table, runs, texts }: Cells): (readonly Run[] | TaggedTable)[] {
  let count = 0
  for (const row of texts.values()) for (const column of row.keys()) count = Math.max(count, column + 1)
  const isFromRight = runs.filter(({ rtl }) => rtl).length * 2 > runs.length
  const rows = [...texts].sort(([a], [b]) => a - b).map(([, row]) => cellsOf(row, table.hasSpans, isFromRight))
  const columns = table.hasSpans ? [] : columnsOf(rows, count)
  const parts: (readonly Run[] | TaggedTable)[] = []
  let group: Cell[][] = []
  const flush = (): void => {
    const first = group.findIndex(isParted)
    const last = group.findLastIndex(isParted)
    const own = first === -1 ? [] : group.slice(first, last + 1)
    const isTable = own.length > 1
    parts.push(...group.slice(0, isTable ? first : group.length).flatMap((row) => row.map((cell) => cell.runs)))
    if (isTable) {
      parts.push({ rows: own.map((row) => textsOf(row, columns, count)), size: own[0]![0]!.runs[0]!.size })
      parts.push(...group.slice(last + 1).flatMap((row) => row.map((cell) => cell.runs)))
    }
    group = []
  }
  for (const row of rows) {
    if (isParted(row) || charsOf(row) <= maxTitleChars) group.push(row)
    else {
      flush()
      parts.push(row[0]!.runs)
    }
  }
  flush()
  return parts
}

function isParted(row: readonly Cell[]): boolean {
  return row.length > 1
}

function charsOf(row: readonly Cell[]): number {
  return row.reduce((sum, { runs }) => runs.reduce((all, { text }) => all + text.length, sum), 0)
}

function textsOf(row: readonly Cell[], columns: readonly Column[], count: number): string[] {
  const places = placesOf(columns, row)
  const texts = Array.from({ length: count }, () => '')
  for (const [at, { column, runs }] of row.entries()) texts[places?.[at] ?? column] = cellText(runs)
  return texts
}

interface Cell extends Column {
  column: number
  readonly runs: readonly Run[]
}

/** Cells of a row as they stand on the page, where none stands above another: some programs tag them in another order. */
function cellsOf(row: ReadonlyMap<number, readonly Run[]>, hasSpans: boolean, isFromRight: boolean): Cell[] {
  const cells = [...row].sort(([a], [b]) => a - b).map(([column, runs]) => ({ column, runs, ...reach(runs) }))
  if (hasSpans) return cells
  const sorted = cells.toSorted((a, b) => (isFromRight ? b.right - a.right : a.left - b.left))
  const isBeside = sorted.every(({ left, right, runs }, at) => {
    const before = sorted[at - 1]
    if (before === undefined) return true
    return (isFromRight ? before.left - right : left - before.right) > -runs[0]!.size
  })
  return isBeside ? sorted.map((cell, at) => ({ ...cell, column: cells[at]!.column })) : cells
}

/** Where the columns lie, by the rows that have a cell in each of them; none where no row does. */
function columnsOf(rows: readonly (readonly Cell[])[], count: number): Column[] {
  const columns: Column[] = []
  for (const cells of rows) {
    if (cells.length < count) continue
    for (const { column, left, right } of cells) {
      const known = columns[column] ?? { left, right }
      columns[column] = { left: Math.min(known.left, left), right: Math.max(known.right, right) }
    }
  }
  return columns
}

/** Some programs leave empty cells out: what is left stands where it is drawn. */
function placesOf(columns: readonly Column[], cells: readonly Cell[]): number[] | undefined {
  if (columns.length === 0 || cells.length >= columns.length) return undefined
  const places = cells.map((cell) => nearest(columns, cell))
  return places.every((place, at) => at === 0 || place > places[at - 1]!) ? places : undefined
}

function reach(runs: readonly Run[]): Column {
  let [left, right] = [runs[0]!.left, runs[0]!.right]
  for (const run of runs) {
    left = Math.min(left, run.left)
    right = Math.max(right, run.right)
  }
  return { left, right }
}

/** Lines of a cell, put together. */
function cellText(runs: readonly Run[]): string {
  let text = ''
  let line: Run[] = []
  const flush = (): void => {
    if (line.length === 0) return
    const own = textOf(line)
    const isBroken = text.endsWith('-') && /^\p{Ll}/u.test(own)
    text = text === '' ? own : isBroken ? text.slice(0, -1) + own : text + joint(text, own) + own
    line = []
  }
  for (const run of runs) {
    const last = line.at(-1)
    if (last !== undefined && Math.abs(last.bottom - run.bottom) > Math.max(last.size, run.size) * 0.5) flush()
    line.push(run)
  }
  flush()
  return text
}
