import { type Format, FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { BlockWriter } from '../office/blocks.ts'
import { languageOfText } from '../office/language-ids.ts'
import { tokenizeRtf } from '../office/rtf-tokens.ts'
import { rtfWalk } from '../office/rtf-walk.ts'

/** Rich Text Format: no library for it keeps tables, lists and code pages, so it is read here. */
export const rtf: Format = {
  name: 'rtf',
  mimeTypes: ['application/rtf', 'text/rtf'],
  extensions: ['rtf'],
  parse,
}

/** What programs write that leave the header to others. */
const fragment = /^\s*\{\\(pard|trowd|b|i|f\d+|fs\d+|plain|ql|qc|qj)\b/

function parse({ bytes, limits }: FormatInput): FormatOutput {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const start = source.slice(0, 1024).indexOf('{\\rt')
  const isFragment = start < 0 && fragment.test(source.slice(0, 1024))
  if (start < 0 && !isFragment) throw new FormatError('corrupt', 'It does not begin as RTF does, with {\\rtf')
  const out = new BlockWriter(limits.maxOutputChars)
  const walk = rtfWalk(out, limits)
  const complete = tokenizeRtf(isFragment ? `{\\rtf1 ${source}}` : source.slice(start), walk.on)
  walk.finish()
  const { properties, pages } = walk.tables.properties()
  const markdown = out.finish()
  const language = languageOfText(walk.language(), markdown)
  return {
    ...properties,
    markdown,
    ...(language ? { language } : {}),
    ...(pages === undefined ? {} : { pages }),
    ...(complete ? {} : { metadata: { ...properties.metadata, damaged: 'The file is cut short' } }),
  }
}
