import { bold, italic } from './inline.ts'
import { listLabel } from './numbers.ts'
import type { OdfFile } from './odf.ts'
import type { RunLanguages } from './spoken.ts'
import { attr, numberAttr, type XmlHandlers } from './xml.ts'

/** A bit of a run's look beside bold and italic: it is not shown. */
export const hidden = 8

interface Style {
  readonly parent: string | undefined
  readonly list: string | undefined
  readonly pageBefore: boolean
  pageAfter: boolean
  breaksBefore: boolean
  bold: boolean | undefined
  italic: boolean | undefined
  hidden: boolean | undefined
  languages: RunLanguages | undefined
}

/** A style with what it takes over from its parents. */
interface Resolved {
  readonly look: number
  readonly title: number | undefined
  readonly code: boolean
  readonly list: string | undefined
  readonly breaks: 'before' | 'after' | undefined
  readonly languages: RunLanguages | undefined
}

const maxResolved = 10_000

interface ListLevel {
  /** As style:num-format has it: `1`, `a`, `I`; empty for none, undefined for a bullet. */
  readonly format: string | undefined
  readonly prefix: string
  readonly suffix: string
  readonly start: number
  /** Levels shown, its own included: 2 gives `1.2`. */
  readonly shown: number
}

/** Named and automatic styles: what of them matters to Markdown. */
export interface OdfStyles {
  look(style: string | undefined): number
  /** The style's heading level when it is Title or Subtitle, by itself or through its parents. */
  titleLevel(style: string | undefined): number | undefined
  /** Paragraphs of it are program text. */
  isCode(style: string | undefined): boolean
  /** Its list; empty where it is said to have none. */
  listOf(style: string | undefined): string | undefined
  level(list: string | undefined, level: number): ListLevel | undefined
  /** A page begins before a paragraph of it, or ends with it. */
  breaks(style: string | undefined): 'before' | 'after' | undefined
  languages(style: string | undefined): RunLanguages | undefined
  readonly on: XmlHandlers
}

/** The list that numbers headings. */
export const outlineList = 'Outline'

/** Reads styles.xml; `margins` hears its master pages, with their headers and footers. */
export function collectOdfStyles(file: OdfFile, margins?: (styles: OdfStyles) => XmlHandlers): OdfStyles {
  const styles = new Map<string, Style>()
  const lists = new Map<string, Map<number, ListLevel>>()
  let style: Style | undefined
  let list: Map<number, ListLevel> | undefined
  let usual: RunLanguages | undefined
  const on: XmlHandlers = {
    open(name, attrs) {
      switch (name) {
        case 'style:default-style':
          style = makeStyle(attrs)
          break
        case 'style:style':
          style = makeStyle(attrs)
          styles.set(attr(attrs, 'style:name') ?? '', style)
          break
        case 'style:text-properties':
          if (style) readText(style, attrs)
          break
        case 'style:paragraph-properties':
          if (!style || !attrs.includes('fo:break-')) break
          if (attr(attrs, 'fo:break-before') === 'page') style.breaksBefore = true
          if (attr(attrs, 'fo:break-after') === 'page') style.pageAfter = true
          break
        case 'text:list-style':
        case 'text:outline-style':
          list = new Map()
          lists.set(name === 'text:list-style' ? (attr(attrs, 'style:name') ?? '') : outlineList, list)
          break
        case 'text:list-level-style-number':
        case 'text:outline-level-style':
          list?.set(numberAttr(attrs, 'text:level') ?? 1, {
            format: attr(attrs, 'num-format') ?? '',
            prefix: attr(attrs, 'num-prefix') ?? '',
            suffix: attr(attrs, 'num-suffix') ?? '',
            start: numberAttr(attrs, 'start-value') ?? 1,
            shown: numberAttr(attrs, 'display-levels') ?? 1,
          })
          break
      }
      return undefined
    },
    close(name) {
      if (name === 'style:default-style') {
        // That of paragraphs comes among those of pictures and tables, which say the same or nothing.
        usual ??= style?.languages
        style = undefined
      } else if (name === 'style:style') style = undefined
      else if (name === 'text:list-style' || name === 'text:outline-style') list = undefined
    },
  }

  /** The first answer up the line of parents. */
  const inherited = <T>(
    name: string | undefined,
    ask: (style: Style | undefined, name: string) => T | undefined,
  ): T | undefined => {
    let at = name
    for (let n = 0; at !== undefined && n < 20; n++) {
      const found = styles.get(at)
      const answer = ask(found, at)
      if (answer !== undefined) return answer
      at = found?.parent
    }
    return undefined
  }
  const resolve = (name: string): Resolved => {
    const own = styles.get(name)
    const before = own?.pageBefore || inherited(name, (found) => found?.breaksBefore || undefined)
    return {
      look:
        (inherited(name, (found) => found?.bold) ? bold : 0) |
        (inherited(name, (found) => found?.italic) ? italic : 0) |
        (inherited(name, (found) => found?.hidden) ? hidden : 0),
      title: inherited(name, (_, id) => (id === 'Title' ? 1 : id === 'Subtitle' ? 2 : undefined)),
      code: inherited(name, (_, id) => codeNames.test(id) || undefined) === true,
      list: inherited(name, (found) => found?.list),
      breaks: before ? 'before' : own?.pageAfter ? 'after' : undefined,
      languages: inherited(name, (found) => found?.languages) ?? usual,
    }
  }
  const resolved = new Map<string, Resolved>()
  const facts = (name: string | undefined): Resolved | undefined => {
    if (name === undefined) return undefined
    let found = resolved.get(name)
    if (!found) {
      found = resolve(name)
      if (resolved.size < maxResolved) resolved.set(name, found)
    }
    return found
  }
  const all: OdfStyles = {
    look: (name) => facts(name)?.look ?? 0,
    titleLevel: (name) => facts(name)?.title,
    isCode: (name) => facts(name)?.code === true,
    listOf: (name) => facts(name)?.list,
    level: (name, level) => (name === undefined ? undefined : lists.get(name)?.get(level)),
    breaks: (name) => facts(name)?.breaks,
    languages: (name) => facts(name)?.languages ?? usual,
    on,
  }
  let margin: XmlHandlers | undefined
  file.scan('styles.xml', {
    open(name, attrs) {
      if (margin) return margin.open?.(name, attrs)
      if (name === 'office:body') return true
      if (name !== 'office:master-styles') return on.open?.(name, attrs)
      margin = margins?.(all)
      return margin === undefined
    },
    text: (text) => margin?.text?.(text),
    close(name) {
      if (name === 'office:master-styles') margin = undefined
      else (margin ?? on).close?.(name)
    },
  })
  return all
}

