import type { BlockWriter } from './blocks.ts'
import { type OfficePackage, scanPart } from './package.ts'
import { attr, numberAttr } from './xml.ts'

const notDescribing =
  /^(((a |an )?(picture|image|graphic|photo|shape|logo|icon|bild|grafik|imagen?|рисунок|object|diagram|chart)\s*\d*)?|\S{0,3})\.?$/i
/** A file's name, a path or an address: where a program took the picture from. */
const fileName = /^([a-z]:\\|\\\\|https?:|file:|cid:|\/)|\.(png|jpe?g|gif|emf|wmf|bmp|tiff?|svg|webp|pict|pdf)$/i
const byMachine =
  /(image|picture)? ?description (automatically )?generated( with (very )?(high|low|medium) confidence)?|ai-generated content may be incorrect\.?|automatically generated description/gi

/** A picture by what people wrote about it, or by how they called its file; empty when they did neither. */
export function pictureMark(description: string | undefined): string {
  if (!description || description.length > 4000) return ''
  const text = description
    .replace(byMachine, '')
    .replace(/[[\]\s]+/g, ' ')
    .trim()
  const name = fileName.test(text) ? ownName(text) : text
  return notDescribing.test(name) ? '' : `![${name}](image)`
}

/** The last part of a path or address, without its ending; nothing of what only a program calls so. */
function ownName(path: string): string {
  const last = path.split(/[?#]/, 1)[0]!.split(/[\\/]/).at(-1)!
  const name = last.replace(/\.[a-z]{2,5}$/i, '')
  return name.length > 60 || !/\p{L}{3}/u.test(name) || numbered.test(name) ? '' : name
}

const numbered = /^(img|image|picture|photo|dsc|dscn|bild|foto|screenshot|clip_image|unnamed|download)[-_ .\d]*$/i

/** A text of a diagram and what lies below it. */
interface Point {
  text: string
  readonly below: { readonly order: number; readonly point: Point }[]
}

const maxPoints = 5000
const maxLevels = 9

/** The texts of a SmartArt diagram's data part as the outline that people see it as (ECMA-376 part 1, 21.4). */
export function writeDiagram(pack: OfficePackage, part: string, out: BlockWriter): void {
  const points = new Map<string, Point>()
  let root: Point | undefined
  let point: Point | undefined
  let inText = false
  scanPart(pack.zip, part, pack.limits, {
    open(name, attrs) {
      if (name === 'pt') {
        point = { text: '', below: [] }
        if (points.size < maxPoints) points.set(attr(attrs, 'modelId') ?? `#${points.size}`, point)
        if (attr(attrs, 'type') === 'doc') root = point
      } else if (name === 'cxn') {
        const inner = points.get(attr(attrs, 'destId') ?? '')
        if (inner && (attr(attrs, 'type') ?? 'parOf') === 'parOf')
          points.get(attr(attrs, 'srcId') ?? '')?.below.push({ order: numberAttr(attrs, 'srcOrd') ?? 0, point: inner })
      } else if (name === 't' && point) inText = true
      return undefined
    },
    close(name) {
      if (name === 'p' && point && point.text !== '') point.text += ' '
      else if (name === 't') inText = false
      else if (name === 'pt') point = undefined
    },
    text(piece) {
      if (inText && point) point.text += piece
    },
  })
  const written = new Set<Point>()
  const write = (each: Point, level: number): void => {
    if (written.has(each)) return
    written.add(each)
    const text = each.text.trim().split(/\s+/).join(' ')
    out.item(level, '-', text)
    const next = text === '' ? level : Math.min(level + 1, maxLevels)
    for (const { point: inner } of each.below.sort((a, b) => a.order - b.order)) write(inner, next)
  }
  if (root) write(root, 0)
  // What hangs nowhere is text all the same.
  for (const each of points.values()) write(each, 0)
}
