import type { BlockWriter } from './blocks.ts'
import { bold, Inline, italic } from './inline.ts'
import { markdownMarker } from './numbers.ts'
import type { Relationship } from './package.ts'
import type { WordNumbering } from './word-numbering.ts'
import type { WordStyles } from './word-styles.ts'
import { attr, isOn, numberAttr, type XmlHandlers } from './xml.ts'

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
}

interface Paragraph {
  readonly inline: Inline
  style: string | undefined
  heading: number | undefined
  numId: string | undefined
  level: number | undefined
  /** A page ended inside it. */
  pageAfter: boolean
  hasText: boolean
}

interface Field {
  instruction: string
  result: boolean
}

const skipped = new Set([
  'del',
  'moveFrom',
  'delText',
  'delInstrText',
  'Fallback',
  'rPrChange',
  'pPrChange',
  'tblPrChange',
  'trPrChange',
  'tcPrChange',
  'sectPr',
  'sdtPr',
  'ruby',
  'tblGrid',
  'binData',
  'proofErr',
  'annotationRef',
  'footnoteRef',
  'endnoteRef',
  'shapetype',
  'ffData',
])

/** Hears document.xml, footnotes.xml, comments.xml, headers and footers, and writes their blocks. */
export function wordWalk(main: BlockWriter, context: WordContext): XmlHandlers {
  let out: BlockWriter | undefined = context.item ? undefined : main
  let paragraph: Paragraph | undefined
  const outer: (Paragraph | undefined)[] = []
  const delayed: { readonly level: number; readonly run: () => void }[] = []
  const fields: Field[] = []
  const properties: string[] = []
  let look = 0
  let hidden = false
  let inText = false
  let rowSpan = 0
  let cellSpan = 1
  let cellOpen = false

  const add = (text: string): void => {
    if (hidden || !paragraph || fields.some((field) => !field.result)) return
    paragraph.inline.add(text, look)
    paragraph.hasText = true
  }
  const openCell = (): void => {
    if (cellOpen) return
    cellOpen = true
    out?.openCell(cellSpan)
  }
  const openRun = (): void => {
    const style = paragraph?.style === undefined ? undefined : context.styles.get(paragraph.style)
    look = (style?.bold ? bold : 0) | (style?.italic ? italic : 0)
    hidden = false
  }
  const endParagraph = (): void => {
    const done = paragraph
    paragraph = outer.pop()
    if (!done || !out) return
    writeParagraph(out, done, context)
    while (delayed.length > 0 && delayed.at(-1)!.level > outer.length) delayed.pop()!.run()
    if (done.pageAfter && !out.inTable) out.page()
  }

  return {
    open(name, attrs) {
      if (skipped.has(name)) return true
      switch (name) {
        case 'p':
          outer.push(paragraph)
          if (out?.inTable) openCell()
          paragraph = {
            inline: new Inline(),
            style: undefined,
            heading: undefined,
            numId: undefined,
            level: undefined,
            pageAfter: false,
            hasText: false,
          }
          return undefined
        case 't':
          inText = true
          return undefined
        case 'r':
          openRun()
          return undefined
        case 'pPr':
        case 'rPr':
        case 'tcPr':
        case 'trPr':
          properties.push(name)
          return undefined
        case 'tab':
          if (properties.length === 0) add('\t')
          return undefined
        case 'br':
        case 'cr':
          add('\n')
          return undefined
        case 'lastRenderedPageBreak':
          if (paragraph && out && !out.inTable && outer.length === 1) {
            if (paragraph.hasText) paragraph.pageAfter = true
            else out.page()
          }
          return undefined
        case 'noBreakHyphen':
          add('-')
          return undefined
        case 'sym':
          add(symbol(attrs))
          return undefined
        case 'hyperlink': {
          const rel = context.rels.get(attr(attrs, 'id') ?? '')
          if (paragraph && rel?.external) paragraph.inline.url = rel.target
          return undefined
        }
        case 'fldChar':
          fieldMark(attr(attrs, 'fldCharType'))
          return undefined
        case 'instrText':
          inText = true
          return undefined
        case 'footnoteReference':
        case 'endnoteReference':
          add(context.note(name === 'footnoteReference' ? 'footnote' : 'endnote', attr(attrs, 'id') ?? ''))
          return undefined
        case 'docPr': {
          const alt = attr(attrs, 'descr')?.trim()
          if (alt && alt.length > 3 && !/^(a |an )?(picture|image|description automatically)/i.test(alt))
            add(`![${alt.replace(/\s+/g, ' ').replace(/[[\]]/g, '')}](image)`)
          return undefined
        }
        case 'chart':
        case 'relIds': {
          const id = attr(attrs, name === 'chart' ? 'id' : 'dm')
          const into = out
          if (id !== undefined && into) delayed.push({ level: outer.length - 1, run: () => context.graphic(id, into) })
          return undefined
        }
        case 'tbl':
          if (out?.inTable) openCell()
          out?.openTable()
          return undefined
        case 'tr':
          out?.openRow()
          rowSpan = 0
          return undefined
        case 'tc':
          cellSpan = 1
          cellOpen = false
          return undefined
        default:
          if (properties.length > 0) property(name, attrs)
          else if (context.item) {
            const into = context.item(name, attrs)
            if (into) out = into
          }
          return undefined
      }
    },
    text(text) {
      if (!inText) return
      const field = fields.at(-1)
      if (field && !field.result) {
        if (field.instruction.length < 4000) field.instruction += text
      } else add(text)
    },
    close(name) {
      switch (name) {
        case 'p':
          endParagraph()
          break
        case 't':
        case 'instrText':
          inText = false
          break
        case 'pPr':
        case 'rPr':
        case 'tcPr':
        case 'trPr':
          properties.pop()
          break
        case 'hyperlink':
          if (paragraph) paragraph.inline.url = undefined
          break
        case 'tc':
          openCell()
          cellOpen = true
          break
        case 'tbl':
          out?.closeTable()
          cellOpen = true
          break
      }
    },
  }

  function fieldMark(type: string | undefined): void {
    if (type === 'begin') {
      if (fields.length < 100) fields.push({ instruction: '', result: false })
    } else if (type === 'separate') {
      const field = fields.at(-1)
      if (!field) return
      field.result = true
      const target = /^\s*HYPERLINK\s+"([^"]+)"/.exec(field.instruction)?.[1]
      if (target && paragraph) paragraph.inline.url = target
    } else if (type === 'end') {
      const field = fields.pop()
      if (paragraph && field && /^\s*HYPERLINK/.test(field.instruction)) paragraph.inline.url = undefined
    }
  }

  function property(name: string, attrs: string): void {
    const within = properties.at(-1)
    if (within === 'rPr') {
      if (properties.length > 1) return
      if (name === 'b') look = isOn(attrs) ? look | bold : look & ~bold
      else if (name === 'i') look = isOn(attrs) ? look | italic : look & ~italic
      else if (name === 'vanish') hidden = isOn(attrs)
    } else if (within === 'pPr' && paragraph) {
      if (name === 'pStyle') paragraph.style = attr(attrs, 'val')
      else if (name === 'numId') paragraph.numId = attr(attrs, 'val')
      else if (name === 'ilvl') paragraph.level = numberAttr(attrs, 'val')
      else if (name === 'outlineLvl') {
        const level = numberAttr(attrs, 'val')
        if (level !== undefined && level < 9) paragraph.heading = level + 1
      }
    } else if (within === 'tcPr') {
      if (name === 'gridSpan') cellSpan = numberAttr(attrs, 'val') ?? 1
    } else if (within === 'trPr' && name === 'gridBefore' && rowSpan === 0) {
      rowSpan = Math.min(16, numberAttr(attrs, 'val') ?? 0)
      for (let n = 0; n < rowSpan; n++) out?.openCell()
    }
  }
}

function writeParagraph(out: BlockWriter, done: Paragraph, context: WordContext): void {
  const style = done.style === undefined ? undefined : context.styles.get(done.style)
  const numId = done.numId ?? style?.numId
  const level = done.level ?? style?.level ?? 0
  const text = done.inline.toString()
  if (text.trim() === '') return
  const label = numId === undefined || numId === '0' ? undefined : context.numbering.next(numId, level)
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

function symbol(attrs: string): string {
  const code = Number.parseInt(attr(attrs, 'char') ?? '', 16)
  if (!Number.isFinite(code)) return ''
  // Symbol fonts sit in the private area; what they show there is a bullet, an arrow or a tick, nothing to search for.
  return code >= 0xf000 && code <= 0xf0ff
    ? code === 0xf0fc
      ? '✓'
      : '•'
    : code > 0 && code <= 0x10ffff
      ? String.fromCodePoint(code)
      : ''
}
