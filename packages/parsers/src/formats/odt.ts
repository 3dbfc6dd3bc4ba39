import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { BlockWriter } from '../office/blocks.ts'
import { Margins } from '../office/margins.ts'
import { openOdf, readOdfProperties } from '../office/odf.ts'
import { odfObjects } from '../office/odf-object.ts'
import { collectOdfStyles, type OdfStyles } from '../office/odf-styles.ts'
import { type OdfTextWalk, odfTextWalk } from '../office/odf-text.ts'
import { SpokenLanguage } from '../office/spoken.ts'
import { attr, type XmlHandlers } from '../office/xml.ts'

/** OpenDocument texts, packed and flat. */
export const odt: Format = {
  name: 'odt',
  mimeTypes: ['application/vnd.oasis.opendocument.text', 'application/vnd.oasis.opendocument.text-template'],
  extensions: ['odt', 'ott', 'fodt'],
  parse,
}

function parse({ bytes, limits }: FormatInput): FormatOutput {
  const file = openOdf({ bytes, limits })
  const margins = new Margins()
  const aside = (): BlockWriter => new BlockWriter(limits.maxOutputChars)
  const styles = collectOdfStyles(file, (all) => marginWalk(all, aside, margins))
  const out = aside()
  const spoken = new SpokenLanguage()
  const later: string[] = []
  let firstTitle: string | undefined
  const walk = odfTextWalk(out, {
    styles,
    aside,
    spoken,
    pages: true,
    object: odfObjects(file, styles, aside),
    onNote: (mark, text) => later.push(`${mark}: ${text}`),
    onComment: (author, text) => {
      if (text !== '')
        later.push(`> Comment${author === '' ? '' : ` (${author.trim()})`}: ${text.replace(/\s*\n\s*/g, ' ')}`)
    },
    onTitle: (text) => {
      firstTitle ??= text
    },
  })
  let inBody = false
  const complete = file.scan('content.xml', {
    open(name, attrs) {
      if (name === 'office:body') inBody = true
      else if (name === 'office:meta') return true
      return inBody ? walk.open?.(name, attrs) : styles.on.open?.(name, attrs)
    },
    text(text) {
      if (inBody) walk.text?.(text)
    },
    close(name) {
      if (inBody) walk.close?.(name)
      else styles.on.close?.(name)
    },
  })
  const { pageOffsets } = out
  for (const text of later) out.text(text)
  margins.write(out)
  const markdown = out.finish()
  if (!complete && markdown === '') throw new FormatError('corrupt', 'Its content.xml is damaged')
  const { properties, counts } = readOdfProperties(file)
  const pages = Number(counts.get('page-count'))
  const title = properties.title ?? firstTitle
  const language = properties.language ?? spoken.most
  if (pageOffsets.length > 0 && pageOffsets[0] !== 0) pageOffsets.unshift(0)
  return {
    ...properties,
    markdown,
    ...(title ? { title } : {}),
    ...(language ? { language } : {}),
    ...(pages > 0 ? { pages } : {}),
    ...(pageOffsets.length > 1 ? { pageOffsets: pageOffsets.filter((offset) => offset < markdown.length) } : {}),
    ...(complete ? {} : { metadata: { ...properties.metadata, damaged: 'The content is cut short' } }),
  }
}

/** Hears the master pages. */
function marginWalk(styles: OdfStyles, aside: () => BlockWriter, margins: Margins): XmlHandlers {
  let walk: OdfTextWalk | undefined
  let out: BlockWriter | undefined
  let numbered = false
  const isMargin = (name: string): boolean => /^style:(header|footer)(-left|-first)?$/.test(name)
  return {
    open(name, attrs) {
      if (walk) {
        if (name === 'text:page-number') numbered = true
        return walk.open?.(name, attrs)
      }
      if (!isMargin(name)) return undefined
      if (attr(attrs, 'style:display') === 'false') return true
      out = aside()
      numbered = false
      walk = odfTextWalk(out, { styles, aside, onNote: () => {}, onComment: () => {} })
      return undefined
    },
    text: (text) => walk?.text?.(text),
    close(name) {
      if (!walk || !out) return
      if (!isMargin(name)) walk.close?.(name)
      else {
        margins.add(out.finish(), numbered)
        walk = undefined
      }
    },
  }
}
