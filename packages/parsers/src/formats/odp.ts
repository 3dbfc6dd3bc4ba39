import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { BlockWriter } from '../office/blocks.ts'
import { openOdf, readOdfProperties } from '../office/odf.ts'
import { odfObjects } from '../office/odf-object.ts'
import { collectOdfStyles } from '../office/odf-styles.ts'
import { odfTextWalk } from '../office/odf-text.ts'
import { SpokenLanguage } from '../office/spoken.ts'
import { attr, type XmlHandlers } from '../office/xml.ts'

/** OpenDocument presentations and drawings, packed and flat. */
export const odp: Format = {
  name: 'odp',
  mimeTypes: [
    'application/vnd.oasis.opendocument.presentation',
    'application/vnd.oasis.opendocument.presentation-template',
    'application/vnd.oasis.opendocument.graphics',
    'application/vnd.oasis.opendocument.graphics-template',
  ],
  extensions: ['odp', 'otp', 'fodp', 'odg', 'otg', 'fodg'],
  parse,
}

interface Slide {
  readonly title: BlockWriter
  readonly body: BlockWriter
  readonly notes: BlockWriter
  readonly comments: string[]
  /** Names of the footer's text: the slide's own, its master's. */
  readonly footers: readonly string[]
}

const maxFooter = 4000
const skippedClasses = new Set(['page-number', 'date-time', 'header'])

function parse({ bytes, limits }: FormatInput): FormatOutput {
  const file = openOdf({ bytes, limits })
  const footers = new Map<string, string>()
  const styles = collectOdfStyles(file, () => masterWalk(footers))
  const spoken = new SpokenLanguage()
  const out = new BlockWriter(limits.maxOutputChars)
  const aside = (): BlockWriter => new BlockWriter(limits.maxOutputChars - out.length)
  let slide: Slide | undefined
  let part: 'body' | 'notes' = 'body'
  let inTitle = false
  let slides = 0
  let firstTitle = ''
  let footer: string | undefined
  const walk = odfTextWalk(out, {
    styles,
    aside,
    spoken,
    object: odfObjects(file, styles, aside),
    onNote: (mark, text) => slide?.notes.text(`${mark}: ${text}`),
    onComment: (author, text) => {
      const body = text.replace(/\s*\n\s*/g, ' ')
      if (body !== '') slide?.comments.push(`> Comment${author === '' ? '' : ` (${author.trim()})`}: ${body}`)
    },
  })

  const endSlide = (): void => {
    if (!slide) return
    const title = slide.title.finish().split(/\s+/).join(' ')
    if (firstTitle === '') firstTitle = title.slice(0, 300)
    out.page()
    const label = `${isDrawing ? 'Page' : 'Slide'} ${++slides}`
    out.heading(2, title === '' ? label : `${label}: ${title}`)
    out.markdown(slide.body.finish())
    for (const name of slide.footers) {
      // It stands on every slide: once is enough.
      out.text(footers.get(name) ?? '')
      footers.delete(name)
    }
    const notes = slide.notes.finish()
    if (notes !== '') out.text(`**Notes:** ${notes}`)
    for (const comment of slide.comments) out.text(comment)
    slide = undefined
  }

  let inBody = false
  let isDrawing = false
  const complete = file.scan('content.xml', {
    open(name, attrs) {
      if (name === 'office:body') inBody = true
      else if (name === 'office:meta') return true
      if (!inBody) return styles.on.open?.(name, attrs)
      if (name === 'office:drawing') isDrawing = true
      if (name === 'presentation:footer-decl') {
        footer = `own ${attr(attrs, 'presentation:name')}`
        footers.set(footer, '')
      } else if (name === 'draw:page') {
        slide = {
          title: aside(),
          body: aside(),
          notes: aside(),
          comments: [],
          footers: [`own ${attr(attrs, 'use-footer-name')}`, `master ${attr(attrs, 'master-page-name')}`],
        }
        part = 'body'
        walk.into(slide.body)
      } else if (name === 'presentation:notes' && slide) {
        part = 'notes'
        walk.into(slide.notes)
      } else if (name === 'draw:frame') {
        const kind = attr(attrs, 'presentation:class')
        if (kind !== undefined && skippedClasses.has(kind)) return true
        inTitle = kind === 'title' && slide !== undefined
        if (inTitle) walk.into(slide!.title)
      }
      return walk.open?.(name, attrs)
    },
    text(text) {
      if (footer !== undefined) footers.set(footer, (footers.get(footer) ?? '') + text)
      else if (inBody) walk.text?.(text)
    },
    close(name) {
      if (!inBody) return styles.on.close?.(name)
      footer = undefined
      walk.close?.(name)
      if (name === 'draw:frame' && inTitle && slide) {
        inTitle = false
        walk.into(slide[part])
      } else if (name === 'presentation:notes' && slide) {
        part = 'body'
        walk.into(slide.body)
      } else if (name === 'draw:page') endSlide()
    },
  })
  endSlide()
  if (!complete && slides === 0) throw new FormatError('corrupt', 'Its content.xml is damaged')
  const { properties } = readOdfProperties(file)
  const title = properties.title ?? firstTitle
  const language = properties.language ?? spoken.most
  return {
    ...properties,
    markdown: out.finish(),
    ...(title ? { title } : {}),
    ...(language ? { language } : {}),
    pages: slides,
    pageOffsets: out.pageOffsets,
  }
}

const masterShapes = new Set(['draw:frame', 'draw:custom-shape', 'draw:rect', 'draw:ellipse'])
const masterFields = new Set(['presentation:notes', 'text:page-number', 'text:page-count', 'text:date', 'text:time'])

/** Hears the master pages: what their footers say on every slide, and what else stands there that is no placeholder. */
function masterWalk(footers: Map<string, string>): XmlHandlers {
  let master = ''
  let isShown = false
  let inText = 0
  return {
    open(name, attrs) {
      if (masterFields.has(name)) return true
      if (name === 'style:master-page') master = `master ${attr(attrs, 'style:name')}`
      else if (masterShapes.has(name)) {
        const kind = attr(attrs, 'presentation:class')
        isShown = kind === undefined || kind === 'footer'
      } else if (name === 'text:p') inText++
      return undefined
    },
    text(text) {
      const before = footers.get(master) ?? ''
      if (isShown && inText > 0 && footers.size < 100 && before.length < maxFooter) footers.set(master, before + text)
    },
    close(name) {
      if (masterShapes.has(name)) isShown = false
      if (name !== 'text:p') return
      inText--
      const text = footers.get(master)
      if (text !== undefined) footers.set(master, `${text.trim()} `)
    },
  }
}
