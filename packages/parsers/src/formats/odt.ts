import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { BlockWriter } from '../office/blocks.ts'
import { openOdf, readOdfProperties } from '../office/odf.ts'
import { collectOdfStyles } from '../office/odf-styles.ts'
import { odfTextWalk } from '../office/odf-text.ts'

/** OpenDocument texts, packed and flat. */
export const odt: Format = {
  name: 'odt',
  mimeTypes: ['application/vnd.oasis.opendocument.text', 'application/vnd.oasis.opendocument.text-template'],
  extensions: ['odt', 'ott', 'fodt'],
  parse,
}

function parse({ bytes, limits }: FormatInput): FormatOutput {
  const file = openOdf({ bytes, limits })
  const styles = collectOdfStyles(file)
  const out = new BlockWriter(limits.maxOutputChars)
  const later: string[] = []
  let firstTitle: string | undefined
  const walk = odfTextWalk(out, {
    styles,
    aside: () => new BlockWriter(limits.maxOutputChars),
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
  for (const text of later) out.text(text)
  const markdown = out.finish()
  if (!complete && markdown === '') throw new FormatError('corrupt', 'Its content.xml is damaged')
  const { properties, counts } = readOdfProperties(file)
  const pages = Number(counts.get('page-count'))
  const title = properties.title ?? firstTitle
  return {
    ...properties,
    markdown,
    ...(title ? { title } : {}),
    ...(pages > 0 ? { pages } : {}),
    ...(complete ? {} : { metadata: { ...properties.metadata, damaged: 'The content is cut short' } }),
  }
}
