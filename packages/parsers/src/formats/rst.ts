import { scanBlocks } from '../chunk/blocks.ts'
import { headingText } from '../chunk/headings.ts'
import type { Format, FormatOutput } from '../format.ts'
import { makeProperties } from '../office/properties.ts'
import { toMarkdown } from '../rst/convert.ts'
import { declarations } from '../rst/declared.ts'
import { decodeText } from '../text.ts'

const headLines = 60
const headChars = 16_384

/** reStructuredText: titles by their underlines, directives, roles, tables and literal blocks as Markdown. */
export const rst: Format = {
  name: 'rst',
  mimeTypes: ['text/x-rst', 'text/prs.fallenstein.rst'],
  extensions: ['rst', 'rest'],
  async parse({ bytes }): Promise<FormatOutput> {
    const source = (await decodeText(bytes)).replaceAll('\r\n', '\n').replaceAll('\t', '        ')
    const lines = source.split('\n')
    const markdown = `${toMarkdown(lines, declarations(lines))}\n`
    const head = markdown.slice(0, headChars)
    const heading = scanBlocks(head).find(({ level }) => level > 0)
    const title = heading && headingText(head, heading.start, heading.end)
    return { ...fieldsOf(lines), ...(title && { title }), markdown: markdown === '\n' ? '' : markdown }
  },
}

/** The fields a document may begin with, before or behind its title (docutils calls them its bibliography). */
function fieldsOf(lines: readonly string[]): Omit<FormatOutput, 'markdown'> {
  const fields = new Map<string, string>()
  for (const line of lines.slice(0, headLines)) {
    const field = /^:(author|authors|date|copyright|version|organization):\s+(.{1,300})$/i.exec(line)
    if (field === null) continue
    const name = field[1]!.toLowerCase()
    const known = fields.get(name)
    fields.set(name, known === undefined ? field[2]!.trim() : `${known}, ${field[2]!.trim()}`)
  }
  if (fields.size === 0) return {}
  return makeProperties({
    author: fields.get('author') ?? fields.get('authors'),
    createdAt: fields.get('date'),
    extra: {
      version: fields.get('version'),
      copyright: fields.get('copyright'),
      organization: fields.get('organization'),
    },
  })
}
