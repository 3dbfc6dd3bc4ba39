import type { BlockWriter } from './blocks.ts'
import { pictureMark } from './drawing.ts'
import { Formula } from './formula.ts'
import { Inline } from './inline.ts'
import { markdownMarker } from './numbers.ts'
import { shapes, skipped } from './odf-elements.ts'
import { OdfForms } from './odf-forms.ts'
import { OdfLists } from './odf-lists.ts'
import { hidden, type OdfStyles } from './odf-styles.ts'
import type { SpokenLanguage } from './spoken.ts'
import { privateUse, symbolText } from './symbols.ts'
import { attr, numberAttr, type XmlHandlers } from './xml.ts'

interface Paragraph {
  readonly inline: Inline
  readonly style: string | undefined
  readonly heading: number | undefined
  /** A heading's attributes, where it may be numbered. */
  readonly attrs: string
  /** Its style is the one for the title of the whole. */
  readonly title: boolean
  /** It holds its number as text. */
  numbered: boolean
  /** A page ended inside it. */
  pageAfter: boolean
}

/** What comes back when a text box, a note or a table ends. */
interface Outer {
  readonly out: BlockWriter
  readonly paragraph: Paragraph | undefined
  readonly look: number
  readonly name: string
}

export interface OdfTextContext {
  readonly styles: OdfStyles
  /** Makes a writer for a text that is put aside: a note, an annotation. */
  aside(): BlockWriter
  /** Where asides end up. */
  onNote(mark: string, text: string): void
  onComment(author: string, text: string): void
  onTitle?(text: string): void
  /** Writes what is embedded under a path such as `./Object 1`; what stands in the line, a formula, comes back. */
  object?(path: string, into: BlockWriter): string | undefined
  /** Where pages begin is asked for. */
  readonly pages?: boolean
  /** Hears in which language the text is. */
  readonly spoken?: SpokenLanguage
}

export interface OdfTextWalk extends XmlHandlers {
  /** Sends what follows elsewhere: a presentation's slide, its notes. */
  into(out: BlockWriter): void
}

