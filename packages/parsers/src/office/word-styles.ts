import { type OfficePackage, scanPart } from './package.ts'
import type { RunLanguages } from './spoken.ts'
import { attr, isOn, numberAttr } from './xml.ts'

/** What a paragraph's style means for Markdown. */
export interface WordStyle {
  name: string
  basedOn: string | undefined
  /** 1 to 6. */
  heading: number | undefined
  numId: string | undefined
  level: number | undefined
  bold: boolean | undefined
  italic: boolean | undefined
  hidden: boolean | undefined
  /** Paragraphs of it are program text. */
  code: boolean | undefined
  language: RunLanguages | undefined
}

export interface WordStyles {
  get(id: string): WordStyle | undefined
  /** Of text whose runs and styles do not say. */
  readonly language: RunLanguages
}

/** Names of styles, in lower case, whose paragraphs are program text. */
export const codeNames: RegExp =
  /^(source ?code|code|code ?block|code ?listing|program ?listing|listing|html preformatted|preformatted(?: text)?|verbatim|macro(?: ?text)?)$/

/** `w:lang`. */
export function runLanguages(attrs: string): RunLanguages {
  return { latin: attr(attrs, 'val'), asian: attr(attrs, 'eastAsia'), complex: attr(attrs, 'bidi') }
}

/** word/styles.xml with what each style takes over from the one it is based on. */
export function readStyles(pack: OfficePackage, part: string): WordStyles {
  const styles = new Map<string, WordStyle>()
  let style: WordStyle | undefined
  let usual: WordStyle | undefined
  let language: RunLanguages = { latin: undefined, asian: undefined, complex: undefined }
  scanPart(pack.zip, part, pack.limits, {
    open(name, attrs) {
      if (name === 'style') {
        style = {
          name: '',
          basedOn: undefined,
          heading: undefined,
          numId: undefined,
          level: undefined,
          bold: undefined,
          italic: undefined,
          hidden: undefined,
          code: undefined,
          language: undefined,
        }
        styles.set(attr(attrs, 'styleId') ?? '', style)
        if (attr(attrs, 'type') === 'paragraph' && attr(attrs, 'default') === '1') usual = style
        return
      }
      if (!style) {
        if (name === 'lang') language = runLanguages(attrs)
        return name === 'latentStyles'
      }
      if (name === 'name') {
        style.name = (attr(attrs, 'val') ?? '').toLowerCase()
        // The stored name is English in every language of Word; only the id is translated.
        const level = /^heading (\d)/.exec(style.name)?.[1]
        if (level !== undefined) style.heading = Number(level)
        else if (style.name === 'title') style.heading = 1
        else if (style.name === 'subtitle') style.heading = 2
        if (codeNames.test(style.name)) style.code = true
      } else if (name === 'basedOn') style.basedOn = attr(attrs, 'val')
      else if (name === 'outlineLvl') {
        const level = numberAttr(attrs, 'val')
        if (level !== undefined && level < 9) style.heading ??= level + 1
      } else if (name === 'numId') style.numId = attr(attrs, 'val')
      else if (name === 'ilvl') style.level = numberAttr(attrs, 'val')
      else if (name === 'b') style.bold = isOn(attrs)
      else if (name === 'i') style.italic = isOn(attrs)
      else if (name === 'vanish') style.hidden = isOn(attrs)
      else if (name === 'lang') style.language = runLanguages(attrs)
      else if (name === 'tblStylePr') return true
      return
    },
    close(name) {
      if (name === 'style') style = undefined
    },
  })
  const done = new Set<WordStyle>()
  const inherit = (each: WordStyle): WordStyle => {
    if (done.has(each)) return each
    done.add(each)
    const base = each.basedOn === undefined ? undefined : styles.get(each.basedOn)
    if (!base || done.size > 5000) return each
    const from = inherit(base)
    if (each.heading === undefined && !/^(toc|table of|normal|body)/.test(each.name)) each.heading = from.heading
    each.numId ??= from.numId
    each.level ??= from.level
    each.bold ??= from.bold
    each.italic ??= from.italic
    each.hidden ??= from.hidden
    each.code ??= from.code
    each.language ??= from.language
    return each
  }
  for (const each of styles.values()) inherit(each)
  return {
    get: (id) => styles.get(id),
    language: {
      latin: usual?.language?.latin ?? language.latin,
      asian: usual?.language?.asian ?? language.asian,
      complex: usual?.language?.complex ?? language.complex,
    },
  }
}
