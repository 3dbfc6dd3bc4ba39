import type { Format, FormatOutput } from '../format.ts'
import { languageOf, languages } from '../languages.ts'
import { makeProperties } from '../office/properties.ts'
import { proseToMarkdown } from '../prose-markup.ts'
import { subtitlesToMarkdown } from '../subtitles.ts'
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
    const language = (filename === undefined ? undefined : languageOf(filename)) ?? languageOfScript(text)
    if (language !== undefined && prose.has(language)) return proseOf(text, language)
    return { markdown: fenced(text, language), ...(language !== undefined && { metadata: { codeLanguage: language } }) }
  },
}

function proseOf(text: string, language: string): FormatOutput {
  if (language === 'srt') return { markdown: subtitlesToMarkdown(text) || text }
  const found = proseToMarkdown(text, language)
  if (found === undefined) return { markdown: text }
  const { markdown, title, author, date } = found
  const properties = makeProperties({ author, createdAt: date, extra: {} })
  return { ...properties, ...(title !== undefined && { title: title.slice(0, 300) }), markdown }
}

const interpreters: ReadonlyMap<string, string> = new Map([
  ['sh', 'bash'],
  ['bash', 'bash'],
  ['zsh', 'bash'],
  ['python', 'python'],
  ['node', 'javascript'],
  ['perl', 'perl'],
  ['ruby', 'ruby'],
  ['php', 'php'],
])

/** By the interpreter its first line names: `#!/usr/bin/env python3`. */
function languageOfScript(text: string): string | undefined {
  if (!text.startsWith('#!')) return undefined
  const [first = '', ...others] = text.slice(2, 200).split('\n', 1).join('').trim().split(/\s+/)
  const program = first.endsWith('/env') ? others.find((word) => !word.startsWith('-')) : first
  const name = program?.slice(program.lastIndexOf('/') + 1).replace(/[\d.]+$/, '')
  return name === undefined ? undefined : interpreters.get(name)
}