/** Hears the body of a text, a drawing or a presentation and writes its paragraphs, lists and tables. */
export function odfTextWalk(main: BlockWriter, context: OdfTextContext): OdfTextWalk {
  const { styles } = context
  let out = main
  let paragraph: Paragraph | undefined
  const lists = new OdfLists(styles)
  const forms = new OdfForms()
  const outer: Outer[] = []
  const looks: { readonly look: number; readonly style: string | undefined }[] = []
  let look = 0
  let style: string | undefined
  let formula: Formula | undefined
  let creator: string | undefined
  let caught: string | undefined
  let title = ''
  let notes = 0

  const add = (text: string): void => {
    if ((look & hidden) === 0) paragraph?.inline.add(text, look)
  }
  const suspend = (name: string): void => {
    outer.push({ out, paragraph, look, name })
    lists.suspend()
    paragraph = undefined
  }
  const resume = (): void => {
    const back = outer.pop()
    if (back) ({ out, paragraph, look } = back)
    lists.resume()
  }
  const startAside = (name: string): void => {
    suspend(name)
    look = 0
    out = context.aside()
  }
  const endAside = (): string => {
    const text = out.finish()
    resume()
    return text
  }
  const isPaged = (): boolean => context.pages === true && out === main && !out.inTable

  const startParagraph = (name: string, attrs: string): void => {
    if (paragraph) endParagraph()
    style = attr(attrs, 'text:style-name')
    const level = name === 'text:h' ? (numberAttr(attrs, 'outline-level') ?? 1) : undefined
    const heading = level ?? styles.titleLevel(style)
    look = styles.look(style) & (heading === undefined ? -1 : hidden)
    const isTitle = level === undefined && heading === 1
    if (isPaged() && styles.breaks(style) === 'before') out.page()
    paragraph = {
      inline: new Inline(),
      style,
      heading,
      attrs: level === undefined ? '' : attrs,
      title: isTitle,
      numbered: false,
      pageAfter: false,
    }
  }

  const endParagraph = (): void => {
    const done = paragraph
    paragraph = undefined
    if (!done) return
    if (done.heading !== undefined) endHeading(done, done.heading)
    else if (styles.isCode(done.style) && lists.depth === 0) out.code(done.inline.plain())
    else {
      const text = done.inline.toString()
      if (lists.depth === 0 || text.trim() === '') out.text(text)
      else if (lists.labelled) out.more(lists.depth - 1, text)
      else {
        const { marker, prefix } = markdownMarker(lists.label(done.style))
        out.item(lists.depth - 1, marker, prefix + text.trim())
      }
    }
    if (isPaged() && (done.pageAfter || styles.breaks(done.style) === 'after')) out.page()
  }

  const endHeading = (done: Paragraph, level: number): void => {
    const text = done.inline.plain().trim()
    if (text === '') return
    if (done.title) context.onTitle?.(text)
    let label = ''
    if (done.attrs !== '' && !done.numbered) {
      label = lists.depth > 0 && !lists.labelled ? lists.label(done.style) : ''
      if (label === '' || label === '-') label = lists.depth > 0 ? '' : lists.heading(level, done.style, done.attrs)
    }
    out.heading(level, label === '' ? text : `${label} ${text}`)
  }

  return {
    into(next) {
      out = next
    },
    open(name, attrs) {
      if (formula) return formula.open(name.slice(name.indexOf(':') + 1), attrs)
      if (skipped.has(name)) return true
      switch (name) {
        case 'text:p':
        case 'text:h':
          startParagraph(name, attrs)
          break
        case 'text:span': {
          looks.push({ look, style })
          const own = attr(attrs, 'text:style-name')
          if (own !== undefined && looks.length < 64) {
            look |= styles.look(own)
            style = own
          }
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
        case 'text:soft-page-break':
          if (!isPaged()) break
          if (paragraph && paragraph.inline.plain() !== '') paragraph.pageAfter = true
          else out.page()
          break
        case 'text:number':
          if (paragraph) paragraph.numbered = true
          break
        case 'text:a':
          if (paragraph) {
            const href = attr(attrs, 'xlink:href') ?? ''
            paragraph.inline.url = href.startsWith('#') || href === '' ? undefined : href
          }
          break
        case 'text:section':
          return attr(attrs, 'text:display') === 'none'
        case 'text:hidden-text':
          return attr(attrs, 'is-hidden') === 'true'
        case 'text:list':
          lists.open(attrs)
          break
        case 'text:list-item':
          lists.item(attrs)
          break
        case 'text:list-header':
          lists.header()
          break
        case 'text:note-body':
          add(`[^${++notes}]`)
          startAside(name)
          break
        case 'office:annotation':
          creator = ''
          startAside(name)
          break
        case 'dc:creator':
        case 'svg:title':
        case 'svg:desc':
          caught = ''
          break
        case 'draw:object': {
          const path = attr(attrs, 'xlink:href')
          if (path !== undefined && context.object) add(context.object(path, out) ?? '')
          break
        }
        case 'math:math':
        case 'math':
          formula = new Formula()
          break
        case 'table:table':
          out.openTable()
          suspend(name)
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
        case 'draw:control': {
          const shown = forms.text(attr(attrs, 'draw:control'))
          if (paragraph) add(` ${shown} `)
          else out.text(shown)
          break
        }
        case 'field:fieldmark':
          forms.mark(attr(attrs, 'field:type'))
          break
        case 'field:param':
          forms.parameter(attr(attrs, 'field:name'), attr(attrs, 'field:value'))
          break
        default:
          if (shapes.has(name)) startAside(name)
          else if (name.startsWith('form:')) return forms.open(name, attrs)
      }
      return undefined
    },
    text(text) {
      if (formula) formula.text(text)
      else if (caught !== undefined) caught += text
      else if (paragraph) {
        const { spoken } = context
        const languages = spoken?.isOpen ? styles.languages(style) : undefined
        if (languages) spoken?.add(text, languages)
        let read = /[\n\u00ad]/.test(text) ? text.replaceAll('\u00ad', '').replace(/\s+/g, ' ') : text
        if (privateUse.test(read)) read = symbolText(read, undefined)
        add(read)
      }
    },
    close(name) {
      if (formula) {
        if (name !== 'math:math' && name !== 'math') formula.close(name.slice(name.indexOf(':') + 1))
        else {
          add(formula.toString())
          formula = undefined
        }
        return
      }
      switch (name) {
        case 'text:p':
        case 'text:h':
          endParagraph()
          break
        case 'text:span': {
          const back = looks.pop()
          look = back?.look ?? 0
          style = back?.style
          break
        }
        case 'text:a':
          if (paragraph) paragraph.inline.url = undefined
          break
        case 'text:list':
          lists.close()
          break
        case 'field:fieldmark':
          add(forms.marked())
          break
        case 'dc:creator':
          creator = caught
          caught = undefined
          break
        case 'svg:title':
          title = caught ?? ''
          out.text(pictureMark(title))
          caught = undefined
          break
        case 'svg:desc':
          if (caught?.trim() !== title.trim()) out.text(pictureMark(caught))
          title = ''
          caught = undefined
          break
        case 'text:note-body': {
          const mark = `[^${notes}]`
          context.onNote(mark, endAside())
          break
        }
        case 'office:annotation':
          context.onComment(creator ?? '', endAside())
          break
        case 'table:table':
          resume()
          out.closeTable()
          break
        default:
          if (shapes.has(name) && outer.at(-1)?.name === name) {
            const text = endAside()
            out.markdown(text)
          }
      }
    },
  }
}
