import type { Format, FormatOutput } from '../format.ts'
import { decodeText, fenced } from '../text.ts'

/** Above it the text is kept as it came: a parsed tree takes up to ten times its size. */
const maxParsedChars = 8 * 1024 * 1024

export const json: Format = {
  name: 'json',
  mimeTypes: ['application/json', 'application/x-ndjson', 'application/ld+json', 'application/geo+json'],
  extensions: ['json', 'jsonl', 'ndjson', 'geojson', 'jsonld', 'webmanifest', 'json5', 'jsonc'],
  async parse({ bytes, limits }): Promise<FormatOutput> {
    const text = await decodeText(bytes)
    if (text.trim() === '') return { markdown: '' }
    const title = text.length <= maxParsedChars && depthOf(text) <= limits.maxDepth ? titleOf(text) : undefined
    return { markdown: fenced(layOut(text, limits.maxOutputChars), 'json'), ...(title !== undefined && { title }) }
  },
}

/** Deepest nesting of brackets outside strings: known before anything recursive sees the text. */
function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 34) index = endOfString(text, index)
    else if (code === 91 || code === 123) deepest = Math.max(deepest, ++depth)
    else if (code === 93 || code === 125) depth--
  }
  return deepest
}

function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === 92) index++
    else if (code === 34) return index
  }
  return text.length
}

function titleOf(text: string): string | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  for (const key of ['title', 'name']) {
    const found: unknown = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
    if (typeof found === 'string' && found.trim() !== '') return found.trim().slice(0, 300)
  }
  return undefined
}

/**
 * A long line of JSON gets line breaks after its commas and opening brackets, without a parser and without a tree:
 * chunks then end at values, at any depth and size, and broken JSON is readable as well.
 */
function layOut(text: string, maxChars: number): string {
  const first = text.indexOf('\n')
  if (text.length < 512 || (first !== -1 && first < 512 && text.indexOf('\n', first + 1) - first < 4096)) return text
  const parts: string[] = []
  let from = 0
  let depth = 0
  let length = 0
  for (let index = 0; index < text.length && length < maxChars; index++) {
    const code = text.charCodeAt(index)
    if (code === 34) index = endOfString(text, index)
    else if (code === 91 || code === 123) depth++
    else if (code === 93 || code === 125) depth--
    else if (code === 44 && index - from > 60) {
      const line = `${text.slice(from, index + 1)}\n${' '.repeat(Math.min(Math.max(depth, 0), 16))}`
      parts.push(line)
      length += line.length
      from = index + 1
    }
  }
  parts.push(text.slice(from))
  return parts.join('')
}
