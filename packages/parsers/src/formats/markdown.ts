import { type Block, scanBlocks } from '../chunk/blocks.ts'
import { headingText } from '../chunk/headings.ts'
import type { Format, FormatOutput } from '../format.ts'
import { makeProperties } from '../office/properties.ts'
import { decodeText, withoutPayloads } from '../text.ts'

const maxFrontMatter = 16_384
const headChars = 16_384

export const markdown: Format = {
  name: 'markdown',
  mimeTypes: ['text/markdown', 'text/mdx'],
  extensions: ['md', 'markdown', 'mdown', 'mkd', 'mdx', 'qmd', 'rmd'],
  async parse({ bytes }): Promise<FormatOutput> {
    const text = withoutPayloads(await decodeText(bytes))
    const { fields, end } = frontMatter(text)
    if (fields.size === 0) {
      const title = headingOf(text.slice(end, end + headChars))
      return { markdown: text, ...(title !== undefined && { title }) }
    }
    const properties = makeProperties({
      title: fields.get('title'),
      author: fields.get('author') ?? fields.get('authors'),
      language: fields.get('lang') ?? fields.get('language'),
      createdAt: fields.get('date') ?? fields.get('created'),
      updatedAt: fields.get('lastmod') ?? fields.get('updated') ?? fields.get('last_update'),
      extra: {
        description: fields.get('description') ?? fields.get('summary'),
        keywords: fields.get('keywords') ?? fields.get('tags') ?? fields.get('categories'),
      },
    })
    // A heading is somebody's own words, whatever programs call their files.
    const title = properties.title ?? headingOf(text.slice(end, end + headChars))
    return { ...properties, ...(title !== undefined && { title }), markdown: text }
  },
}

/** The first heading outside code, in Markdown or HTML, else pandoc's own block of a title. */
export function headingOf(head: string): string | undefined {
  const plain = head.includes('\r') ? head.replaceAll('\r\n', '\n') : head
  if (plain.startsWith('% ')) return plain.slice(2, plain.indexOf('\n', 2) + 1 || undefined).trim() || undefined
  const blocks = scanBlocks(plain)
  const heading = blocks.find(({ level }) => level > 0)
  const html = htmlHeading(plain.slice(0, heading?.start), blocks)
  const title = html ?? (heading && headingText(plain, heading.start, heading.end))
  return title === '' ? undefined : title
}

function htmlHeading(head: string, blocks: readonly Block[]): string | undefined {
  const found = /<h1[^>]{0,500}>([\s\S]{1,1000}?)<\/h1>/i.exec(head)
  if (
    found === null ||
    blocks.some(({ kind, start, end }) => kind === 'fence' && start <= found.index && found.index < end)
  )
    return undefined
  return (
    found[1]!
      .replace(/<[^>]{0,500}>/g, '')
      .replace(/\s+/g, ' ')
      .trim() || undefined
  )
}

interface FrontMatter {
  readonly fields: ReadonlyMap<string, string>
  /** Where the text begins. */
  readonly end: number
}

/** `key: value` lines between the two `---` a file may begin with, and lists below a key; all stays in the text. */
function frontMatter(text: string): FrontMatter {
  const fields = new Map<string, string>()
  if (!text.startsWith('---\n') && !text.startsWith('---\r\n')) return { fields, end: 0 }
  const head = text.slice(0, maxFrontMatter)
  const end = head.indexOf('\n---', 3)
  if (end === -1) return { fields, end: 0 }
  let key = ''
  for (const line of head.slice(4, end).split('\n')) {
    const item = line.trimStart()
    if (item.startsWith('- ') && key !== '') {
      const value = unquote(item.slice(2).trim())
      const known = fields.get(key)
      fields.set(key, known === undefined ? value : `${known}, ${value}`)
      continue
    }
    const colon = line.indexOf(':')
    if (colon < 1 || line.charCodeAt(0) <= 32) continue
    key = line.slice(0, colon).trim().toLowerCase()
    const value = line.slice(colon + 1).trim()
    const plain = value.startsWith('[') && value.endsWith(']') ? listOf(value) : unquote(value)
    if (plain !== '' && plain !== '|' && plain !== '>' && plain !== '>-' && plain !== '|-') fields.set(key, plain)
  }
  return { fields, end: end + 4 }
}

function listOf(value: string): string {
  return value
    .slice(1, -1)
    .split(',')
    .map((part) => unquote(part.trim()))
    .filter((part) => part !== '')
    .join(', ')
}

function unquote(value: string): string {
  const quote = value[0]
  return value.length > 1 && (quote === '"' || quote === "'") && value.endsWith(quote) ? value.slice(1, -1) : value
}
