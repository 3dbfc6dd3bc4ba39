import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { BlockWriter } from '../office/blocks.ts'
import { writeChart } from '../office/chart.ts'
import { writeDiagram } from '../office/drawing.ts'
import { type OfficePackage, openPackage, type Relationship, scanPart } from '../office/package.ts'
import { readProperties } from '../office/properties.ts'
import { type SlideContext, slideWalk } from '../office/slide.ts'
import { SpokenLanguage } from '../office/spoken.ts'
import { attr, numberAttr } from '../office/xml.ts'

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
  const { slides, area } = slideParts(pack)
  const out = new BlockWriter(limits.maxOutputChars)
  const damaged: number[] = []
  const hidden: number[] = []
  const deck: Deck = {
    spoken: new SpokenLanguage(),
    margins: new Set(),
    masters: new Set(),
    authors: readAuthors(pack),
    area,
    title: '',
  }
  slides.forEach((part, n) => {
    out.page()
    const { complete, isHidden } = writeSlide(pack, part, n + 1, deck, out)
    if (!complete) damaged.push(n + 1)
    if (isHidden) hidden.push(n + 1)
  })
  if (slides.length > 0 && damaged.length === slides.length)
    throw new FormatError('corrupt', 'None of its slides can be read')
  const { properties } = readProperties(pack)
  const markdown = out.finish()
  const title = properties.title ?? deck.title
  const language = properties.language ?? deck.spoken.most
  return {
    ...properties,
    markdown,
    ...(title ? { title } : {}),
    ...(language ? { language } : {}),
    pages: slides.length,
    pageOffsets: out.pageOffsets,
    ...((damaged.length > 0 || hidden.length > 0) && {
      metadata: {
        ...properties.metadata,
        ...(hidden.length > 0 && { hiddenSlides: hidden }),
        ...(damaged.length > 0 && { damagedSlides: damaged }),
      },
    }),
  }
}

/** What the slides have in common. */
interface Deck {
  readonly spoken: SpokenLanguage
  /** Footers and texts of masters that were written: they stand on every slide. */
  readonly margins: Set<string>
  /** Layouts and masters that were read. */
  readonly masters: Set<string>
  /** Width and height of a slide; undefined where it is not told. */
  readonly area: readonly [number, number] | undefined
  /** Names of those who comment, by id. */
  readonly authors: ReadonlyMap<string, string>
  /** Of the first slide that has one. */
  title: string
}

/** In the order of the presentation; by number where its list is damaged. */
function slideParts(pack: OfficePackage): Pick<Deck, 'area'> & { readonly slides: readonly string[] } {
  const rels = new Map(pack.relationships(pack.main).map((rel) => [rel.id, rel]))
  const parts = new Set<string>()
  let lost = 0
  let area: Deck['area']
  const complete = scanPart(pack.zip, pack.main, pack.limits, {
    open(name, attrs) {
      if (name === 'sldSz') area = [numberAttr(attrs, 'cx') ?? 0, numberAttr(attrs, 'cy') ?? 0]
      // The slide has an id of its own beside the relationship's.
      if (name !== 'sldId') return name === 'extLst'
      const id = /[\w]:id\s*=\s*["']([^"']{1,200})["']/.exec(attrs)?.[1] ?? attr(attrs, 'id') ?? ''
      const entry = pack.zip.find(rels.get(id)?.target ?? '')
      if (entry) parts.add(entry.path)
      else lost++
      return undefined
    },
  })
  if (parts.size > 0 && lost === 0 && complete) return { slides: [...parts], area }
  const found = pack.zip.entries.map((entry) => entry.path).filter((path) => /(^|\/)slides\/slide\d+\.xml$/i.test(path))
  if (!complete && found.length === 0)
    throw new FormatError('corrupt', 'It has no presentation part (ppt/presentation.xml)')
  const number = (path: string): number => Number(/(\d+)\.xml$/i.exec(path)?.[1])
  return { slides: [...new Set([...parts, ...found.sort((a, b) => number(a) - number(b))])], area }
}

interface Written {
  readonly complete: boolean
  /** Left out of the show. */
  readonly isHidden: boolean
}

function writeSlide(pack: OfficePackage, part: string, number: number, deck: Deck, out: BlockWriter): Written {
  const { limits } = pack
  const rels = pack.relationships(part)
  const body = new BlockWriter(limits.maxOutputChars - out.length)
  let title = ''
  let footer = ''
  let isHidden = false
  let isBare = false
  const complete = scanPart(
    pack.zip,
    part,
    limits,
    slideWalk(body, {
      ...makeContext(pack, rels, deck),
      onShow({ hidden, bare }) {
        isHidden = hidden
        isBare = bare
      },
      onFooter: (text) => {
        footer = text
      },
      onTitle: (text) => {
        title = title === '' ? text : `${title} ${text}`
      },
    }),
  )
  const text = body.finish()
  if (deck.title === '') deck.title = title.split(/\s+/).join(' ').slice(0, 300)
  out.heading(2, title === '' ? `Slide ${number}` : `Slide ${number}: ${title}`)
  out.text(text)
  const layout = isBare ? undefined : rels.find(({ type }) => type === 'slideLayout')
  if (layout) writeMaster(pack, layout.target, deck, out)
  writeMargin(footer, deck, out)
  for (const rel of rels) {
    if (rel.external) continue
    if (rel.type === 'notesSlide') writeNotes(pack, rel.target, deck, out)
    else if (rel.type === 'comments') writeComments(pack, rel.target, deck, out)
  }
  return { complete: complete || text !== '' || title !== '', isHidden }
}

