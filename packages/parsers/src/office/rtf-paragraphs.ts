import { BlockWriter } from './blocks.ts'
import { Inline } from './inline.ts'
import { markdownMarker } from './numbers.ts'

/** What the properties of the paragraph being read say. */
export interface RtfParagraph {
  inline: Inline
  /** What the writer of the file put before a list's item: `1.` or a bullet. */
  label: string
  inTable: boolean
  listed: boolean
  level: number
  style: number | undefined
  outline: number | undefined
}

function newParagraph(): RtfParagraph {
  return {
    inline: new Inline(),
    label: '',
    inTable: false,
    listed: false,
    level: 0,
    style: undefined,
    outline: undefined,
  }
}

interface Place {
  readonly out: BlockWriter
  paragraph: RtfParagraph
  table: boolean
  row: boolean
  cell: boolean
}

/** Turns RTF's flat run of paragraphs, cells and rows into blocks; texts that stand aside are kept on a stack. */
export class RtfParagraphs {
  readonly #heading: (style: number | undefined) => number | undefined
  readonly #maxChars: number
  readonly #outer: Place[] = []
  #at: Place

  constructor(main: BlockWriter, maxChars: number, heading: (style: number | undefined) => number | undefined) {
    this.#at = { out: main, paragraph: newParagraph(), table: false, row: false, cell: false }
    this.#maxChars = maxChars
    this.#heading = heading
  }

  get now(): RtfParagraph {
    return this.#at.paragraph
  }

  /** `\pard`: back to plain properties; what is written so far stays. */
  reset(): void {
    const { inline, label } = this.#at.paragraph
    this.#at.paragraph = { ...newParagraph(), inline, label }
  }

  end(): void {
    const at = this.#at
    const done = at.paragraph
    at.paragraph = { ...done, inline: new Inline(), label: '' }
    at.paragraph.inline.url = done.inline.url
    const text = done.inline.toString().trim()
    // An empty paragraph between two tables keeps them apart; within a row writers leave out that it is in a table.
    if (at.table && !done.inTable && (text !== '' || !at.row)) this.#closeTable()
    if (text === '') return
    if (done.inTable) this.#openCell()
    const heading = done.outline ?? this.#heading(done.style)
    const label = done.label.trim()
    // A bullet of Courier New is an o.
    const counted = /[\p{L}\p{N}]/u.test(label) && label.length < 20 && label !== 'o'
    if (heading !== undefined) at.out.heading(heading, `${counted ? `${label} ` : ''}${done.inline.plain().trim()}`)
    else if (label !== '' || done.listed) {
      const { marker, prefix } = markdownMarker(counted ? label : '-')
      at.out.item(done.level, marker, prefix + text)
    } else at.out.text(text)
  }

  endCell(): void {
    this.#at.paragraph.inTable = true
    this.end()
    this.#openCell()
    this.#at.cell = false
  }

  endRow(): void {
    const at = this.#at
    // Text before the end of a row that no cell mark closes is a cell as well.
    if (at.paragraph.inline.plain().trim() !== '') this.endCell()
    at.row = false
    at.cell = false
  }

  startAside(): void {
    this.#outer.push(this.#at)
    this.#at = {
      out: new BlockWriter(this.#maxChars),
      paragraph: newParagraph(),
      table: false,
      row: false,
      cell: false,
    }
  }

  /** Ends the text aside and gives it. */
  endAside(): string {
    this.finish()
    const text = this.#at.out.finish()
    this.#at = this.#outer.pop() ?? this.#at
    return text
  }

  /** A block of its own, before the paragraph that is being read. */
  put(text: string): void {
    if (text !== '') this.#at.out.text(text)
  }

  finish(): void {
    this.end()
    this.#closeTable()
  }

  #openCell(): void {
    const at = this.#at
    if (!at.table) at.out.openTable()
    if (!at.row) at.out.openRow()
    if (!at.cell) at.out.openCell()
    at.table = at.row = at.cell = true
  }

  #closeTable(): void {
    const at = this.#at
    if (at.table) at.out.closeTable()
    at.table = at.row = at.cell = false
  }
}
