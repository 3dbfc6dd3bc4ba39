import type { BlockWriter } from './blocks.ts'
import { renderTable } from './table.ts'

/** Rows kept to find out how wide a table is; a longer one goes on with the width of these. */
const windowRows = 500
const maxColumns = 16_384

/**
 * A sheet as it comes row by row: each run of filled rows is a table of its own, a lone cell is a paragraph. Empty
 * columns on the left are left out, and nothing is kept but the rows of one window.
 */
export class GridWriter {
  readonly #out: BlockWriter
  #rows: string[][] = []
  #lastRow = -1
  #columns = 0
  #first = 0
  #continued = false

  constructor(out: BlockWriter) {
    this.#out = out
  }

  /** `cells` from column 0; holes and blank cells count as empty. `row` rises. */
  row(row: number, cells: readonly (string | undefined)[]): void {
    let last = Math.min(cells.length, maxColumns)
    while (last > 0 && !cells[last - 1]) last--
    if (last === 0) return
    if (this.#lastRow >= 0 && row > this.#lastRow + 1) this.flush()
    this.#lastRow = row
    const texts: string[] = new Array(last)
    for (let n = 0; n < last; n++) texts[n] = cells[n] ?? ''
    if (this.#continued) this.#continue(texts)
    else if (this.#rows.push(texts) >= windowRows) this.#write(true)
  }

  /** Ends the table that is open. */
  flush(): void {
    if (!this.#continued) this.#write(false)
    this.#continued = false
    this.#rows = []
    this.#lastRow = -1
  }

  #write(more: boolean): void {
    const rows = this.#rows
    if (rows.length === 0) return
    let first = Number.POSITIVE_INFINITY
    let last = 0
    for (const row of rows) {
      const begins = row.findIndex((text) => text !== '')
      if (begins < first) first = begins
      if (row.length > last) last = row.length
    }
    this.#first = first
    this.#columns = last - first
    this.#rows = []
    if (this.#columns === 1 && rows.length === 1) this.#out.text(rows[0]![first]!)
    else this.#out.text(renderTable(first === 0 ? rows : rows.map((row) => row.slice(first))))
    this.#continued = more
  }

  #continue(texts: string[]): void {
    const from = texts.slice(0, this.#first).some((text) => text !== '') ? 0 : this.#first
    this.#out.tableLine(texts.slice(from), this.#columns)
  }
}
