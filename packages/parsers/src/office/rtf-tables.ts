import { isoDate, makeProperties, type Properties } from './properties.ts'
import { charsetPage } from './rtf-words.ts'
import { isSymbolFont } from './symbol-font.ts'
import { codeNames } from './word-styles.ts'

/** What the header of an RTF document defines: fonts with their code pages, styles that are headings, properties. */
export interface RtfTables {
  /** Hears a control word inside the group of a table; true when it was one of the table's. */
  control(table: 'font' | 'style' | 'info', word: string, parameter: number | undefined): boolean
  text(table: 'font' | 'style' | 'info', text: string): void
  /** A group inside a table ended. */
  groupEnd(table: 'font' | 'style'): void
  /** The group of a property ended. */
  endInfo(): void
  fontPage(font: number): number | undefined
  /** Name of a font whose letters are symbols. */
  symbolFont(font: number): string | undefined
  heading(style: number | undefined): number | undefined
  isCode(style: number | undefined): boolean
  properties(): { readonly properties: Properties; readonly pages: number | undefined }
}

const textKeys = new Set(['title', 'subject', 'author', 'operator', 'keywords', 'doccomm', 'company'])
const dateUnits = ['yr', 'mo', 'dy', 'hr', 'min']

export function makeRtfTables(): RtfTables {
  const fonts = new Map<number, number>()
  const headings = new Map<number, number>()
  const codes = new Set<number>()
  const info = new Map<string, string>()
  const dates = new Map<string, number[]>()
  const symbolFonts = new Map<number, string>()
  let fontName = ''
  let font = 0
  let style = 0
  let styleName = ''
  let key = ''
  let value = ''

  const controls = {
    font(word: string, parameter = 0): boolean {
      if (word === 'f') {
        font = parameter
        fontName = ''
      } else if (word === 'fcharset') {
        const page = charsetPage(parameter)
        if (page !== undefined) fonts.set(font, page)
      } else if (word === 'cpg') fonts.set(font, parameter)
      else return false
      return true
    },
    style(word: string, parameter = 0): boolean {
      if (word === 's') style = parameter
      // Character, section and table styles count apart from those of paragraphs.
      else if (word === 'cs' || word === 'ds' || word === 'ts') style = -1
      else if (word === 'outlinelevel' && parameter < 9 && style >= 0) headings.set(style, parameter + 1)
      return true
    },
    info(word: string, parameter: number | undefined): boolean {
      const unit = dateUnits.indexOf(word)
      if (word === 'nofpages') info.set(word, String(parameter ?? ''))
      else if (unit >= 0) dates.get(key)?.splice(unit, 1, parameter ?? 0)
      else if (word === 'creatim' || word === 'revtim') {
        key = word
        dates.set(key, [0, 1, 1, 0, 0])
      } else if (textKeys.has(word)) {
        key = word
        value = ''
      } else return false
      return true
    },
  }
  return {
    control: (table, word, parameter) => controls[table](word, parameter),
    text(table, text) {
      if (table === 'info' && textKeys.has(key)) value = (value + text).slice(0, 4000)
      else if (table === 'font' && fontName.length < 200) fontName += text
      else if (table === 'style' && styleName.length < 200) styleName += text
    },
    endInfo() {
      // Some write a property twice, the second time empty.
      if (textKeys.has(key) && value.trim() !== '') info.set(key, value)
      key = ''
    },
    groupEnd(table) {
      const name = fontName.trim().replace(/;$/, '')
      if (table === 'font' && isSymbolFont(name)) symbolFonts.set(font, name)
      if (table !== 'style') return
      const level = /^\s*heading (\d)/i.exec(styleName)?.[1]
      if (level !== undefined && style >= 0) headings.set(style, Number(level))
      else if (/^\s*title;?$/i.test(styleName) && style >= 0) headings.set(style, 1)
      if (style >= 0 && codeNames.test(styleName.trim().replace(/;$/, '').toLowerCase())) codes.add(style)
      styleName = ''
      style = 0
    },
    fontPage: (id) => fonts.get(id),
    symbolFont: (id) => symbolFonts.get(id),
    isCode: (id) => id !== undefined && codes.has(id),
    heading: (id) => (id === undefined ? undefined : headings.get(id)),
    properties() {
      const date = (name: string): string | undefined => {
        const parts = dates.get(name)
        return parts && parts[0]! > 0
          ? isoDate(Date.UTC(parts[0]!, parts[1]! - 1, parts[2], parts[3], parts[4]))
          : undefined
      }
      const pages = Number(info.get('nofpages'))
      const properties = makeProperties({
        title: info.get('title'),
        author: info.get('author'),
        createdAt: date('creatim'),
        updatedAt: date('revtim'),
        extra: {
          subject: info.get('subject'),
          keywords: info.get('keywords'),
          description: info.get('doccomm'),
          lastModifiedBy: info.get('operator'),
          company: info.get('company'),
        },
      })
      return { properties, pages: pages > 0 ? pages : undefined }
    },
  }
}
