import { BlockWriter } from './blocks.ts'
import { Inline } from './inline.ts'
import { markdownMarker } from './numbers.ts'
import type { RtfLists, RtfOldNumber } from './rtf-lists.ts'
import { RtfRows } from './rtf-rows.ts'

/** What holds until `\pard`, or until the group ends in which it was said. */
export interface RtfProperties {
  /** `\ls`. */
  readonly list?: number | undefined
  /** Numbered as Word 6 does. */
  readonly old?: RtfOldNumber
  readonly level?: number
  readonly style?: number | undefined
  readonly outline?: number | undefined
  /** Its first line begins left of the others, as that of an item does. */
  readonly hanging?: boolean
}

/** The paragraph being read. */
export interface RtfParagraph {
  inline: Inline
  /** What the writer of the file put before a list's item: `1.` or a bullet. */
  label: string
  inTable: boolean
  /** Tables it lies in, where `\itap` says so. */
  depth: number | undefined
  properties: RtfProperties
}

const plain: RtfProperties = {}

function newParagraph(): RtfParagraph {
  return { inline: new Inline(), label: '', inTable: false, depth: undefined, properties: plain }
}

/** What paragraphs of a style are. */
export interface RtfStyles {
  heading(style: number | undefined): number | undefined
  /** Program text. */
  isCode(style: number | undefined): boolean
}

interface Place {
  readonly out: BlockWriter
  readonly rows: RtfRows
  paragraph: RtfParagraph
  /** Of the paragraph after this one. */
  next: RtfProperties | undefined
}

function newPlace(out: BlockWriter): Place {
  return { out, rows: new RtfRows(out), paragraph: newParagraph(), next: undefined }
}

/** Turns RTF's flat run of paragraphs, cells and rows into blocks; texts that stand aside are kept on a stack. */
export class RtfParagraphs {
  readonly #styles: RtfStyles
  readonly #lists: RtfLists
  readonly #maxChars: number
  readonly #outer: Place[] = []
  #at: Place

  constructor(main: BlockWriter, maxChars: number, lists: RtfLists, styles: RtfStyles) {
    this.#at = newPlace(main)
    this.#maxChars = maxChars
    this.#lists = lists
    this.#styles = styles
  }

  get now(): RtfParagraph {
    return this.#at.paragraph
  }

  /** `\pard`: back to plain properties; what is written so far stays. */
  reset(): void {
    const { inline, label } = this.#at.paragraph
    this.#at.paragraph = { ...newParagraph(), inline, label }
    this.#at.next = undefined
  }

  set(properties: RtfProperties): void {
    const { paragraph } = this.#at
    paragraph.properties = { ...paragraph.properties, ...properties }
    this.#at.next = undefined
  }

  /** A group ended: its properties end with it, or with the paragraph that has begun in it. */
  restore(properties: RtfProperties): void {
    const { paragraph } = this.#at
    if (paragraph.properties === properties) return
    if (paragraph.inline.isEmpty) paragraph.properties = properties
    else this.#at.next = properties
  }

  end(): void {
    const at = this.#at
    const done = at.paragraph
    at.paragraph = { ...done, inline: new Inline(), label: '', properties: at.next ?? done.properties }
    at.paragraph.inline.url = done.inline.url
    at.next = undefined
    if (this.#styles.isCode(done.properties.style) && !done.inTable && !at.rows.inRow) {
      at.rows.leave(0)
      at.out.code(done.inline.plain())
      return
    }
    const text = done.inline.toString().trim()
    const depth = done.inTable ? Math.max(1, done.depth ?? 1) : (done.depth ?? 0)
    // An empty paragraph between two tables keeps them apart; within a row writers leave out that it is in a table.
    if (depth === 0 && (text !== '' || !at.rows.inRow)) at.rows.leave(0)
    // An empty one has its number as well.
    const label = this.#label(done)
    if (text === '') return
    if (depth > 0) at.rows.enter(depth)
    const { outline, style, level = 0 } = done.properties
    const heading = outline ?? this.#styles.heading(style)
    // A bullet of Courier New is an o.
    const counted = label !== undefined && /[\p{L}\p{N}]/u.test(label) && label.length < 20 && label !== 'o'
    if (heading !== undefined) at.out.heading(heading, `${counted ? `${label} ` : ''}${done.inline.plain().trim()}`)
    else if (label !== undefined) {
      const { marker, prefix } = markdownMarker(counted ? label : '-')
      at.out.item(level, marker, prefix + text)
    } else {
      const typed = done.properties.hanging ? typedLabel.exec(text) : null
      if (typed) at.out.item(level, /\d/.test(typed[1]!) ? typed[1]! : '-', text.slice(typed[0].length))
      else at.out.text(text)
    }
  }

  /** What stays of it after a page break is the same paragraph, and no item of its own. */
  endPage(): void {
    const { paragraph } = this.#at
    if (paragraph.inline.isEmpty) return
    this.end()
    const { properties } = this.#at.paragraph
    this.#at.paragraph.properties = { ...properties, list: undefined }
    this.#at.next = properties
  }

  /** `\cell`, `\nestcell`. */
  endCell(isNested: boolean): void {
    const { rows } = this.#at
    const { paragraph } = this.#at
    const depth = this.#depth(isNested)
    paragraph.inTable = true
    paragraph.depth = depth
    this.end()
    rows.enter(depth)
    rows.endCell()
  }

  /** `\row`, `\nestrow`; `edges` are where its cells begin and end. */
  endRow(isNested: boolean, edges: readonly number[]): void {
    // Text before the end of a row that no cell mark closes is a cell as well.
    if (!this.#at.paragraph.inline.isEmpty && this.#at.paragraph.inline.plain().trim() !== '') this.endCell(isNested)
    this.#at.rows.endRow(this.#depth(isNested), edges)
  }

  startAside(): void {
    this.#outer.push(this.#at)
    this.#at = newPlace(new BlockWriter(this.#maxChars))
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
    this.#at.out.markdown(text)
  }

  finish(): void {
    if (!this.#at.paragraph.inline.isEmpty) this.end()
    this.#at.rows.leave(0)
  }

  #depth(isNested: boolean): number {
    return isNested ? Math.max(2, this.#at.paragraph.depth ?? 2) : 1
  }

  /** Undefined for what is no item. */
  #label({ label, properties: { list, level, old } }: RtfParagraph): string | undefined {
    const counted = list === undefined ? undefined : this.#lists.label(list, level ?? 0)
    const given = label.trim()
    const numbered = old?.label()
    return given === '' ? (numbered ?? counted ?? (list === undefined || list === 0 ? undefined : '-')) : given
  }
}

/** What people and programs type where a list has no numbers of its own. */
const typedLabel = /^([•·▪●○◦‣–]|\d{1,3}[.)])\t\s*/u
