import type { BlockWriter } from './blocks.ts'
import type { DocParagraph } from './doc-sprms.ts'

interface Open {
  row: boolean
  cell: boolean
}

const cellMark = 7

/** Follows paragraphs into tables and out of them; Word marks only where cells and rows end. */
export class DocTables {
  readonly #out: BlockWriter
  readonly #open: Open[] = []

  constructor(out: BlockWriter) {
    this.#out = out
  }

  /** Before a paragraph is written: opens what it lies in. False for one that only ends a row. */
  enter(paragraph: DocParagraph, mark: number): boolean {
    const { depth, rowEnd } = paragraph
    while (this.#open.length > depth) this.#close()
    while (this.#open.length < depth) {
      if (this.#open.length > 0) this.#cell()
      this.#out.openTable()
      this.#open.push({ row: false, cell: false })
    }
    const open = this.#open.at(-1)
    if (!open) return true
    if (rowEnd && (mark === cellMark || depth > 1)) {
      open.row = open.cell = false
      return false
    }
    this.#cell()
    return true
  }

  /** After it was written. */
  leave(paragraph: DocParagraph, mark: number): void {
    const open = this.#open.at(-1)
    if (open && (mark === cellMark || paragraph.innerCell)) open.cell = false
  }

  close(): void {
    while (this.#open.length > 0) this.#close()
  }

  #cell(): void {
    const open = this.#open.at(-1)!
    if (!open.row) this.#out.openRow()
    if (!open.cell) this.#out.openCell()
    open.row = open.cell = true
  }

  #close(): void {
    this.#open.pop()
    this.#out.closeTable()
  }
}
