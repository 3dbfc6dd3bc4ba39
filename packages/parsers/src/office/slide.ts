import type { BlockWriter } from './blocks.ts'
import { pictureMark } from './drawing.ts'
import { Formula } from './formula.ts'
import { bold, Inline, italic } from './inline.ts'
import { listLabel, markdownMarker } from './numbers.ts'
import type { Relationship } from './package.ts'
import type { SpokenLanguage } from './spoken.ts'
import { privateUse, symbolText } from './symbols.ts'
import { attr, numberAttr, type XmlHandlers } from './xml.ts'

/** A paragraph of a shape, before it is known whether its shape makes it a list. */
interface Line {
  readonly inline: Inline
  level: number
  /** `auto` leaves it to the placeholder. */
  bullet: 'auto' | 'none' | 'char' | string
  /** Where its number begins. */
  start: number
}

export interface SlideContext {
  readonly rels: ReadonlyMap<string, Relationship>
  /** Blocks for a chart or diagram. */
  graphic(id: string, into: BlockWriter): void
  /** The slide's title, which may stand anywhere in its part. */
  onTitle(text: string): void
  /** The text of its footer; without this it stands among the rest. */
  onFooter?(text: string): void
  /** A layout or master: what its placeholders hold, and its pictures, are not what slides show of it. */
  readonly isMaster?: boolean
  /** Of a master's slides; what lies beside them is for who draws, not shown. Width and height in the units of shapes. */
  readonly area?: readonly [width: number, height: number]
  /** The show leaves it out, or what its master has is not shown on it. */
  onShow?(show: { readonly hidden: boolean; readonly bare: boolean }): void
  /** Hears in which language the text is. */
  readonly spoken?: SpokenLanguage
}

const skippedPlaceholders = new Set(['sldNum', 'dt', 'hdr', 'sldImg'])
const listPlaceholders = new Set(['', 'body', 'obj'])
const skippedElements = new Set([
  'Fallback',
  'extLst',
  'txStyles',
  'custDataLst',
  'timing',
  'transition',
  'clrMapOvr',
  'bgPr',
  'defRPr',
  'lstStyle',
  'style',
  'ln',
  'effectLst',
  'custGeom',
  'gradFill',
])

/** Hears a slide, a notes page or a drawing of a sheet: shapes with text, tables, pictures' descriptions, graphics. */
export function slideWalk(out: BlockWriter, context: SlideContext): XmlHandlers {
  let placeholder: string | undefined
  let lines: Line[] = []
  let line: Line | undefined
  let formula: Formula | undefined
  let language: string | undefined
  let font: string | undefined
  let symbolFont: string | undefined
  let look = 0
  let inText = false
  let skipping = false
  const beside = new Beside(context.area)
  const counts: number[] = []

  const flush = (): void => {
    const texts = lines.filter((each) => each.inline.plain().trim() !== '')
    lines = []
    counts.length = 0
    if (skipping || beside.isBeside || texts.length === 0) return
    if (placeholder === 'title' || placeholder === 'ctrTitle') {
      context.onTitle(texts.map((each) => each.inline.plain().trim()).join(' '))
      return
    }
    if (placeholder === 'ftr' && context.onFooter) {
      context.onFooter(texts.map((each) => each.inline.plain().trim()).join(' '))
      return
    }
    const asList = placeholder !== undefined && listPlaceholders.has(placeholder) && texts.length > 1
    for (const each of texts) {
      const text = each.inline.toString()
      // One without a number ends the count of its level.
      if (each.bullet === 'none' || each.bullet === 'auto' || each.bullet === 'char')
        counts.length = Math.min(counts.length, each.level)
      if (each.bullet === 'none' && each.level > 0) out.more(each.level - 1, text)
      else if (each.bullet === 'none' || (each.bullet === 'auto' && !asList)) out.text(text)
      else if (each.bullet === 'auto' || each.bullet === 'char') out.item(each.level, '-', text)
      else {
        counts.length = each.level + 1
        const count = counts[each.level] === undefined ? each.start : counts[each.level]! + 1
        counts[each.level] = count
        const { marker, prefix } = markdownMarker(autoNumber(each.bullet, count))
        out.item(each.level, marker, prefix + text.trim())
      }
    }
  }

  return {
    open(name, attrs) {
      if (skippedElements.has(name)) return true
      if (formula) return formula.open(name, attrs)
      if (context.area) beside.open(name, attrs)
      switch (name) {
        case 'sld':
        case 'sldLayout':
          context.onShow?.({ hidden: isOff(attr(attrs, 'show')), bare: isOff(attr(attrs, 'showMasterSp')) })
          break
        case 'sp':
          placeholder = undefined
          skipping = false
          break
        case 'oMath':
          formula = new Formula()
          break
        case 'fld':
          // A slide's number is no text of it.
          if (attr(attrs, 'type') === 'slidenum') return true
          break
        case 'ph':
          placeholder = attr(attrs, 'type') ?? ''
          skipping = context.isMaster === true || skippedPlaceholders.has(placeholder)
          break
        case 'p':
          line = { inline: new Inline(), level: 0, bullet: 'auto', start: 1 }
          lines.push(line)
          break
        case 'pPr':
          if (line) line.level = Math.min(8, Math.max(0, numberAttr(attrs, 'lvl') ?? 0))
          break
        case 'buNone':
          if (line) line.bullet = 'none'
          break
        case 'buChar':
        case 'buBlip':
          if (line) line.bullet = 'char'
          break
        case 'buAutoNum':
          if (!line) break
          line.bullet = attr(attrs, 'type') ?? 'arabicPeriod'
          line.start = numberAttr(attrs, 'startAt') ?? 1
          break
        case 'rPr':
          language = attr(attrs, 'lang')
          font = undefined
          symbolFont = undefined
          look = (attrs.includes(' b="1"') ? bold : 0) | (attrs.includes(' i="1"') ? italic : 0)
          break
        case 'latin':
          font = attr(attrs, 'typeface')?.toLowerCase()
          break
        case 'sym':
          symbolFont = attr(attrs, 'typeface')
          break
        case 'hlinkClick': {
          const rel = context.rels.get(attr(attrs, 'id') ?? '')
          if (line && rel?.external) line.inline.url = rel.target
          break
        }
        case 't':
          inText = true
          break
        case 'br':
          line?.inline.add('\n', look)
          break
        case 'tbl':
          lines = []
          skipping = false
          placeholder = undefined
          out.openTable()
          break
        case 'tr':
          out.openRow()
          break
        case 'tc':
          // Cells that a merge covers stand there as well, empty: spans need no care.
          out.openCell()
          break
        case 'cNvPr':
          if (!context.isMaster && attr(attrs, 'hidden') !== '1')
            out.text(pictureMark(attr(attrs, 'descr') || attr(attrs, 'title')))
          break
        case 'chart':
        case 'relIds': {
          const id = attr(attrs, name === 'chart' ? 'id' : 'dm')
          if (id !== undefined) context.graphic(id, out)
          break
        }
      }
      return undefined
    },
    text(text) {
      if (formula) {
        if (text.trim() !== '') formula.text(text)
      } else if (inText && line) {
        const { spoken } = context
        if (language !== undefined && spoken?.isOpen)
          spoken.add(text, { latin: language, asian: language, complex: language })
        const read = /[\u00ad\v]/.test(text) ? text.replaceAll('\u00ad', '').replaceAll('\v', '\n') : text
        const symbols = font === 'symbol' || privateUse.test(read)
        line.inline.add(symbols ? symbolText(read, symbolFont ?? font) : read, look)
      }
    },
    close(name) {
      if (formula) {
        if (name !== 'oMath') formula.close(name)
        else {
          line?.inline.add(formula.toString(), look)
          formula = undefined
        }
        return
      }
      if (context.area) beside.close(name)
      switch (name) {
        case 't':
          inText = false
          break
        case 'r':
        case 'fld':
          look = 0
          language = undefined
          font = undefined
          symbolFont = undefined
          if (line) line.inline.url = undefined
          break
        case 'p':
          line = undefined
          break
        case 'txBody':
          flush()
          break
        case 'tbl':
          out.closeTable()
          break
      }
    },
  }
}

