import type { BlockWriter } from './blocks.ts'
import type { DocRuns } from './doc-runs.ts'
import type { DocParagraph } from './doc-sprms.ts'
import { tableSpans } from './table-spans.ts'

interface Open {
  row: boolean
  cell: boolean
}

const cellMark = 7

/** Follows paragraphs into tables and out of them; Word marks only where cells and rows end. */
export class DocTables {
  readonly #out: BlockWriter
  readonly #paragraphs: DocRuns<DocParagraph>
  readonly #open: Open[] = []
  /** Of the outermost table: columns its cells cover, row by row. */
  #spans: readonly (readonly number[] | undefined)[] = []
  /** The run up to which rows were looked for. */
  #looked = 0
  #row = 0
  #column = 0

  constructor(out: BlockWriter, paragraphs: DocRuns<DocParagraph>) {
    this.#out = out
    this.#paragraphs = paragraphs
  }

  /** Before a paragraph, the one of a run, is written: opens what it lies in. False for one that only ends a row. */
  enter(paragraph: DocParagraph, mark: number, run: number): boolean {
    const { depth, rowEnd } = paragraph
    while (this.#open.length > depth) this.#close()
    while (this.#open.length < depth) {
      if (this.#open.length > 0) this.#cell()
      else this.#look(run)
      this.#out.openTable()
      this.#open.push({ row: false, cell: false })
    }
    const open = this.#open.at(-1)
    if (!open) return true
    if (rowEnd && (mark === cellMark || depth > 1)) {
      open.row = open.cell = false
      if (this.#open.length === 1) this.#row++
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
    const isOuter = this.#open.length === 1
    if (!open.row) {
      this.#out.openRow()
      if (isOuter) this.#column = 0
    }
    if (!open.cell) this.#out.openCell(isOuter ? this.#spans[this.#row]?.[this.#column++] : 1)
    open.row = open.cell = true
  }

  /** Ahead at the ends of all rows: only there it stands how wide their cells are. */
  #look(run: number): void {
    const rows: (readonly number[])[] = []
    let next = Math.max(0, run)
    // Looked for once: text that goes to and fro must not cost its square.
    const count = next < this.#looked ? 0 : this.#paragraphs.count
    for (; next < count; next++) {
      const paragraph = this.#paragraphs.value(next)
      if (!paragraph || paragraph.depth === 0) break
      if (paragraph.rowEnd && paragraph.depth === 1) rows.push(paragraph.edges ?? [])
    }
    this.#looked = Math.max(this.#looked, next)
    this.#spans = tableSpans(rows)
    this.#row = 0
  }

  #close(): void {
    this.#open.pop()
    this.#out.closeTable()
  }
}
