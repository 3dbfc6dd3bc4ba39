/** What stands in a document one below the other. */
export type Block =
  | { readonly kind: 'text'; readonly text: string; readonly heading?: number }
  | { readonly kind: 'list'; readonly text: string; readonly marker: string; readonly level: number }
  | Table

export interface Cell {
  readonly blocks: Block[]
  /** Columns it covers. */
  readonly span: number
}

export interface Table {
  readonly kind: 'table'
  readonly rows: Cell[][]
}

const maxSpan = 64
const maxFilled = 64
/** A cell longer than this is a page's layout, not a table's cell. */
const layoutChars = 3000

/**
 * A table as blocks: a Markdown table, or, where it only lays out the page (one column, or cells as long as pages),
 * what its cells hold in reading order.
 */
export function tableBlocks(table: Table): Block[] {
  let layout = true
  let long = false
  for (const row of table.rows) {
    let filled = 0
    for (const cell of row) {
      const length = blocksLength(cell.blocks)
      if (length > 0) filled++
      if (length > layoutChars) long = true
    }
    if (filled > 1) layout = false
  }
  if (layout || long) {
    return table.rows.flatMap((row) =>
      row.flatMap((cell) => cell.blocks.flatMap((block) => (block.kind === 'table' ? tableBlocks(block) : [block]))),
    )
  }
  const text = renderTable(table.rows.map(rowTexts))
  return text === '' ? [] : [{ kind: 'text', text }]
}

function rowTexts(row: readonly Cell[]): string[] {
  const texts: string[] = []
  for (const cell of row) {
    texts.push(flatten(cell.blocks))
    for (let n = Math.min(cell.span, maxSpan); n > 1; n--) texts.push('')
  }
  return texts
}

/** Rows of plain cell texts as a Markdown table; the first row is its header. Empty rows and last columns are left out. */
export function renderTable(rows: readonly (readonly string[])[]): string {
  const kept = rows.filter((row) => row.some((text) => text !== ''))
  let columns = 0
  for (const row of kept) {
    let last = row.length
    while (last > columns && row[last - 1] === '') last--
    if (last > columns) columns = last
  }
  if (columns === 0) return ''
  const lines: string[] = []
  kept.forEach((row, n) => {
    let line = '|'
    // Only a header must have all its cells; filling up wide rows could make gigabytes of nothing.
    const shown = n === 0 || columns <= maxFilled ? columns : Math.min(row.length, columns)
    for (let column = 0; column < shown; column++) line += ` ${cellText(row[column] ?? '')} |`
    lines.push(line)
    if (n === 0) lines.push(`|${' --- |'.repeat(columns)}`)
  })
  return lines.join('\n')
}

/** One line, with its pipes escaped. */
export function cellText(text: string): string {
  const line = /[\n\r\t]/.test(text) ? text.trim().split(/\s+/).join(' ') : text.trim()
  return line.includes('|') ? line.replaceAll('|', '\\|') : line
}

function flatten(blocks: readonly Block[]): string {
  const only = blocks[0]
  if (blocks.length === 1 && only && only.kind !== 'table') return blockText(only)
  const texts: string[] = []
  for (const block of blocks) {
    // A cell has one line: what were items of a list must not run together.
    if (block.kind === 'list' && block.marker === '-') texts.push(`• ${block.text}`)
    else if (block.kind !== 'table') texts.push(blockText(block))
    else for (const row of block.rows) for (const cell of row) texts.push(flatten(cell.blocks))
  }
  return texts.filter((text) => text !== '').join(' ')
}

function blockText(block: Exclude<Block, Table>): string {
  return block.kind === 'text' || block.marker === '-' ? block.text : `${block.marker} ${block.text}`
}

function blocksLength(blocks: readonly Block[]): number {
  let length = 0
  for (const block of blocks) {
    if (block.kind !== 'table') length += block.text.length
    else for (const row of block.rows) for (const cell of row) length += blocksLength(cell.blocks)
  }
  return length
}
