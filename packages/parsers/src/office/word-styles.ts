import { type OfficePackage, scanPart } from './package.ts'
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
}

export type WordStyles = ReadonlyMap<string, WordStyle>

/** word/styles.xml with what each style takes over from the one it is based on. */
export function readStyles(pack: OfficePackage, part: string): WordStyles {
  const styles = new Map<string, WordStyle>()
  let style: WordStyle | undefined
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
        }
        styles.set(attr(attrs, 'styleId') ?? '', style)
        return
      }
      if (!style) return name === 'docDefaults' || name === 'latentStyles'
      if (name === 'name') {
        style.name = (attr(attrs, 'val') ?? '').toLowerCase()
        // The stored name is English in every language of Word; only the id is translated.
        const level = /^heading (\d)/.exec(style.name)?.[1]
        if (level !== undefined) style.heading = Number(level)
        else if (style.name === 'title') style.heading = 1
        else if (style.name === 'subtitle') style.heading = 2
      } else if (name === 'basedOn') style.basedOn = attr(attrs, 'val')
      else if (name === 'outlineLvl') {
        const level = numberAttr(attrs, 'val')
        if (level !== undefined && level < 9) style.heading ??= level + 1
      } else if (name === 'numId') style.numId = attr(attrs, 'val')
      else if (name === 'ilvl') style.level = numberAttr(attrs, 'val')
      else if (name === 'b') style.bold = isOn(attrs)
      else if (name === 'i') style.italic = isOn(attrs)
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
    return each
  }
  for (const each of styles.values()) inherit(each)
  return styles
}
