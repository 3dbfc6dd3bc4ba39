import type { Format, FormatOutput } from '../format.ts'
import { makeProperties } from '../office/properties.ts'
import { decodeText, firstHeading } from '../text.ts'

const maxFrontMatter = 16_384
const headChars = 16_384

export const markdown: Format = {
  name: 'markdown',
  mimeTypes: ['text/markdown', 'text/mdx'],
  extensions: ['md', 'markdown', 'mdown', 'mkd', 'mdx', 'qmd', 'rmd'],
  async parse({ bytes }): Promise<FormatOutput> {
    const text = await decodeText(bytes)
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

/** Of the text outside code, where a line with `#` is a comment; without links, pictures and emphasis. */
function headingOf(head: string): string | undefined {
  let heading: string | undefined
  let fence = ''
  for (let at = 0; at < head.length && heading === undefined; ) {
    const newline = head.indexOf('\n', at)
    const line = head.slice(at, newline === -1 ? undefined : newline)
    at = newline === -1 ? head.length : newline + 1
    const mark = line.trimStart().slice(0, 3)
    if (fence === '' ? mark === '```' || mark === '~~~' : mark === fence) fence = fence === '' ? mark : ''
    else if (fence === '' && line.charCodeAt(0) === 35) heading = firstHeading(line)
  }
  if (heading === undefined) return undefined
  const plain = heading
    .replace(/!\[[^\]]{0,200}\]\([^)]{0,500}\)/g, '')
    .replace(/\[([^\]]{0,300})\]\([^)]{0,500}\)/g, '$1')
    .replace(/<\/?[a-z][^>]{0,300}>/gi, '')
    .replace(/[*`]|\s+\{#[\w-]{1,100}\}$/g, '')
    .trim()
  return plain === '' ? heading : plain
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
