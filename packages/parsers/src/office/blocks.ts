import { BoundedText } from '../bounded-text.ts'
import { type Block, type Cell, cellText, type Table, tableBlocks } from './table.ts'

/** Puts a document's blocks together as Markdown: straight to the output, or into the table that is open. */
export class BlockWriter {
  readonly #out: BoundedText
  readonly #tables: { table: Table; row: Cell[] | undefined; cell: Cell | undefined }[] = []
  readonly #indents: number[] = []
  #lastKind: 'text' | 'list' | undefined
  #code: string[] | undefined
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
    if (trimmed === '') return
    if (this.inTable) this.#keep({ kind: 'text', text: trimmed })
    else this.#write('text', safeStart(trimmed))
  }

  /** Blocks that another writer has made. */
  markdown(text: string): void {
    const trimmed = text.trim()
    if (trimmed === '' || this.inTable) this.text(trimmed)
    else this.#write('text', trimmed)
  }

  heading(level: number, text: string): void {
    const line = text.trim().split(/\s+/).join(' ')
    if (line === '') return
    if (this.inTable) this.#keep({ kind: 'text', text: line, heading: level })
    else this.#write('text', `${'#'.repeat(Math.max(1, Math.min(6, level)))} ${line}`)
  }

  /** A paragraph of program text: one after the other they make one block. Blank ones only go on with it. */
  code(text: string): void {
    if (this.inTable) this.text(text)
    else if (this.#code || text.trim() !== '') {
      this.#code ??= []
      this.#code.push(text.trimEnd())
      this.#out.charge(text.length)
    }
  }

  /** `level` from 0. `marker` such as `-` or `3.`; a label that Markdown cannot say goes into the text. */
  item(level: number, marker: string, text: string): void {
    const trimmed = text.trim()
    if (trimmed === '') return
    if (this.inTable) {
      this.#keep({ kind: 'list', text: trimmed, marker, level })
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
    this.#write('list', `${space}${marker} ${body}`)
  }

  /** One more paragraph of the item written last, or of one above; `level` from 0. */
  more(level: number, text: string): void {
    const trimmed = text.trim()
    if (trimmed === '' || this.inTable || this.#lastKind !== 'list') {
      this.text(trimmed)
      return
    }
    this.#indents.length = Math.min(this.#indents.length, level + 1)
    let indent = 0
    for (const width of this.#indents) indent += width
    const space = ' '.repeat(indent)
    this.#endCode()
    this.#out.append(`\n\n${space}${trimmed.replaceAll('\n', `\n${space}`)}`)
  }

  openTable(): void {
    this.#endCode()
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
    this.#out.charge(3 * Math.min(64, Math.max(1, span)))
  }

  /** `spans` where it is known only now how many columns the cells of each row cover. */
  closeTable(spans: readonly (readonly number[] | undefined)[] = []): void {
    const closed = this.#tables.pop()
    if (!closed) return
    spans.forEach((own, n) => {
      const row = closed.table.rows[n]
      if (own && row?.length === own.length) closed.table.rows[n] = row.map((cell, at) => ({ ...cell, span: own[at]! }))
    })
    if (this.inTable) {
      this.#keep(closed.table)
      return
    }
    for (const block of tableBlocks(closed.table)) {
      if (block.kind === 'list') this.item(block.level, block.marker, block.text)
      else if (block.kind === 'text' && block.heading !== undefined) this.heading(block.heading, block.text)
      else if (block.kind === 'text') this.#write('text', safeStart(block.text))
    }
  }

  /** One more row of the table written last. */
  tableLine(texts: readonly string[], columns: number): void {
    let line = '\n|'
    for (let n = 0; n < Math.max(Math.min(columns, 64), texts.length); n++) line += ` ${cellText(texts[n] ?? '')} |`
    this.#out.append(line)
  }

  /** A page begins with the next block. */
  page(): void {
    this.#endCode()
    this.pageOffsets.push(this.#out.length)
  }

  /** All of it, tables that were never closed as well. */
  finish(): string {
    while (this.inTable) this.closeTable()
    this.#endCode()
    return this.#out.toString()
  }

  /** Into the cell that is open. */
  #keep(block: Block): void {
    const open = this.#tables.at(-1)
    if (!open) return
    if (!open.cell) this.openCell()
    open.cell!.blocks.push(block)
    if (block.kind !== 'table') this.#out.charge(block.text.length)
  }

  #endCode(): void {
    const lines = this.#code
    if (!lines) return
    this.#code = undefined
    const text = lines.join('\n').trimEnd()
    const fence = text.includes('```') ? '~~~~' : '```'
    this.#write('text', `${fence}\n${text}\n${fence}`)
  }

  #write(kind: 'text' | 'list', text: string): void {
    if (this.#code) this.#endCode()
    const tight = kind === 'list' && this.#lastKind === 'list'
    this.#out.append(this.#out.length === 0 ? text : tight ? `\n${text}` : `\n\n${text}`)
    this.#lastKind = kind
  }
}

/** Text that happens to look like a heading or a fence is kept as text. */
function safeStart(text: string): string {
  const code = text.charCodeAt(0)
  if (code === 35) return /^#{1,6}\s/.test(text) ? `\\${text}` : text
  return code === 96 || code === 126 ? (/^(```|~~~)/.test(text) ? `\\${text}` : text) : text
}