const maxMargins = 1000

/** Once for all slides. */
function writeMargin(text: string, { margins }: Deck, out: BlockWriter): void {
  if (margins.size >= maxMargins || margins.has(text) || !/[\p{L}\p{N}]/u.test(text)) return
  margins.add(text)
  out.text(text)
}

/** A part as it stands; undefined for a large one. */
function shortPart({ zip }: OfficePackage, part: string): string | undefined {
  const entry = zip.find(part)
  if (!entry) return undefined
  const pieces: Uint8Array[] = []
  let left = 500_000
  try {
    zip.stream(entry, (piece) => {
      left -= piece.length
      if (left < 0) throw new FormatError('too_large', 'The part is not short')
      pieces.push(piece.slice())
    })
  } catch {
    return undefined
  }
  return Buffer.concat(pieces).toString('latin1')
}

/** Most layouts are: counting shapes is cheaper than walking through them. */
function isAllPlaceholders(xml: string): boolean {
  const shapes = xml.match(/<p:(?:sp|pic|graphicFrame)[ >]/g)?.length ?? 0
  return shapes > 0 && shapes === xml.match(/<p:ph[ />]/g)?.length
}

/** What slides show of their layout and of its master: not what their placeholders stand for. */
function writeMaster(pack: OfficePackage, part: string, deck: Deck, out: BlockWriter): void {
  if (deck.masters.size >= maxMargins || deck.masters.has(part)) return
  deck.masters.add(part)
  const text = shortPart(pack, part)
  const isEmpty = text !== undefined && isAllPlaceholders(text)
  if (isEmpty && text.includes('<p:sldMaster ')) return
  const rels = pack.relationships(part)
  if (isEmpty) {
    const next = rels.find(({ type }) => type === 'slideMaster')
    if (next && !/ showMasterSp="(0|false)"/.test(text)) writeMaster(pack, next.target, deck, out)
    return
  }
  const body = new BlockWriter(pack.limits.maxOutputChars - out.length)
  let isBare = false
  const context: SlideContext = {
    rels: new Map(rels.map((rel) => [rel.id, rel])),
    graphic() {},
    onTitle() {},
    isMaster: true,
    ...(deck.area && { area: deck.area }),
    onShow({ bare }) {
      isBare = bare
    },
  }
  scanPart(pack.zip, part, pack.limits, slideWalk(body, context))
  const master = isBare ? undefined : rels.find(({ type }) => type === 'slideMaster')
  if (master) writeMaster(pack, master.target, deck, out)
  for (const text of body.finish().split('\n\n')) writeMargin(text, deck, out)
}

function makeContext(pack: OfficePackage, rels: readonly Relationship[], deck: Deck): SlideContext {
  const byId = new Map(rels.map((rel) => [rel.id, rel]))
  const graphic = (id: string, into: BlockWriter): void => {
    const rel = byId.get(id)
    if (!rel || rel.external) return
    if (rel.type === 'chart' || rel.type === 'chartEx') writeChart(pack, rel.target, into)
    else if (rel.type === 'diagramData') writeDiagram(pack, rel.target, into)
  }
  return { rels: byId, graphic, onTitle: () => {}, spoken: deck.spoken }
}

function writeNotes(pack: OfficePackage, part: string, deck: Deck, out: BlockWriter): void {
  const notes = new BlockWriter(pack.limits.maxOutputChars - out.length)
  scanPart(
    pack.zip,
    part,
    pack.limits,
    slideWalk(notes, { ...makeContext(pack, pack.relationships(part), deck), onFooter: () => {} }),
  )
  const text = notes.finish()
  // A list stays one.
  if (text !== '') out.text(`**Notes:**${/^(-|\d+[.)]) /.test(text) ? '\n\n' : ' '}${text}`)
}

/** Both the old comments (`p:text`) and the threaded ones (`a:t` in `p188:txBody`). */
function writeComments(pack: OfficePackage, part: string, deck: Deck, out: BlockWriter): void {
  let text = ''
  let author = ''
  let inText = false
  const end = (): void => {
    const body = text.trim().split(/\s+/).join(' ')
    if (body !== '') out.text(`> Comment${author === '' ? '' : ` (${author})`}: ${body}`)
    text = ''
  }
  scanPart(pack.zip, part, pack.limits, {
    open(name, attrs) {
      if (name === 'text' || name === 't') inText = true
      else if (name === 'cm' || name === 'reply') {
        end()
        author = deck.authors.get(attr(attrs, 'authorId') ?? '') ?? ''
      }
      return undefined
    },
    text(piece) {
      if (inText) text += piece
    },
    close(name) {
      if (name === 'text' || name === 't') inText = false
      else if (name === 'p') text += ' '
      else if (name === 'cm' || name === 'reply') end()
    },
  })
}

function readAuthors(pack: OfficePackage): ReadonlyMap<string, string> {
  const authors = new Map<string, string>()
  for (const { type, target } of pack.relationships(pack.main)) {
    if (type !== 'commentAuthors' && type !== 'authors') continue
    scanPart(pack.zip, target, pack.limits, {
      open(name, attrs) {
        if (name === 'cmAuthor' || name === 'author') authors.set(attr(attrs, 'id') ?? '', attr(attrs, 'name') ?? '')
        return undefined
      },
    })
  }
  return authors
}
