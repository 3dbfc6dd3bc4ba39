import { markdownTable } from '@cx/core/markdown'
import { attributeOf, type Element, elementsOf } from './dom.ts'
import type { Writer } from './writer.ts'

/** More are a mistake, or an attack. */
const mostColumns = 1_000

interface Cell {
  readonly text: string
  readonly header: boolean
}

/**
 * A table of GitHub's Markdown. Cells that reach over several columns stand in the first, those that reach over several
 * rows in each; blocks in a cell are joined by line breaks.
 */
export function tableMarkdown(element: Element, writer: Writer): string {
  const rows = grid(rowsOf(element), writer)
  const columns = Math.max(0, ...rows.map((row) => row.length))
  if (columns === 0) return ''
  // A table in a cell: its rows as lines.
  if (writer.inCell) return rows.map((row) => row.map((cell) => cell?.text ?? '').join(' · ')).join('<br>')
  const texts = rows.map((row) => Array.from({ length: columns }, (_, i) => row[i]?.text ?? ''))
  const hasHeader = rows[0]!.every((cell) => cell?.header)
  const head = hasHeader ? texts.shift()! : Array.from({ length: columns }, () => '')
  return markdownTable(head, texts)
}

function rowsOf(table: Element): readonly Element[] {
  return elementsOf(table.children).flatMap((part) => {
    if (part.name === 'tr') return [part]
    return ['thead', 'tbody', 'tfoot'].includes(part.name) ? rowsOf(part) : []
  })
}

function grid(rows: readonly Element[], writer: Writer): (Cell | undefined)[][] {
  const placed: (Cell | undefined)[][] = rows.map(() => [])
  const inside = writer.cell()
  for (const [y, row] of rows.entries()) {
    let x = 0
    for (const node of elementsOf(row.children)) {
      if (node.name !== 'td' && node.name !== 'th') continue
      while (placed[y]![x] !== undefined) x++
      const cell = { text: inside.blocks(node.children), header: node.name === 'th' }
      const width = spanOf(node, 'colspan')
      const height = Math.min(spanOf(node, 'rowspan'), rows.length - y)
      for (let down = 0; down < height; down++)
        for (let right = 0; right < width && x + right < mostColumns; right++)
          placed[y + down]![x + right] ??= right === 0 ? cell : { text: '', header: cell.header }
      x += width
    }
  }
  return placed
}

function spanOf(cell: Element, name: string): number {
  const span = Number.parseInt(attributeOf(cell, name) ?? '1', 10)
  return Number.isFinite(span) ? Math.min(Math.max(span, 1), mostColumns) : 1
}