const codeNames = /^(Preformatted_20_Text|Source_20_Code|Source_20_Text|Code(_20_\w+)?|Listing)$/

function makeStyle(attrs: string): Style {
  return {
    parent: attr(attrs, 'parent-style-name'),
    list: attr(attrs, 'list-style-name'),
    pageBefore: attrs.includes(':master-page-name') && (attr(attrs, 'master-page-name') ?? '') !== '',
    pageAfter: false,
    breaksBefore: false,
    bold: undefined,
    italic: undefined,
    hidden: undefined,
    languages: undefined,
  }
}

/** An attribute that is not there costs more to ask for than one that is. */
function readText(style: Style, attrs: string): void {
  const weight = attrs.includes('fo:font-') ? attr(attrs, 'fo:font-weight') : undefined
  if (weight !== undefined) style.bold = weight === 'bold' || Number(weight) >= 600
  const slant = attrs.includes('fo:font-style') ? attr(attrs, 'fo:font-style') : undefined
  if (slant !== undefined) style.italic = slant === 'italic' || slant === 'oblique'
  if (attrs.includes('text:display')) style.hidden = attr(attrs, 'text:display') === 'none'
  if (!attrs.includes('language')) return
  const latin = tag(attr(attrs, 'fo:language'), attr(attrs, 'fo:country'))
  const asian = tag(attr(attrs, 'language-asian'), attr(attrs, 'country-asian'))
  const complex = tag(attr(attrs, 'language-complex'), attr(attrs, 'country-complex'))
  if (latin ?? asian ?? complex) style.languages = { latin, asian, complex }
}

function tag(language: string | undefined, country: string | undefined): string | undefined {
  if (language === undefined || language === '' || country === undefined || country === '' || country === 'none')
    return language
  return `${language}-${country}`
}

const formatNames: Readonly<Record<string, string>> = {
  a: 'lowerLetter',
  A: 'upperLetter',
  i: 'lowerRoman',
  I: 'upperRoman',
  '1': 'decimal',
  '': 'none',
}

/** LibreOffice names others by their first items: `一, 二, 三, ...`. */
const formatsByFirst: Readonly<Record<string, string>> = {
  一: 'chineseCounting',
  '①': 'decimalEnclosedCircle',
  ア: 'aiueo',
  イ: 'iroha',
  甲: 'ideographTraditional',
  子: 'ideographZodiac',
  가: 'ganada',
  ㄱ: 'chosung',
  А: 'russianUpper',
  а: 'russianLower',
}

function formatName(format = '1'): string {
  return formatNames[format] ?? formatsByFirst[format.slice(0, 1)] ?? 'decimal'
}

/** The label of an item from the counters of its list and those above; `-` for a bullet. */
export function odfLabel(levels: readonly (ListLevel | undefined)[], counts: readonly number[]): string {
  const own = levels.at(-1)
  if (!own || own.format === undefined || own.format === '') return '-'
  const numbers: string[] = []
  for (let n = Math.max(0, levels.length - own.shown); n < levels.length; n++) {
    const level = levels[n]
    if (n < levels.length - 1 && level?.format === '') continue
    numbers.push(listLabel(counts[n] ?? 1, formatName(level?.format)))
  }
  const label = `${own.prefix}${numbers.join('.')}${own.suffix}`.trim()
  return own.suffix === '' && own.prefix === '' && own.shown === 1 && own.format === '1' ? `${label}.` : label
}