/** Follows shapes and groups to those that lie beside the slide. */
class Beside {
  readonly #area: readonly [width: number, height: number]
  /** Of the groups that are open, whether they do; those inside have measures of their own. */
  readonly #groups: boolean[] = []
  #inGroup = false
  #left = 0
  #top = 0
  #shape = false

  constructor(area: readonly [width: number, height: number] = [0, 0]) {
    this.#area = area
  }

  get isBeside(): boolean {
    return this.#shape || this.#groups.includes(true)
  }

  open(name: string, attrs: string): void {
    if (name === 'grpSp') this.#groups.push(false)
    else if (name === 'sp') this.#shape = false
    else if (name === 'grpSpPr') this.#inGroup = true
    else if (name === 'off') {
      this.#left = numberAttr(attrs, 'x') ?? 0
      this.#top = numberAttr(attrs, 'y') ?? 0
    } else if (name === 'ext') {
      const right = this.#left + (numberAttr(attrs, 'cx') ?? 0)
      const bottom = this.#top + (numberAttr(attrs, 'cy') ?? 0)
      const [width, height] = this.#area
      const is = right <= 0 || bottom <= 0 || this.#left >= width || this.#top >= height
      if (!this.#inGroup && this.#groups.length === 0) this.#shape = is
      else if (this.#inGroup && this.#groups.length === 1) this.#groups[0] = is
    }
  }

  close(name: string): void {
    if (name === 'grpSp') this.#groups.pop()
    else if (name === 'grpSpPr') this.#inGroup = false
  }
}

function isOff(value: string | undefined): boolean {
  return value === '0' || value === 'false'
}

/** ST_TextAutonumberScheme: `arabicPeriod`, `alphaLcParenR`, `romanUcParenBoth`. */
export function autoNumber(scheme: string, count: number): string {
  const upper = scheme.includes('Uc')
  const format = scheme.startsWith('alpha')
    ? upper
      ? 'upperLetter'
      : 'lowerLetter'
    : scheme.startsWith('roman')
      ? upper
        ? 'upperRoman'
        : 'lowerRoman'
      : 'decimal'
  const label = listLabel(count, format)
  if (scheme.endsWith('ParenBoth')) return `(${label})`
  return scheme.endsWith('ParenR') ? `${label})` : `${label}.`
}
