import type { BlockWriter } from './blocks.ts'
import { Inline } from './inline.ts'
import { markdownMarker } from './numbers.ts'
import type { Relationship } from './package.ts'
import type { SpokenLanguage } from './spoken.ts'
import type { WordNumbering } from './word-numbering.ts'
import type { WordStyles } from './word-styles.ts'

/** What a walk over a part with Word's text needs and tells. */
export interface WordContext {
  readonly styles: WordStyles
  readonly numbering: WordNumbering
  readonly rels: ReadonlyMap<string, Relationship>
  /** Gives the mark that stands for a note: `[^1]`. */
  note(kind: 'footnote' | 'endnote', id: string): string
  /** Blocks for a chart or diagram behind a relationship. */
  graphic(id: string, into: BlockWriter): void
  /** For parts that hold several texts (notes, comments): where the text of an item goes; undefined skips it. */
  item?(name: string, attrs: string): BlockWriter | undefined
  /** A style named Title was met. */
  onTitle?(text: string): void
  /** Hears in which language the text is. */
  readonly spoken?: SpokenLanguage
  /** Headers and footers, where a page's number is no text: one was left out. */
  onPageNumber?(): void
}

/** A paragraph while it is read. */
export interface Paragraph {
  readonly inline: Inline
  style: string | undefined
  heading: number | undefined
  numId: string | undefined
  level: number | undefined
  /** A page ended inside it. */
  pageAfter: boolean
  hasText: boolean
  /** The next one is a part of it. */
  goesOn: boolean
}

/** `inline` is what came before of the same paragraph. */
export function openParagraph(inline: Inline = new Inline()): Paragraph {
  return {
    inline,
    style: undefined,
    heading: undefined,
    numId: undefined,
    level: undefined,
    pageAfter: false,
    hasText: false,
    goesOn: false,
  }
}

/** As what its style and its list make it. */
export function writeParagraph(out: BlockWriter, done: Paragraph, context: WordContext): void {
  const style = done.style === undefined ? undefined : context.styles.get(done.style)
  if (style?.code) {
    out.code(done.inline.plain())
    return
  }
  const numId = done.numId ?? style?.numId
  const level = done.level ?? style?.level ?? 0
  const text = done.inline.toString()
  // An empty item has its number as well.
  const label = numId === undefined || numId === '0' ? undefined : context.numbering.next(numId, level)
  if (text.trim() === '') return
  const heading = done.heading ?? style?.heading
  if (heading !== undefined) {
    const plain = done.inline.plain()
    if (style?.name === 'title') context.onTitle?.(plain.trim())
    out.heading(heading, label && !label.bullet ? `${label.label} ${plain.trim()}` : plain)
  } else if (label) {
    const { marker, prefix } = markdownMarker(label.label)
    out.item(level, marker, prefix + text.trim())
  } else out.text(text)
}
