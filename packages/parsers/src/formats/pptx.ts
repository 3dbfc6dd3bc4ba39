import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { BlockWriter } from '../office/blocks.ts'
import { writeChart, writeDiagram } from '../office/drawing.ts'
import { type OfficePackage, openPackage, type Relationship, scanPart } from '../office/package.ts'
import { readProperties } from '../office/properties.ts'
import { slideWalk } from '../office/slide.ts'
import { attr } from '../office/xml.ts'

/** PowerPoint presentations (ECMA-376 PresentationML), shows, templates and macros as well. */
export const pptx: Format = {
  name: 'pptx',
  mimeTypes: [
    'application/vnd.openxmlformats-officedocument.presentationml.presentation',
    'application/vnd.openxmlformats-officedocument.presentationml.slideshow',
    'application/vnd.openxmlformats-officedocument.presentationml.template',
    'application/vnd.ms-powerpoint.presentation.macroenabled.12',
    'application/vnd.ms-powerpoint.slideshow.macroenabled.12',
    'application/vnd.ms-powerpoint.template.macroenabled.12',
  ],
  extensions: ['pptx', 'pptm', 'ppsx', 'ppsm', 'potx', 'potm'],
  parse,
}

function parse({ bytes, limits }: FormatInput): FormatOutput {
  const pack = openPackage(bytes, limits, 'PowerPoint presentation', 'ppt/presentation.xml')
  const slides = slideParts(pack)
  const out = new BlockWriter(limits.maxOutputChars)
  const damaged: number[] = []
  slides.forEach((part, n) => {
    out.page()
    if (!writeSlide(pack, part, n + 1, out)) damaged.push(n + 1)
  })
  if (slides.length > 0 && damaged.length === slides.length)
    throw new FormatError('corrupt', 'None of its slides can be read')
  const { properties } = readProperties(pack)
  const markdown = out.finish()
  return {
    ...properties,
    markdown,
    pages: slides.length,
    pageOffsets: out.pageOffsets,
    ...(damaged.length > 0 ? { metadata: { ...properties.metadata, damagedSlides: damaged } } : {}),
  }
}

/** In the order of the presentation; by number where its list is damaged. */
function slideParts(pack: OfficePackage): string[] {
  const rels = new Map(pack.relationships(pack.main).map((rel) => [rel.id, rel]))
  const parts: string[] = []
  const complete = scanPart(pack.zip, pack.main, pack.limits, {
    open(name, attrs) {
      // The slide has an id of its own beside the relationship's.
      if (name !== 'sldId') return name === 'extLst'
      const id = /[\w]:id\s*=\s*["']([^"']{1,200})["']/.exec(attrs)?.[1] ?? attr(attrs, 'id') ?? ''
      const rel = rels.get(id)
      if (rel && pack.zip.find(rel.target)) parts.push(rel.target)
      return undefined
    },
  })
  if (parts.length > 0) return parts
  const found = pack.zip.entries.map((entry) => entry.path).filter((path) => /(^|\/)slides\/slide\d+\.xml$/i.test(path))
  if (!complete && found.length === 0)
    throw new FormatError('corrupt', 'It has no presentation part (ppt/presentation.xml)')
  const number = (path: string): number => Number(/(\d+)\.xml$/i.exec(path)?.[1])
  return found.sort((a, b) => number(a) - number(b))
}

function writeSlide(pack: OfficePackage, part: string, number: number, out: BlockWriter): boolean {
  const { limits } = pack
  const rels = pack.relationships(part)
  const body = new BlockWriter(limits.maxOutputChars - out.length)
  let title = ''
  const complete = scanPart(
    pack.zip,
    part,
    limits,
    slideWalk(
      body,
      makeContext(pack, rels, (text) => (title = title === '' ? text : `${title} ${text}`)),
    ),
  )
  const text = body.finish()
  out.heading(2, title === '' ? `Slide ${number}` : `Slide ${number}: ${title}`)
  out.text(text)
  for (const rel of rels) {
    if (rel.external) continue
    if (rel.type === 'notesSlide') writeNotes(pack, rel.target, out)
    else if (rel.type === 'comments') writeComments(pack, rel.target, out)
  }
  return complete || text !== '' || title !== ''
}

function makeContext(pack: OfficePackage, rels: readonly Relationship[], onTitle: (text: string) => void) {
  const byId = new Map(rels.map((rel) => [rel.id, rel]))
  const graphic = (id: string, into: BlockWriter): void => {
    const rel = byId.get(id)
    if (!rel || rel.external) return
    if (rel.type === 'chart') writeChart(pack, rel.target, into)
    else if (rel.type === 'diagramData') writeDiagram(pack, rel.target, into)
  }
  return { rels: byId, graphic, onTitle }
}

function writeNotes(pack: OfficePackage, part: string, out: BlockWriter): void {
  const notes = new BlockWriter(pack.limits.maxOutputChars - out.length)
  scanPart(
    pack.zip,
    part,
    pack.limits,
    slideWalk(
      notes,
      makeContext(pack, pack.relationships(part), () => undefined),
    ),
  )
  const text = notes.finish()
  if (text !== '') out.text(`**Notes:** ${text}`)
}

/** Both the old comments (`p:text`) and the threaded ones (`a:t` in `p188:txBody`). */
function writeComments(pack: OfficePackage, part: string, out: BlockWriter): void {
  let text = ''
  let inText = false
  scanPart(pack.zip, part, pack.limits, {
    open(name) {
      if (name === 'text' || name === 't') inText = true
      return undefined
    },
    text(piece) {
      if (inText) text += piece
    },
    close(name) {
      if (name === 'text' || name === 't') inText = false
      else if (name === 'cm' || name === 'reply') {
        if (text.trim() !== '') out.text(`> Comment: ${text.trim().split(/\s+/).join(' ')}`)
        text = ''
      }
    },
  })
}
