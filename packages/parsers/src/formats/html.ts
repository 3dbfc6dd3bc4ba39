import { readFile } from 'node:fs/promises'
import type { Format, FormatOutput } from '../format.ts'
import { decodeText } from '../text.ts'
import { capWasmMemory } from '../wasm.ts'

const maxWasmBytes = 512 * 1024 * 1024
const headChars = 65_536

export const html: Format = {
  name: 'html',
  mimeTypes: ['text/html', 'application/xhtml+xml'],
  extensions: ['html', 'htm', 'xhtml', 'shtml'],
  async parse({ bytes }): Promise<FormatOutput> {
    const source = await decodeText(bytes, declaredCharset(bytes))
    const head = source.slice(0, headChars)
    const lower = head.toLowerCase()
    const title = titleOf(head, lower)
    const author = metaContent(head, lower, 'author')
    const language = attribute(tag(head, lower, '<html'), 'lang')
    return {
      markdown: await htmlToMarkdown(source),
      ...(title !== undefined && { title }),
      ...(author !== undefined && { author }),
      ...(language !== undefined && { language }),
    }
  },
}

let converter: Promise<(source: string) => string> | undefined

/** For every format with HTML inside. */
export async function htmlToMarkdown(source: string): Promise<string> {
  converter ??= load()
  return dropDataUris((await converter)(source))
}

async function load(): Promise<(source: string) => string> {
  const mdream = await import('mdream/wasm')
  const wasm = await readFile(new URL(import.meta.resolve('mdream/wasm/mdream_edge_bg.wasm')))
  mdream.initSync({ module: capWasmMemory(wasm, maxWasmBytes) })
  return (source) => mdream.htmlToMarkdown(source, {})
}

/** Pictures inside the page as base64 are no text, and may be megabytes. */
function dropDataUris(markdown: string): string {
  const opening = '](data:'
  let at = markdown.indexOf(opening)
  if (at === -1) return markdown
  let out = ''
  let from = 0
  while (at !== -1) {
    const end = markdown.indexOf(')', at)
    if (end === -1) break
    out += `${markdown.slice(from, at)}](data:)`
    from = end + 1
    at = markdown.indexOf(opening, from)
  }
  return out + markdown.slice(from)
}

function declaredCharset(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 2048))
    .toString('latin1')
    .toLowerCase()
  const at = head.indexOf('charset=')
  if (at === -1) return undefined
  return word(head, head[at + 8] === '"' || head[at + 8] === "'" ? at + 9 : at + 8)
}

function word(text: string, start: number): string {
  let end = start
  while (end < text.length && end < start + 40) {
    const code = text.charCodeAt(end)
    if (!((code >= 48 && code <= 58) || (code >= 97 && code <= 122) || code === 45 || code === 95)) break
    end++
  }
  return text.slice(start, end)
}

function titleOf(head: string, lower: string): string | undefined {
  const open = lower.indexOf('<title')
  const start = open === -1 ? -1 : lower.indexOf('>', open) + 1
  const end = start < 1 ? -1 : lower.indexOf('</title', start)
  if (end === -1) return undefined
  const text = unescapeHtml(head.slice(start, end)).split(/\s/).filter(Boolean).join(' ')
  return text === '' ? undefined : text.slice(0, 300)
}

function tag(head: string, lower: string, opening: string): string {
  const start = lower.indexOf(opening)
  const end = start === -1 ? -1 : lower.indexOf('>', start)
  return end === -1 ? '' : head.slice(start, end)
}

function metaContent(head: string, lower: string, name: string): string | undefined {
  for (let at = lower.indexOf('<meta'); at !== -1; at = lower.indexOf('<meta', at + 5)) {
    const end = lower.indexOf('>', at)
    if (end === -1) return undefined
    const source = head.slice(at, end)
    if (attribute(source, 'name')?.toLowerCase() === name) return attribute(source, 'content')
  }
  return undefined
}

function attribute(source: string, name: string): string | undefined {
  const at = source.toLowerCase().indexOf(` ${name}=`)
  if (at === -1) return undefined
  const start = at + name.length + 2
  const quote = source[start]
  const quoted = quote === '"' || quote === "'"
  const end = quoted ? source.indexOf(quote, start + 1) : source.indexOf(' ', start)
  const value = unescapeHtml(source.slice(quoted ? start + 1 : start, end === -1 ? undefined : end)).trim()
  return value === '' ? undefined : value.slice(0, 300)
}

function unescapeHtml(text: string): string {
  if (!text.includes('&')) return text
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&amp;', '&')
}
