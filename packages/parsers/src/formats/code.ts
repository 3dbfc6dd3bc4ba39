import type { Format, FormatOutput } from '../format.ts'
import { languageOf, languages } from '../languages.ts'
import { decodeText, fenced } from '../text.ts'

/** Languages of prose: their text is no code block. */
const prose = new Set(['latex', 'asciidoc', 'org', 'mediawiki', 'textile', 'srt', 'typst'])

export const code: Format = {
  name: 'code',
  mimeTypes: [
    'text/x-source',
    'application/javascript',
    'text/javascript',
    'application/typescript',
    'text/css',
    'application/sql',
    'application/x-sh',
  ],
  extensions: [...languages.keys()],
  async parse({ bytes, filename }): Promise<FormatOutput> {
    const text = await decodeText(bytes)
    if (text.trim() === '') return { markdown: '' }
    const language = filename === undefined ? undefined : languageOf(filename)
    if (language !== undefined && prose.has(language)) return { markdown: text }
    return { markdown: fenced(text, language), ...(language !== undefined && { metadata: { codeLanguage: language } }) }
  },
}
