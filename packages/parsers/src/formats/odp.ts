import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { BlockWriter } from '../office/blocks.ts'
import { openOdf, readOdfProperties } from '../office/odf.ts'
import { collectOdfStyles } from '../office/odf-styles.ts'
import { odfTextWalk } from '../office/odf-text.ts'
import { attr } from '../office/xml.ts'

/** OpenDocument presentations, packed and flat. */
export const odp: Format = {
  name: 'odp',
  mimeTypes: [
    'application/vnd.oasis.opendocument.presentation',
    'application/vnd.oasis.opendocument.presentation-template',
  ],
  extensions: ['odp', 'otp', 'fodp'],
  parse,
}

interface Slide {
  readonly title: BlockWriter
  readonly body: BlockWriter
  readonly notes: BlockWriter
}

const skippedClasses = new Set(['page-number', 'date-time', 'header'])

function parse({ bytes, limits }: FormatInput): FormatOutput {
  const file = openOdf({ bytes, limits })
  const styles = collectOdfStyles(file)
  const out = new BlockWriter(limits.maxOutputChars)
  const aside = (): BlockWriter => new BlockWriter(limits.maxOutputChars - out.length)
  let slide: Slide | undefined
  let part: 'body' | 'notes' = 'body'
  let inTitle = false
  let slides = 0
  const walk = odfTextWalk(out, {
    styles,
    aside,
    onNote: (mark, text) => slide?.notes.text(`${mark}: ${text}`),
    onComment: (author, text) => slide?.notes.text(`> Comment${author === '' ? '' : ` (${author.trim()})`}: ${text}`),
  })

  const endSlide = (): void => {
    if (!slide) return
    const title = slide.title.finish().split(/\s+/).join(' ')
    out.page()
    out.heading(2, title === '' ? `Slide ${++slides}` : `Slide ${++slides}: ${title}`)
    out.text(slide.body.finish())
    const notes = slide.notes.finish()
    if (notes !== '') out.text(`**Notes:** ${notes}`)
    slide = undefined
  }

  let inBody = false
  const complete = file.scan('content.xml', {
    open(name, attrs) {
      if (name === 'office:body') inBody = true
      else if (name === 'office:meta') return true
      if (!inBody) return styles.on.open?.(name, attrs)
      if (name === 'draw:page') {
        slide = { title: aside(), body: aside(), notes: aside() }
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
      if (inBody) walk.text?.(text)
    },
    close(name) {
      if (!inBody) return styles.on.close?.(name)
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
  return { ...properties, markdown: out.finish(), pages: slides, pageOffsets: out.pageOffsets }
}
