import type { BlockWriter } from './blocks.ts'
import { tableSpans } from './table-spans.ts'

interface OpenTable {
  readonly depth: number
  row: boolean
  cell: boolean
  /** Where cells begin and end, row by row. */
  readonly edges: (readonly number[])[]
}

const maxDepth = 60

/** The tables that are open, one in a cell of the other; RTF marks only where cells and rows end. */
export class RtfRows {
  readonly #out: BlockWriter
  readonly #open: OpenTable[] = []

  constructor(out: BlockWriter) {
    this.#out = out
  }

  /** A row has begun and not ended. */
  get inRow(): boolean {
    return this.#open[0]?.row === true
  }

  /** Opens the cell of the table at this depth, and what it lies in; tables that lie deeper end. */
  enter(depth: number): void {
    this.leave(depth)
    if (depth > 1 && this.#open.length === 0) this.enter(1)
    const last = this.#open.at(-1)
    if ((last === undefined || last.depth < depth) && this.#open.length < maxDepth) {
      if (last) this.#cell(last)
      this.#out.openTable()
      this.#open.push({ depth, row: false, cell: false, edges: [] })
    }
    this.#cell(this.#open.at(-1)!)
  }

  /** After {@link enter}. */
  endCell(): void {
    const open = this.#open.at(-1)
    if (open) open.cell = false
  }

  endRow(depth: number, edges: readonly number[]): void {
    this.leave(depth)
    const open = this.#open.at(-1)
    if (!open || open.depth < depth) return
    if (open.row) open.edges.push(edges)
    open.row = open.cell = false
  }

  /** Ends the tables that lie deeper. */
  leave(depth: number): void {
    for (let last = this.#open.at(-1); last !== undefined && last.depth > depth; last = this.#open.at(-1)) {
      this.#open.pop()
      this.#out.closeTable(tableSpans(last.edges))
    }
  }

  #cell(open: OpenTable): void {
    if (!open.row) this.#out.openRow()
    if (!open.cell) this.#out.openCell()
    open.row = open.cell = true
  }
}
