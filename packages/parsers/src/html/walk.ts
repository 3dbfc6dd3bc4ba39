import { type Tag, tagCount } from './elements.ts'
import { Page } from './page.ts'
import type { Source } from './source.ts'
import { type Cell, type Table, writeTable } from './table.ts'
import { attribute, scanTokens, type TokenHandler } from './tokens.ts'
import { Blocks } from './writer.ts'

/** An element that is open and matters to what comes inside. */
interface Open {
  readonly tag: Tag
  /** Of the containers around it. */
  readonly depth: number
  readonly look: number
  /** Of the sections and divisions around it, which end what is left open in them. */
  readonly sections: number
}

interface OpenTable {
  readonly table: Table
  row: Cell[] | undefined
  /** Elements open before it, and with the cell that is open. */
  readonly floor: number
  hasCell: boolean
}

const maxOpen = 256
const maxTables = 24
const maxSpan = 64

/** Follows the elements of one page, as far as they matter, with the repairs browsers make to what is not closed. */
export class Walk implements TokenHandler {
  readonly #source: Source
  readonly #page: Page
  readonly #maxChars: number
  readonly #open: Open[] = []
  /** Open ones of each tag. */
  readonly #counts = new Int32Array(tagCount)
  readonly #lists: { readonly ordered: boolean; next: number }[] = []
  readonly #tables: OpenTable[] = []
  /** Elements open below it are not closed from inside a cell. */
  #floor = 0
  #sections = 0

  constructor(source: Source, maxChars: number, hidden: boolean) {
    this.#source = source
    this.#maxChars = maxChars
    this.#page = new Page(source, maxChars, hidden)
  }

