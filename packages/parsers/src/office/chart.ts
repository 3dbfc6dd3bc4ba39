import type { BlockWriter } from './blocks.ts'
import { type NumberKind, numberKind, showNumberText } from './number-format.ts'
import { type OfficePackage, scanPart } from './package.ts'
import { slideWalk } from './slide.ts'
import { renderTable } from './table.ts'
import { attr, isOn, numberAttr } from './xml.ts'

export const maxPoints = 2000
export const maxSeries = 100

/** One row of values of a chart. */
export interface Series {
  name: string
  /** By point; several levels of them, the outermost last. */
  readonly categories: string[][]
  readonly values: string[]
}

const categoryParts = new Set(['cat', 'xVal', 'strDim'])
const valueParts = new Set(['val', 'yVal', 'numDim'])

/**
 * A chart part's titles, and its categories, series and cached values as a table (ECMA-376 part 1, 21.2; the newer
 * kinds of charts are [MS-ODRAWXML] 2.24.3).
 */
export function writeChart(pack: OfficePackage, part: string, out: BlockWriter): void {
  const series: Series[] = []
  const titles: string[] = []
  const path: string[] = []
  const within = (name: string): boolean => path.includes(name)
  let current: Series | undefined
  let list: string[] | undefined
  let index = 0
  let kind: NumberKind | undefined
  let date1904 = false
  let leaf = ''
  const take = (text: string): void => {
    if (current && list && index >= 0 && index < maxPoints) list[index] = showNumberText(text, kind, date1904)
  }
  scanPart(pack.zip, part, pack.limits, {
    open(name, attrs) {
      if (name === 'userShapes' || name === 'extLst' || name === 'dLbls') return true
      path.push(name)
      leaf = ''
      if (name === 'ser' || name === 'data') {
        current = { name: '', categories: [], values: [] }
        if (series.length < maxSeries) series.push(current)
      } else if (name === 'date1904') date1904 = isOn(attrs)
      else if (name === 'title') titles.push('')
      else if (name === 'pt') index = numberAttr(attrs, 'idx') ?? index + 1
      else if (current && valueParts.has(name)) list = current.values
      else if (current && (categoryParts.has(name) || (name === 'lvl' && !within('numDim')))) {
        // Only where there are levels does a second list begin.
        if (name !== 'lvl' || current.categories.at(-1)?.length !== 0) current.categories.push([])
        list = current.categories.at(-1)
      }
      if (name === 'lvl' || valueParts.has(name) || categoryParts.has(name)) {
        kind = numberKind(attr(attrs, 'formatCode') ?? 'General')
        index = -1
      }
      return undefined
    },
    text(text) {
      leaf += text
    },
    close(name) {
      path.pop()
      if (name === 't' && titles.length > 0 && within('title')) titles.push(titles.pop()! + leaf)
      else if (name === 'p' && within('title')) titles.push(`${titles.pop() ?? ''} `)
      else if (name === 'formatCode') kind = numberKind(leaf)
      else if (name === 'v' && current && path.includes('tx')) current.name += leaf
      else if (name === 'v' || (name === 'pt' && leaf.trim() !== '' && within('data'))) take(leaf)
      else if (name === 'ser' || name === 'data') current = undefined
      // What follows may be the sizes of bubbles or the lengths of error bars.
      if (valueParts.has(name) || categoryParts.has(name)) list = undefined
      leaf = ''
    },
  })
  for (const title of titles) out.text(title.trim())
  writeSeries(series, out)
  for (const { type, target } of pack.relationships(part))
    if (type === 'chartUserShapes')
      scanPart(pack.zip, target, pack.limits, slideWalk(out, { rels: new Map(), graphic() {}, onTitle() {} }))
}

/** Categories, series and their values as a table; one for each list of categories, as series of dots may have their own. */
export function writeSeries(series: readonly Series[], out: BlockWriter): void {
  const groups = new Map<string, Series[]>()
  for (const each of series) {
    const hasCategories = each.categories.some((level) => level.length > 0)
    const [first] = groups.values()
    const key = JSON.stringify(each.categories)
    const group = groups.get(key) ?? (hasCategories ? undefined : first)
    if (group) group.push(each)
    else groups.set(key, [each])
  }
  for (const group of groups.values()) writeTable(group, out)
}

function writeTable(series: readonly Series[], out: BlockWriter): void {
  const categories = series[0]!.categories
  const length = Math.max(...categories.map((level) => level.length), ...series.map((each) => each.values.length), 0)
  const rows = [['', ...series.map((each) => each.name)]]
  for (let n = 0; n < length; n++) rows.push([categoryAt(categories, n), ...series.map((each) => each.values[n] ?? '')])
  out.text(renderTable(rows))
}

/** Outer levels name only the first point of theirs. */
function categoryAt(levels: readonly (readonly string[])[], n: number): string {
  const names: string[] = []
  levels.forEach((level, depth) => {
    let at = n
    while (depth > 0 && at > 0 && level[at] === undefined) at--
    const name = level[at]
    if (name !== undefined) names.unshift(name)
  })
  return names.join(' ')
}
