import type { BlockWriter } from './blocks.ts'
import { type OfficePackage, scanPart } from './package.ts'
import { renderTable } from './table.ts'

const maxPoints = 2000
const notDescribing =
  /^(((a |an )?(picture|image|graphic|photo|shape|logo|icon|bild|grafik|imagen?|рисунок|object|diagram|chart)\s*\d*)?|\S{0,3})\.?$/i
/** A file's name, a path or an address: where a program took the picture from. */
const fileName = /^([a-z]:\\|\\\\|https?:|file:|cid:|\/)|\.(png|jpe?g|gif|emf|wmf|bmp|tiff?|svg|webp|pict|pdf)$/i
const byMachine =
  /(image|picture)? ?description (automatically )?generated( with (very )?(high|low|medium) confidence)?|ai-generated content may be incorrect\.?|automatically generated description/gi

/** A picture by what people wrote about it; empty when they wrote nothing. */
export function pictureMark(description: string | undefined): string {
  if (!description || description.length > 4000) return ''
  const text = description
    .replace(byMachine, '')
    .replace(/[[\]\s]+/g, ' ')
    .trim()
  return notDescribing.test(text) || fileName.test(text) ? '' : `![${text}](image)`
}

/** A chart part's title, categories, series names and cached values as a table (ECMA-376 part 1, 21.2). */
export function writeChart(pack: OfficePackage, part: string, out: BlockWriter): void {
  const series: { name: string; categories: string[]; values: string[] }[] = []
  const path: string[] = []
  let title = ''
  let current: (typeof series)[number] | undefined
  scanPart(pack.zip, part, pack.limits, {
    open(name) {
      path.push(name)
      if (name === 'ser') {
        current = { name: '', categories: [], values: [] }
        series.push(current)
      }
      return undefined
    },
    close(name) {
      path.pop()
      if (name === 'ser') current = undefined
    },
    text(text) {
      const leaf = path.at(-1)
      if (leaf === 't' && (path.includes('title') || !current)) title += `${title === '' ? '' : ' '}${text.trim()}`
      else if (leaf !== 'v' || !current) return
      else if (path.includes('tx')) current.name += text
      else if (path.includes('cat') || path.includes('xVal')) push(current.categories, text)
      else if (path.includes('val') || path.includes('yVal')) push(current.values, text)
    },
  })
  out.text(title)
  const used = series.slice(0, 100)
  if (used.length === 0) return
  const categories = used.find((each) => each.categories.length > 0)?.categories ?? []
  const length = Math.max(categories.length, ...used.map((each) => each.values.length))
  const rows = [['', ...used.map((each) => each.name)]]
  for (let n = 0; n < length; n++) rows.push([categories[n] ?? '', ...used.map((each) => each.values[n] ?? '')])
  out.text(renderTable(rows))
}

function push(list: string[], text: string): void {
  if (list.length < maxPoints) list.push(text)
}

/** The texts of a SmartArt diagram's data part, one item each. */
export function writeDiagram(pack: OfficePackage, part: string, out: BlockWriter): void {
  let text = ''
  let inText = false
  scanPart(pack.zip, part, pack.limits, {
    open(name) {
      if (name === 't' && !inText) inText = true
      return undefined
    },
    close(name) {
      if (name === 'p' && text !== '') text += ' '
      else if (name === 't') inText = false
      else if (name === 'pt') {
        out.item(0, '-', text.split(/\s+/).join(' '))
        text = ''
      }
    },
    text(piece) {
      if (inText) text += piece
    },
  })
}
