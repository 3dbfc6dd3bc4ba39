import { listLabel } from './numbers.ts'
import { type OfficePackage, scanPart } from './package.ts'
import { attr, isOn, numberAttr } from './xml.ts'

interface Level {
  format: string
  start: number
  text: string
  restart: number | undefined
  /** All its numbers are shown as 1, 2, 3 whatever their levels say. */
  legal: boolean
}

interface AbstractList {
  readonly levels: Map<number, Level>
  styleLink: string | undefined
  numStyleLink: string | undefined
}

interface ListInstance {
  abstractId: string
  readonly starts: Map<number, number>
  /** Levels that it shapes otherwise. */
  readonly levels: Map<number, Level>
}

/** Counts list items as Word does: by abstract list, restarted by what is above and by overrides. */
export interface WordNumbering {
  /** The label of the next item; undefined when the list is unknown or switched off. `bullet` for one without number. */
  next(numId: string, level: number): { readonly label: string; readonly bullet: boolean } | undefined
}

/** Bullets that say something: what is done of a list. */
const boxes = /^[☐☑☒✓✔✗✘]$/u

/** word/numbering.xml (ECMA-376 part 1, 17.9). */
export function readNumbering(pack: OfficePackage, part: string): WordNumbering {
  const abstracts = new Map<string, AbstractList>()
  const instances = new Map<string, ListInstance>()
  let abstract: AbstractList | undefined
  let instance: ListInstance | undefined
  let level: Level | undefined
  let override = 0
  scanPart(pack.zip, part, pack.limits, {
    open(name, attrs) {
      const value = (): string => attr(attrs, 'val') ?? ''
      if (name === 'abstractNum') {
        abstract = { levels: new Map(), styleLink: undefined, numStyleLink: undefined }
        abstracts.set(attr(attrs, 'abstractNumId') ?? '', abstract)
      } else if (name === 'num') {
        instance = { abstractId: '', starts: new Map(), levels: new Map() }
        instances.set(attr(attrs, 'numId') ?? '', instance)
      } else if (name === 'lvl' && (abstract || instance)) {
        level = { format: 'decimal', start: 0, text: '', restart: undefined, legal: false }
        const levels = instance?.levels ?? abstract?.levels
        levels?.set(numberAttr(attrs, 'ilvl') ?? override, level)
      } else if (name === 'abstractNumId' && instance) instance.abstractId = value()
      else if (name === 'lvlOverride') override = numberAttr(attrs, 'ilvl') ?? 0
      else if (name === 'startOverride' && instance) instance.starts.set(override, numberAttr(attrs, 'val') ?? 1)
      else if (name === 'styleLink' && abstract) abstract.styleLink = value()
      else if (name === 'numStyleLink' && abstract) abstract.numStyleLink = value()
      else if (level) {
        if (name === 'numFmt') level.format = value() === 'custom' ? customFormat(attrs) : value()
        else if (name === 'start') level.start = numberAttr(attrs, 'val') ?? 1
        else if (name === 'lvlText') level.text = value()
        else if (name === 'lvlRestart') level.restart = numberAttr(attrs, 'val')
        else if (name === 'isLgl') level.legal = isOn(attrs)
      }
      return name === 'pPr' || name === 'rPr' || name === 'Fallback'
    },
    close(name) {
      if (name === 'lvl') level = undefined
      else if (name === 'abstractNum') abstract = undefined
      else if (name === 'num') instance = undefined
    },
  })
  const resolve = (id: string): AbstractList | undefined => {
    const found = abstracts.get(id)
    const link = found?.numStyleLink
    if (link === undefined) return found
    for (const each of abstracts.values()) if (each.styleLink === link) return each
    return found
  }

  const counters = new Map<AbstractList, number[]>()
  const begun = new Set<string>()
  return {
    next(numId, ilvl) {
      const list = instances.get(numId)
      const shape = list && resolve(list.abstractId)
      const own = list?.levels.get(ilvl) ?? shape?.levels.get(ilvl)
      if (!list || !shape || !own) return undefined
      if (own.format === 'bullet')
        return boxes.test(own.text) ? { label: own.text, bullet: false } : { label: '-', bullet: true }
      const counts = counters.get(shape) ?? []
      counters.set(shape, counts)
      const override = list.starts.get(ilvl)
      const key = `${numId}/${ilvl}`
      if (override !== undefined && !begun.has(key)) counts[ilvl] = override
      else counts[ilvl] = counts[ilvl] === undefined ? (override ?? own.start) : counts[ilvl] + 1
      begun.add(key)
      // What is skipped on the way down has begun as well.
      for (let above = 0; above < ilvl; above++)
        counts[above] ??= list.starts.get(above) ?? (list.levels.get(above) ?? shape.levels.get(above))?.start ?? 1
      for (let deeper = ilvl + 1; deeper < counts.length; deeper++) {
        const restart = shape.levels.get(deeper)?.restart
        if (restart === undefined || (restart !== 0 && ilvl < restart)) delete counts[deeper]
      }
      if (own.format === 'none' && !own.text.includes('%'))
        return { label: own.text.trim() || '-', bullet: own.text.trim() === '' }
      const label = own.text.replace(/%([1-9])/g, (_, digit: string) => {
        const at = Number(digit) - 1
        const shown = list.levels.get(at) ?? shape.levels.get(at)
        if (shown?.format === 'bullet') return ''
        const format = own.legal || shown === undefined ? 'decimal' : shown.format
        return listLabel(counts[at] ?? shown?.start ?? 1, format)
      })
      return label.trim() === '' ? { label: '-', bullet: true } : { label: label.trim(), bullet: false }
    },
  }
}

/** `001, 002, 003, ...`: numbers of as many places. */
function customFormat(attrs: string): string {
  const places = /^0+1(?=,)/.exec(attr(attrs, 'format') ?? '')?.[0].length
  return places === undefined ? 'decimal' : `decimalZero${places}`
}
