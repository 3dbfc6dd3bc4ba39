import { bold, italic } from './inline.ts'
import { listLabel } from './numbers.ts'
import type { OdfFile } from './odf.ts'
import { attr, numberAttr, type XmlHandlers } from './xml.ts'

interface Style {
  readonly parent: string | undefined
  readonly list: string | undefined
  look: number | undefined
}

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
  listOf(style: string | undefined): string | undefined
  level(list: string | undefined, level: number): ListLevel | undefined
  readonly on: XmlHandlers
}

export function collectOdfStyles(file: OdfFile): OdfStyles {
  const styles = new Map<string, Style>()
  const lists = new Map<string, Map<number, ListLevel>>()
  let style: Style | undefined
  let list: Map<number, ListLevel> | undefined
  const on: XmlHandlers = {
    open(name, attrs) {
      switch (name) {
        case 'style:style':
          style = { parent: attr(attrs, 'parent-style-name'), list: attr(attrs, 'list-style-name'), look: undefined }
          styles.set(attr(attrs, 'style:name') ?? '', style)
          break
        case 'style:text-properties':
          if (style) {
            const weight = attr(attrs, 'fo:font-weight')
            const slant = attr(attrs, 'fo:font-style')
            style.look =
              (weight === 'bold' || weight === '700' ? bold : 0) |
              (slant === 'italic' || slant === 'oblique' ? italic : 0)
          }
          break
        case 'text:list-style':
          list = new Map()
          lists.set(attr(attrs, 'style:name') ?? '', list)
          break
        case 'text:list-level-style-number':
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
      if (name === 'style:style') style = undefined
      else if (name === 'text:list-style') list = undefined
    },
  }
  file.scan('styles.xml', {
    open: (name, attrs) => (name === 'office:body' || name === 'office:master-styles' ? true : on.open?.(name, attrs)),
    close: (name) => on.close?.(name),
  })

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
  return {
    look: (name) => inherited(name, (found) => found?.look) ?? 0,
    titleLevel: (name) => inherited(name, (_, id) => (id === 'Title' ? 1 : id === 'Subtitle' ? 2 : undefined)),
    listOf: (name) => inherited(name, (found) => found?.list),
    level: (name, level) => (name === undefined ? undefined : lists.get(name)?.get(level)),
    on,
  }
}

const formatNames: Readonly<Record<string, string>> = {
  a: 'lowerLetter',
  A: 'upperLetter',
  i: 'lowerRoman',
  I: 'upperRoman',
  '1': 'decimal',
  '': 'none',
}

/** The label of an item from the counters of its list and those above; `-` for a bullet. */
export function odfLabel(levels: readonly (ListLevel | undefined)[], counts: readonly number[]): string {
  const own = levels.at(-1)
  if (!own || own.format === undefined || own.format === '') return '-'
  const numbers: string[] = []
  for (let n = Math.max(0, levels.length - own.shown); n < levels.length; n++) {
    numbers.push(listLabel(counts[n] ?? 1, formatNames[levels[n]?.format ?? '1'] ?? 'decimal'))
  }
  const label = `${own.prefix}${numbers.join('.')}${own.suffix}`.trim()
  return own.suffix === '' && own.prefix === '' && own.shown === 1 && own.format === '1' ? `${label}.` : label
}
