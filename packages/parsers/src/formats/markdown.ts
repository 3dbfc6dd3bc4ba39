import type { Format, FormatOutput } from '../format.ts'
import { decodeText, firstHeading } from '../text.ts'

const maxFrontMatter = 16_384

export const markdown: Format = {
  name: 'markdown',
  mimeTypes: ['text/markdown', 'text/mdx'],
  extensions: ['md', 'markdown', 'mdown', 'mkd', 'mdx', 'qmd', 'rmd'],
  async parse({ bytes }): Promise<FormatOutput> {
    const text = await decodeText(bytes)
    const front = frontMatter(text)
    const title = front.get('title') ?? firstHeading(text)
    const author = front.get('author')
    const language = front.get('lang') ?? front.get('language')
    return {
      markdown: text,
      ...(title !== undefined && { title }),
      ...(author !== undefined && { author }),
      ...(language !== undefined && { language }),
    }
  },
}

/** `key: value` lines between the two `---` a file may begin with; nested values are left in the text. */
function frontMatter(text: string): Map<string, string> {
  const fields = new Map<string, string>()
  if (!text.startsWith('---\n') && !text.startsWith('---\r\n')) return fields
  const head = text.slice(0, maxFrontMatter)
  const end = head.indexOf('\n---', 3)
  if (end === -1) return fields
  for (const line of head.slice(4, end).split('\n')) {
    const colon = line.indexOf(':')
    if (colon < 1 || line.charCodeAt(0) <= 32) continue
    const value = unquote(line.slice(colon + 1).trim())
    if (value !== '' && value !== '|' && value !== '>') fields.set(line.slice(0, colon).trim().toLowerCase(), value)
  }
  return fields
}

function unquote(value: string): string {
  const quote = value[0]
  return value.length > 1 && (quote === '"' || quote === "'") && value.endsWith(quote) ? value.slice(1, -1) : value
}
