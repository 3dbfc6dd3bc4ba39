import type { Format, FormatOutput } from '../format.ts'
import { depthOf, layOut, unescaped } from '../json-text.ts'
import { decodeText, fenced, withoutPayloads } from '../text.ts'

/** Above it the text is kept as it came: a parsed tree takes up to ten times its size. */
const maxParsedChars = 8 * 1024 * 1024

export const json: Format = {
  name: 'json',
  mimeTypes: ['application/json', 'application/x-ndjson', 'application/ld+json', 'application/geo+json'],
  extensions: ['json', 'jsonl', 'ndjson', 'geojson', 'jsonld', 'webmanifest', 'json5', 'jsonc'],
  async parse({ bytes, limits }): Promise<FormatOutput> {
    const text = withoutPayloads(plainLines(await decodeText(bytes)))
    if (text.trim() === '') return { markdown: '' }
    if (isLines(text)) return linesOf(text, limits.maxOutputChars)
    const value = text.length <= maxParsedChars && depthOf(text) <= limits.maxDepth ? parsed(text) : undefined
    const title = titleOf(value)
    const laidOut = layOut(text, limits.maxOutputChars)
    // In what is no JSON a backslash may be a part of a path.
    const isJson = value !== undefined || text.length > maxParsedChars
    return { markdown: fenced(isJson ? unescaped(laidOut) : laidOut, 'json'), ...(title !== undefined && { title }) }
  },
}

function plainLines(text: string): string {
  const lines = text.includes('\r') ? text.replaceAll('\r\n', '\n').replaceAll('\r', '\n') : text
  return lines.includes('\0') ? lines.replaceAll('\0', '') : lines
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function titleOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  for (const key of ['title', 'name']) {
    const found: unknown = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
    if (typeof found === 'string' && found.trim() !== '') return found.trim().slice(0, 300)
  }
  return undefined
}

/** JSON Lines: an object or a list on the first line, whole, and on the next another (jsonlines.org). */
function isLines(text: string): boolean {
  const start = text.length - text.trimStart().length
  const end = text.indexOf('\n', start)
  if (end === -1 || end - start > maxParsedChars) return false
  const next = text.slice(end, end + 1024).trimStart()
  return next !== '' && next[0] === text[start] && isRecord(text.slice(start, end))
}

function isRecord(line: string): boolean {
  const first = line[0]
  // An indented document begins with a bracket alone.
  return (first === '{' || first === '[') && line.length > 1 && parsed(line) !== undefined
}

function linesOf(text: string, maxChars: number): FormatOutput {
  const records: string[] = []
  let length = 0
  for (let at = 0; at < text.length && length <= maxChars; ) {
    const newline = text.indexOf('\n', at)
    const line = text.slice(at, newline === -1 ? undefined : newline).trim()
    at = newline === -1 ? text.length : newline + 1
    if (line === '') continue
    const record = unescaped(layOut(line, maxChars))
    records.push(record)
    length += record.length + 1
  }
  const markdown = fenced(records.join('\n'), 'json')
  const recordOffsets: number[] = []
  let offset = markdown.indexOf('\n') + 1
  for (const record of records) {
    recordOffsets.push(offset)
    offset += record.length + 1
  }
  return { markdown, recordOffsets, metadata: { records: records.length } }
}
