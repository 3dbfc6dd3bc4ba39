import { joint } from './letters.ts'
import { textOf } from './rows.ts'
import type { Run } from './runs.ts'

/** A table as the document's own tags give it. */
export interface TaggedTable {
  readonly rows: readonly (readonly string[])[]
}

/** Programs that tag everything as a heading tag nothing. */
const maxHeadingShare = 0.5
const fewLetters = 400
/** Cells of more than this, on average, are a page's layout. */
const maxCellChars = 400

interface Cells {
  readonly runs: Run[]
  /** By row and column. */
  readonly texts: Map<number, Map<number, Run[]>>
}

/** Runs as they come, with the tables among them that tags tell of. */
export function partsOf(runs: readonly Run[]): (readonly Run[] | TaggedTable)[] {
  if (runs.every(({ tag }) => tag === undefined)) return [runs]
  dropWildHeadings(runs)
  const tables = new Map<object, Cells>()
  for (const run of runs) {
    if (run.tag?.kind !== 'cell') continue
    const { table, row, column } = run.tag
    const cells: Cells = tables.get(table) ?? { runs: [], texts: new Map() }
    tables.set(table, cells)
    cells.runs.push(run)
    const own = cells.texts.get(row) ?? new Map<number, Run[]>()
    cells.texts.set(row, own)
    if (own.has(column)) own.get(column)!.push(run)
    else own.set(column, [run])
  }
  const parts: (readonly Run[] | TaggedTable)[] = []
  let between: Run[] = []
  const flush = (): void => {
    if (between.length > 0) parts.push(between)
    between = []
  }
  for (const run of runs) {
    const cells = run.tag?.kind === 'cell' ? tables.get(run.tag.table)! : undefined
    const isTable = cells !== undefined && isTabular(cells)
    if (!isTable) between.push(run)
    else if (cells.runs[0] === run) {
      flush()
      parts.push({ rows: rowsOf(cells) })
    }
  }
  flush()
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

function rowsOf({ texts }: Cells): string[][] {
  let columns = 0
  for (const row of texts.values()) for (const column of row.keys()) columns = Math.max(columns, column + 1)
  return [...texts]
    .sort(([a], [b]) => a - b)
    .map(([, row]) => Array.from({ length: columns }, (_, column) => cellText(row.get(column) ?? [])))
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
