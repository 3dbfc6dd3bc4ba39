import { renderTable } from '../office/table.ts'
import type { Blocks } from './writer.ts'

export interface Cell {
  readonly blocks: Blocks
  readonly columns: number
  readonly rows: number
}

/** One table as it is read. */
export interface Table {
  readonly rows: Cell[][]
  /** It has header cells or a caption: its author means it as a table. */
  declared: boolean
  /** It says that it only lays out the page. */
  readonly isLayout: boolean
}

const maxColumns = 1000
/** A value repeated in the rows it spans; a longer one stands in the first of them only. */
const maxRepeated = 80
/** A page of nothing but spans could otherwise become gigabytes. */
const maxFilled = 200_000
const layoutChars = 1000
const declaredChars = 4000
const lineChars = 300

/**
 * Writes a table: as a Markdown table, or, where it only lays out the page (one column, tables or headings in its
 * cells, cells as long as pages), what its cells hold in reading order.
 */
export function writeTable(table: Table, out: Blocks): void {
  if (isLayout(table)) {
    for (const row of table.rows) writeLayoutRow(row, out)
    return
  }
  const text = renderTable(grid(table.rows))
  if (text === '') return
  out.block(text, table.rows.map((row) => row.map(({ blocks }) => blocks.flat()).join(' ')).join(' '))
  out.structured = true
}

function isLayout({ rows, declared, isLayout: says }: Table): boolean {
  if (says) return true
  let wide = false
  for (const row of rows) {
    let filled = 0
    for (const { blocks } of row) {
      if (blocks.length === 0) continue
      filled++
      if (blocks.length > (declared ? declaredChars : layoutChars)) return true
      if (!declared && (blocks.structured || (blocks.listed && blocks.length > lineChars))) return true
    }
    if (filled > 1) wide = true
  }
  return !wide
}

/** Short cells side by side are one line: a label and its field, the links of a bar. */
function writeLayoutRow(row: readonly Cell[], out: Blocks): void {
  const filled = row.filter(({ blocks }) => blocks.length > 0)
  const chars = filled.reduce((sum, { blocks }) => sum + blocks.length, 0)
  if (
    filled.length > 1 &&
    chars <= lineChars &&
    filled.every(({ blocks }) => !blocks.structured && !blocks.listed && blocks.count === 1)
  ) {
    out.block(filled.map(({ blocks }) => blocks.flat()).join(' '))
    return
  }
  for (const { blocks } of filled) {
    out.block(blocks.toString(), blocks.flat())
    out.structured ||= blocks.structured
    out.listed ||= blocks.listed
  }
}

/** Cells in their columns: what spans rows is in each of them. */
function grid(rows: readonly (readonly Cell[])[]): string[][] {
  const spans: { left: number; readonly text: string }[] = []
  let filled = 0
  return rows.map((row) => {
    const texts: string[] = []
    const fill = (): void => {
      for (let span = spans[texts.length]; span !== undefined && span.left > 0; span = spans[texts.length]) {
        span.left--
        if (filled++ > maxFilled) return
        texts.push(span.text)
      }
    }
    for (const { blocks, columns, rows: height } of row) {
      fill()
      const text = blocks.flat()
      for (let column = 0; column < columns && texts.length < maxColumns; column++) {
        if (height > 1) {
          const repeated = column === 0 && text.length <= maxRepeated ? text : ''
          spans[texts.length] = { left: height - 1, text: repeated }
        }
        texts.push(column === 0 ? text : '')
      }
    }
    fill()
    return texts
  })
}
