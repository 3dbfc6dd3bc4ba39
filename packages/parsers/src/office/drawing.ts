import type { BlockWriter } from './blocks.ts'
import { type OfficePackage, scanPart } from './package.ts'

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
