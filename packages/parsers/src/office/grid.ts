import type { BlockWriter } from './blocks.ts'
import { cellText } from './table.ts'

/** Rows kept to find out which columns a table has; a longer one goes on with the columns of these. */
const windowRows = 500
const maxColumns = 16_384
/** Lone cells above a table that are taken for its title. */
const mostTitles = 3
/** A table with more columns than this is one only if enough of its cells are filled. */
const wideColumns = 64
const leastFilled = 1 / 8

type Row = readonly (string | undefined)[]

/**
 * A sheet as it comes row by row: each run of filled rows is a table of its own, a lone cell is a paragraph, and so is
 * one in the first column above a table: its title. Columns with nothing in them are left out, as are empty cells at
 * the end of a row; where few cells of many columns are filled, only those are written. Nothing is kept but the rows of
 * one window.
 */
export class GridWriter {
  readonly #out: BlockWriter
  #rows: Row[] = []
  #lastRow = -1
  /** The columns of a table that goes on; undefined before its first window is full. */
  #columns: readonly number[] | undefined
  #known: ReadonlySet<number> | undefined
  #sparse = false

  constructor(out: BlockWriter) {
    this.#out = out
  }

  /** `cells` from column 0, not to be changed afterwards; holes and blank cells count as empty. `row` rises. */
  row(row: number, cells: Row): void {
    if (lastFilled(cells) < 0) return
    if (this.#lastRow >= 0 && row > this.#lastRow + 1) this.flush()
    this.#lastRow = row
    if (this.#columns) this.#continue(cells, this.#columns)
    else if (this.#rows.push(cells) >= windowRows) this.#columns = this.#write()
  }

  /** Ends the table that is open. */
  flush(): void {
    if (!this.#columns) this.#write()
    this.#columns = undefined
    this.#known = undefined
    this.#rows = []
    this.#lastRow = -1
  }

  /** Gives the columns of what was written. */
  #write(): readonly number[] {
    const rows = this.#rows
    this.#rows = []
    const { columns, counts } = measure(rows)
    if (rows.length === 0) return columns
    const titles = titlesAbove(rows, counts, columns)
    for (const row of rows.slice(0, titles)) this.#out.text(row[columns[0]!]!)
    const filled = counts.reduce((sum, count) => sum + count, 0)
    this.#sparse = columns.length > wideColumns && filled < columns.length * rows.length * leastFilled
    if (columns.length === 1 && rows.length === 1) this.#out.text(rows[0]![columns[0]!]!)
    else if (this.#sparse) this.#out.text(rows.map((row) => line(row.filter((text) => !isBlank(text)))).join('\n'))
    else {
      const [header = [], ...body] = rows.slice(titles)
      const lines = [line(pick(header, columns), columns.length), `|${' --- |'.repeat(columns.length)}`]
      for (const row of body) lines.push(line(pick(row, columns)))
      this.#out.text(lines.join('\n'))
    }
    return columns
  }

  #continue(cells: Row, columns: readonly number[]): void {
    if (this.#sparse) {
      this.#out.tableLine(
        cells.filter((text): text is string => !isBlank(text)),
        0,
      )
      return
    }
    const known = columns.map((column) => cells[column] ?? '')
    while (isBlank(known.at(-1)) && known.length > 0) known.pop()
    // A column that was empty so far has no place in the table; its text stays in the row.
    this.#known ??= new Set(columns)
    const places = this.#known
    const more = cells.filter((text, n): text is string => !isBlank(text) && !places.has(n))
    this.#out.tableLine([...known, ...more], 0)
  }
}

/** The columns that have any text, and how many cells of each row have. */
function measure(rows: readonly Row[]): { readonly columns: readonly number[]; readonly counts: readonly number[] } {
  const used: boolean[] = []
  const counts = rows.map((row) => {
    let count = 0
    const end = Math.min(row.length, maxColumns)
    for (let n = 0; n < end; n++) {
      if (isBlank(row[n])) continue
      count++
      used[n] = true
    }
    return count
  })
  const columns: number[] = []
  // Holes are passed over: there may be thousands.
  used.forEach((_, n) => {
    columns.push(n)
  })
  return { columns, counts }
}

/** How many rows before the table itself have nothing but a cell in the first column. */
function titlesAbove(rows: readonly Row[], counts: readonly number[], columns: readonly number[]): number {
  const first = counts.findIndex((count) => count > 1)
  if (first < 1 || first > mostTitles) return 0
  return rows.slice(0, first).every((row) => !isBlank(row[columns[0]!])) ? first : 0
}

function lastFilled(row: Row): number {
  let last = Math.min(row.length, maxColumns) - 1
  while (last >= 0 && isBlank(row[last])) last--
  return last
}

function isBlank(text: string | undefined): boolean {
  return !text || (text.charCodeAt(0) <= 32 && text.trim() === '')
}

function pick(row: Row, columns: readonly number[]): Row {
  return columns.at(-1) === columns.length - 1 ? row : columns.map((column) => row[column])
}

/** One line of a table, at least of so many cells. */
function line(row: Row, least = 0): string {
  const end = Math.max(lastFilled(row) + 1, least)
  let out = '|'
  for (let n = 0; n < end; n++) {
    const text = row[n]
    out += text ? ` ${plainCell.test(text) ? text : cellText(text)} |` : '  |'
  }
  return out
}

/** Most cells need no care: one line without a pipe, and no space around it. */
const plainCell = /^[^\s|](?:[^\n\r\t|]*[^\s|])?$/
