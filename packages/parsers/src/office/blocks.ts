import { BoundedText } from '../bounded-text.ts'
import { type Block, type Cell, cellText, type Table, tableBlocks } from './table.ts'

/** Puts a document's blocks together as Markdown: straight to the output, or into the table that is open. */
export class BlockWriter {
  readonly #out: BoundedText
  readonly #tables: { table: Table; row: Cell[] | undefined; cell: Cell | undefined }[] = []
  readonly #indents: number[] = []
  #lastKind: 'text' | 'list' | undefined
  readonly pageOffsets: number[] = []

  constructor(maxChars: number) {
    this.#out = new BoundedText(maxChars)
  }

  get length(): number {
    return this.#out.length
  }

  get inTable(): boolean {
    return this.#tables.length > 0
  }

  /** Text of any number of lines; nothing when it is blank. */
  text(text: string): void {
    const trimmed = text.trim()
    if (trimmed !== '') this.#put({ kind: 'text', text: safeStart(trimmed) })
  }

  heading(level: number, text: string): void {
    const line = text.trim().split(/\s+/).join(' ')
    if (line === '') return
    if (this.inTable) this.#put({ kind: 'text', text: line })
    else this.#put({ kind: 'text', text: `${'#'.repeat(Math.max(1, Math.min(6, level)))} ${line}` })
  }

  /** `level` from 0. `marker` such as `-` or `3.`; a label that Markdown cannot say goes into the text. */
  item(level: number, marker: string, text: string): void {
    const trimmed = text.trim()
    if (trimmed === '') return
    if (this.inTable) {
      this.#put({ kind: 'list', text: marker === '-' ? trimmed : `${marker} ${trimmed}` })
      return
    }
    if (this.#lastKind !== 'list') this.#indents.length = 0
    const depth = Math.max(0, Math.min(level, this.#indents.length, 12))
    let indent = 0
    for (let n = 0; n < depth; n++) indent += this.#indents[n] ?? 2
    this.#indents.length = depth
    this.#indents.push(marker.length + 1)
    const space = ' '.repeat(indent)
    const body = trimmed.includes('\n')
      ? trimmed.replaceAll('\n', `\n${space}${' '.repeat(marker.length + 1)}`)
      : trimmed
    this.#put({ kind: 'list', text: `${space}${marker} ${body}` })
  }

  openTable(): void {
    this.#tables.push({ table: { kind: 'table', rows: [] }, row: undefined, cell: undefined })
  }

  openRow(): void {
    const open = this.#tables.at(-1)
    if (!open) return
    open.row = []
    open.table.rows.push(open.row)
    open.cell = undefined
  }

  openCell(span = 1): void {
    const open = this.#tables.at(-1)
    if (!open) return
    open.cell = { blocks: [], span }
    open.row ??= open.table.rows[open.table.rows.push([]) - 1]!
    open.row.push(open.cell)
    this.#out.charge(3)
  }

  closeTable(): void {
    const closed = this.#tables.pop()
    if (!closed) return
    if (this.inTable) this.#put(closed.table)
    else for (const block of tableBlocks(closed.table)) this.#put(block)
  }

  /** One more row of the table written last. */
  tableLine(texts: readonly string[], columns: number): void {
    let line = '\n|'
    for (let n = 0; n < Math.max(columns, texts.length); n++) line += ` ${cellText(texts[n] ?? '')} |`
    this.#out.append(line)
  }

  /** A page begins with the next block. */
  page(): void {
    this.pageOffsets.push(this.#out.length)
  }

  /** All of it, tables that were never closed as well. */
  finish(): string {
    while (this.inTable) this.closeTable()
    return this.#out.toString()
  }

  #put(block: Block): void {
    const open = this.#tables.at(-1)
    if (open) {
      if (!open.cell) this.openCell()
      open.cell!.blocks.push(block)
      if (block.kind !== 'table') this.#out.charge(block.text.length)
      return
    }
    if (block.kind === 'table') return
    const tight = block.kind === 'list' && this.#lastKind === 'list'
    this.#out.append(this.#out.length === 0 ? block.text : tight ? `\n${block.text}` : `\n\n${block.text}`)
    this.#lastKind = block.kind
  }
}

/** Text that happens to look like a heading or a fence is kept as text. */
function safeStart(text: string): string {
  const code = text.charCodeAt(0)
  if (code === 35) return /^#{1,6}\s/.test(text) ? `\\${text}` : text
  return code === 96 || code === 126 ? (/^(```|~~~)/.test(text) ? `\\${text}` : text) : text
}