  run(): string {
    scanTokens(this.#source, this)
    this.#closeTo(0)
    return this.#page.finish()
  }

  text(from: number, to: number): void {
    this.#page.text(from, to)
  }

  open(tag: Tag, from: number, to: number, closed: boolean): number | undefined {
    const { name, kind } = tag
    const page = this.#page
    if (page.inPre && kind !== 'cell' && kind !== 'row' && kind !== 'pre') {
      return page.openInPre(name, kind, from, to)
    }
    switch (kind) {
      case 'block':
        if (name !== 'p' && !closed) this.#sections++
        page.block(from, to)
        return undefined
      case 'heading':
        page.endHeading()
        page.paragraph()
        if (this.#push(tag)) page.heading = name.charCodeAt(1) - 48
        return undefined
      case 'list':
        this.#openList(tag, from, to)
        return undefined
      case 'item':
        this.#openItem(tag, from, to)
        return undefined
      case 'terms':
        page.endHeading()
        page.paragraph()
        this.#push(tag)
        return undefined
      case 'term':
      case 'definition':
        this.#openTerm(tag)
        return undefined
      case 'quote':
        page.endHeading()
        page.paragraph()
        if (this.#push(tag)) page.blocks.openQuote()
        return undefined
      case 'table':
        this.#openTable(tag, from, to)
        return undefined
      case 'rows':
      case 'row':
        this.#openRow(name)
        return undefined
      case 'cell':
        this.#openCell(tag, from, to)
        return undefined
      case 'caption':
        page.paragraph()
        if (this.#tables.length > 0) this.#tables.at(-1)!.table.declared = true
        return undefined
      case 'pre':
        page.endHeading()
        page.paragraph()
        if (!closed && this.#push(tag)) page.openPre(from, to)
        return undefined
      case 'look':
      case 'link':
      case 'sup':
      case 'ruby':
      case 'marks':
        if (closed) return undefined
        if (kind === 'link') this.#closeFormat(tag)
        if (this.#push(tag)) page.openFormat(tag, from, to)
        return undefined
      default:
        return page.single(name, kind, from, to, closed)
    }
  }

  close(tag: Tag): void {
    const { name, kind } = tag
    const page = this.#page
    if (tag.isFormat) {
      if (!page.inPre) this.#closeFormat(tag)
    } else if (kind === 'heading') {
      const at = this.#find(({ kind }) => kind === 'heading')
      if (at >= 0) this.#closeTo(at)
    } else if (kind === 'cell') {
      if (this.#tables.at(-1)?.hasCell === true) this.#closeTo(this.#tables.at(-1)!.floor)
    } else if (kind === 'table') {
      const table = this.#tables.at(-1)
      if (table !== undefined) this.#closeTo(table.floor - 1)
    } else if (kind === 'row' || kind === 'rows') {
      this.#closeRow()
    } else if (this.#counts[tag.id]! > 0) {
      const at = this.#findTag(tag)
      if (at >= 0) this.#closeTo(at)
    } else {
      page.close(name, kind)
      if (kind === 'block' && name !== 'p') this.#closeSection()
    }
  }

  #closeSection(): void {
    if (this.#sections > 0) this.#sections--
    let at = this.#open.length
    for (let n = at - 1; n >= this.#floor && this.#open[n]!.sections > this.#sections; n--) {
      if (!this.#open[n]!.tag.isFormat) at = n
    }
    this.#closeTo(at)
  }

  #openList(tag: Tag, from: number, to: number): void {
    const page = this.#page
    page.endHeading()
    page.paragraph()
    const isInside = this.#open.length > this.#floor && this.#open.at(-1)?.tag.kind === 'list'
    if (!this.#push(tag)) return
    if (isInside) page.blocks.openIndent()
    const ordered = tag.name === 'ol'
    const start = ordered ? Number.parseInt(attribute(this.#source, from, to, 'start') ?? '', 10) : 1
    this.#lists.push({ ordered, next: start >= 0 && start < 1e9 ? start : 1 })
  }

  #openItem(tag: Tag, from: number, to: number): void {
    const at = this.#find(({ kind }) => kind === 'item' || kind === 'list')
    if (at >= 0 && this.#open[at]!.tag.kind === 'item') this.#closeTo(at)
    this.#page.endHeading()
    this.#page.paragraph()
    if (!this.#push(tag)) return
    const list = at >= 0 ? this.#lists.at(-1) : undefined
    if (list?.ordered !== true) {
      this.#page.blocks.openItem('-')
      return
    }
    const value = Number.parseInt(attribute(this.#source, from, to, 'value') ?? '', 10)
    if (value >= 0 && value < 1e9) list.next = value
    this.#page.blocks.openItem(`${list.next++}.`)
  }

  #openTerm(tag: Tag): void {
    const at = this.#find(({ kind }) => kind === 'term' || kind === 'definition' || kind === 'terms')
    if (at >= 0) this.#closeTo(this.#open[at]!.tag.kind === 'terms' ? at + 1 : at)
    this.#page.paragraph()
    if (at >= 0 && this.#push(tag) && tag.kind === 'definition') this.#page.blocks.openItem(':')
  }

  #openTable(tag: Tag, from: number, to: number): void {
    const around = this.#tables.at(-1)
    if (around !== undefined && !around.hasCell) this.#closeTo(around.floor - 1)
    this.#page.endHeading()
    this.#page.paragraph()
    if (this.#tables.length >= maxTables || !this.#push(tag)) return
    const role = attribute(this.#source, from, to, 'role')
    const isLayout = role === 'presentation' || role === 'none'
    const table: Table = { rows: [], declared: false, isLayout }
    this.#tables.push({ table, row: undefined, floor: this.#open.length, hasCell: false })
  }

  #openRow(name: string): void {
    this.#closeRow()
    const open = this.#tables.at(-1)
    if (open === undefined) return
    if (name === 'thead') open.table.declared = true
    else if (name === 'tr') startRow(open)
  }

  #closeRow(): void {
    const open = this.#tables.at(-1)
    if (open !== undefined) {
      this.#closeTo(open.floor)
      open.row = undefined
    }
    this.#page.paragraph()
  }

  #openCell(tag: Tag, from: number, to: number): void {
    const open = this.#tables.at(-1)
    if (open === undefined) {
      this.#page.space()
      return
    }
    this.#closeTo(open.floor)
    if (!this.#push(tag)) return
    if (tag.name === 'th') open.table.declared = true
    const row = open.row ?? startRow(open)
    const blocks = new Blocks(this.#maxChars, true)
    const columns = this.#span(from, to, 'colspan', maxSpan)
    row.push({ blocks, columns, rows: this.#span(from, to, 'rowspan', 65_534) })
    open.hasCell = true
    this.#page.enter(blocks)
    this.#floor = this.#open.length
  }

  #span(from: number, to: number, name: string, max: number): number {
    if (to - from < 9) return 1
    const span = Number.parseInt(attribute(this.#source, from, to, name) ?? '', 10)
    return span === 0 && name === 'rowspan' ? max : span > 1 ? Math.min(span, max) : 1
  }

  #push(tag: Tag): boolean {
    if (this.#open.length >= maxOpen) return false
    const { blocks, look } = this.#page
    this.#open.push({ tag, depth: blocks.depth, look, sections: this.#sections })
    this.#counts[tag.id]!++
    return true
  }

  /** From the innermost outwards, within the cell that is open. */
  #find(matches: (tag: Tag) => boolean): number {
    for (let at = this.#open.length - 1; at >= this.#floor; at--) if (matches(this.#open[at]!.tag)) return at
    return -1
  }

  #findTag(tag: Tag): number {
    for (let at = this.#open.length - 1; at >= this.#floor; at--) if (this.#open[at]!.tag === tag) return at
    return -1
  }

  #closeFormat(tag: Tag): void {
    if (this.#counts[tag.id] === 0) return
    const at = this.#findTag(tag)
    if (at < 0) return
    const open = this.#open
    let { look } = open[at]!
    this.#counts[tag.id]!--
    if (at === open.length - 1) open.pop()
    else {
      open.splice(at, 1)
      for (let n = at; n < open.length; n++) look |= open[n]!.tag.look
    }
    this.#page.closeFormat(tag.kind, look)
  }

  #closeTo(length: number): void {
    while (this.#open.length > length) {
      const open = this.#open.pop()!
      this.#counts[open.tag.id]!--
      this.#end(open)
    }
  }

  #end({ tag, depth, look, sections }: Open): void {
    const page = this.#page
    switch (tag.kind) {
      case 'heading':
        page.endHeading()
        return
      case 'list':
        this.#lists.pop()
        page.endBlocks(depth)
        return
      case 'table': {
        page.paragraph()
        writeTable(this.#tables.pop()!.table, page.blocks)
        return
      }
      case 'cell': {
        this.#sections = sections
        page.endHeading()
        page.leave()
        page.look = look
        const outer = this.#tables.at(-1)!
        outer.hasCell = false
        this.#floor = this.#tables.at(-2)?.floor ?? 0
        if (this.#tables.length > 1) this.#floor++
        return
      }
      case 'pre':
        page.endPre()
        return
      case 'item':
      case 'terms':
      case 'definition':
      case 'term':
      case 'quote':
        page.endHeading()
        page.endBlocks(depth)
        return
      default:
        page.closeFormat(tag.kind, look)
    }
  }
}

function startRow(open: OpenTable): Cell[] {
  const row: Cell[] = []
  open.row = row
  open.table.rows.push(row)
  return row
}
