import type { BlockWriter } from './blocks.ts'
import { Inline } from './inline.ts'
import { markdownMarker } from './numbers.ts'
import { type OdfStyles, odfLabel } from './odf-styles.ts'
import { attr, numberAttr, type XmlHandlers } from './xml.ts'

interface Paragraph {
  readonly inline: Inline
  readonly heading: number | undefined
  /** Its style is the one for the title of the whole. */
  readonly title: boolean
  readonly look: number
}

interface List {
  readonly style: string | undefined
  count: number
  /** The item's first paragraph has been written. */
  labelled: boolean
}

export interface OdfTextContext {
  readonly styles: OdfStyles
  /** Makes a writer for a text that is put aside: a note, an annotation. */
  aside(): BlockWriter
  /** Where asides end up. */
  onNote(mark: string, text: string): void
  onComment(author: string, text: string): void
  onTitle?(text: string): void
}

const skipped = new Set([
  'text:tracked-changes',
  'office:forms',
  'office:scripts',
  'office:font-face-decls',
  'text:sequence-decls',
  'text:variable-decls',
  'text:user-field-decls',
  'text:note-citation',
  'text:ruby-text',
  'svg:title',
  'table:shapes',
  'text:bibliography-source',
  'text:table-of-content-source',
  'text:alphabetical-index-source',
  'office:binary-data',
  'office:event-listeners',
  'dc:date',
  'meta:date-string',
  'presentation:settings',
  'number:date-style',
  'number:number-style',
  'text:linenumbering-configuration',
  'draw:glue-point',
])

export interface OdfTextWalk extends XmlHandlers {
  /** Sends what follows elsewhere: a presentation's slide, its notes. */
  into(out: BlockWriter): void
}

/** Hears the body of a text, a drawing or a presentation and writes its paragraphs, lists and tables. */
export function odfTextWalk(main: BlockWriter, context: OdfTextContext): OdfTextWalk {
  const { styles } = context
  let out = main
  let paragraph: Paragraph | undefined
  let lists: List[] = []
  const outer: {
    readonly out: BlockWriter
    readonly paragraph: Paragraph | undefined
    readonly lists: List[]
    readonly look: number
    readonly name: string
  }[] = []
  const looks: number[] = []
  let look = 0
  let creator: string | undefined
  let description = ''
  let inDescription = false
  let inCreator = false
  let notes = 0

  const add = (text: string): void => paragraph?.inline.add(text, look)

  const startAside = (name: string): void => {
    outer.push({ out, paragraph, lists, look, name })
    out = context.aside()
    paragraph = undefined
    lists = []
  }
  const endAside = (): string => {
    const text = out.finish()
    const back = outer.pop()
    if (back) ({ out, paragraph, lists, look } = back)
    return text
  }

  const endParagraph = (): void => {
    const done = paragraph
    paragraph = undefined
    if (!done) return
    if (done.heading !== undefined) {
      const text = done.inline.plain().trim()
      if (done.title) context.onTitle?.(text)
      out.heading(done.heading, text)
      return
    }
    const text = done.inline.toString()
    const list = lists.at(-1)
    if (!list || text.trim() === '') {
      out.text(text)
      return
    }
    if (list.labelled) {
      out.item(lists.length, '', text)
      return
    }
    list.labelled = true
    const levels = lists.map((each, n) => styles.level(each.style, n + 1))
    const { marker, prefix } = markdownMarker(
      odfLabel(
        levels,
        lists.map((each) => each.count),
      ),
    )
    out.item(lists.length - 1, marker, prefix + text.trim())
  }

  return {
    into(next) {
      out = next
    },
    open(name, attrs) {
      if (skipped.has(name)) return true
      switch (name) {
        case 'text:p':
        case 'text:h': {
          if (paragraph) endParagraph()
          const style = attr(attrs, 'text:style-name')
          const heading = name === 'text:h' ? (numberAttr(attrs, 'outline-level') ?? 1) : styles.titleLevel(style)
          look = heading === undefined ? styles.look(style) : 0
          paragraph = { inline: new Inline(), heading, title: name === 'text:p' && heading === 1, look }
          break
        }
        case 'text:span': {
          looks.push(look)
          const style = attr(attrs, 'text:style-name')
          if (style !== undefined && looks.length < 64) look |= styles.look(style)
          break
        }
        case 'text:s':
          add(' '.repeat(Math.min(100, Math.max(1, numberAttr(attrs, 'text:c') ?? 1))))
          break
        case 'text:tab':
          add('\t')
          break
        case 'text:line-break':
          add('\n')
          break
        case 'text:a':
          if (paragraph) {
            const href = attr(attrs, 'xlink:href') ?? ''
            paragraph.inline.url = href.startsWith('#') || href === '' ? undefined : href
          }
          break
        case 'text:list': {
          const style = attr(attrs, 'text:style-name') ?? lists.at(-1)?.style
          lists.push({ style, count: (styles.level(style, lists.length + 1)?.start ?? 1) - 1, labelled: false })
          break
        }
        case 'text:list-item': {
          const list = lists.at(-1)
          if (!list) break
          list.count = numberAttr(attrs, 'start-value') ?? list.count + 1
          list.labelled = false
          break
        }
        case 'text:list-header':
          if (lists.length > 0) lists.at(-1)!.labelled = true
          break
        case 'text:note-body': {
          add(`[^${++notes}]`)
          startAside(name)
          break
        }
        case 'office:annotation':
          creator = ''
          startAside(name)
          break
        case 'dc:creator':
          inCreator = true
          break
        case 'svg:desc':
          inDescription = true
          description = ''
          break
        case 'draw:text-box':
        case 'draw:custom-shape':
          startAside(name)
          break
        case 'table:table':
          out.openTable()
          outer.push({ out, paragraph, lists, look, name })
          paragraph = undefined
          lists = []
          break
        case 'table:table-row':
          out.openRow()
          break
        case 'table:table-cell':
        case 'table:covered-table-cell': {
          const repeat = Math.min(64, numberAttr(attrs, 'number-columns-repeated') ?? 1)
          for (let n = 0; n < repeat; n++) out.openCell()
          break
        }
      }
      return undefined
    },
    text(text) {
      if (inDescription) description += text
      else if (inCreator) creator = (creator ?? '') + text
      else if (paragraph) add(text.includes('\n') ? text.replace(/\s+/g, ' ') : text)
    },
    close(name) {
      switch (name) {
        case 'text:p':
        case 'text:h':
          endParagraph()
          break
        case 'text:span':
          look = looks.pop() ?? 0
          break
        case 'text:a':
          if (paragraph) paragraph.inline.url = undefined
          break
        case 'text:list':
          lists.pop()
          break
        case 'dc:creator':
          inCreator = false
          break
        case 'svg:desc':
          inDescription = false
          if (description.trim().length > 3)
            out.text(`![${description.trim().replace(/\s+/g, ' ').replace(/[[\]]/g, '')}](image)`)
          break
        case 'text:note-body': {
          const mark = `[^${notes}]`
          context.onNote(mark, endAside())
          break
        }
        case 'office:annotation':
          context.onComment(creator ?? '', endAside())
          break
        case 'draw:text-box':
        case 'draw:custom-shape':
          if (outer.at(-1)?.name === name) {
            const text = endAside()
            out.text(text)
          }
          break
        case 'table:table': {
          const back = outer.pop()
          if (back) ({ out, paragraph, lists, look } = back)
          out.closeTable()
          break
        }
      }
    },
  }
}
