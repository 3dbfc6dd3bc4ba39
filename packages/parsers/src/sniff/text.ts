import { decodeAs } from '../encodings/decode.ts'
import { utf16Order, utf32Order } from '../encodings/unicode.ts'
import type { FormatName } from '../kinds.ts'

const headBytes = 8_192
const mailHeaders = [
  'received:',
  'return-path:',
  'delivered-to:',
  'mime-version:',
  'message-id:',
  'from:',
  'x-mozilla-status:',
  'date:',
  'subject:',
  'to:',
]

/** Few control characters and no zero bytes, or UTF-16. */
export function looksLikeText(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, headBytes)
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) return true
  let controls = 0
  for (let at = 0; at < head.length; at++) {
    const byte = head[at]!
    if (byte >= 32) continue
    if (byte === 0) return utf16Order(bytes) !== undefined || utf32Order(bytes) !== undefined
    // ISO-2022 encodings switch by escape; form feeds and backspaces come in old text.
    if (byte !== 27 && (byte < 8 || byte > 13)) controls++
  }
  return controls <= head.length / 100
}

/** The format of text without a telling name, by how it begins. */
export function guessText(bytes: Uint8Array): FormatName {
  const head = beginning(bytes)
  const lower = head.slice(0, 1024).toLowerCase()
  if (lower.startsWith('from ') && lower.includes('\n'))
    return hasHeader(head.slice(head.indexOf('\n') + 1).toLowerCase()) ? 'mbox' : 'text'
  if (lower.startsWith('begin:vcalendar')) return 'ics'
  if (hasHeader(head.toLowerCase())) return 'eml'
  if (/^#! ?\/[\w/.-]{1,100}\s/.test(lower)) return 'code'
  if (lower.startsWith('<')) {
    if (
      lower.startsWith('<!doctype html') ||
      lower.includes('<html') ||
      lower.startsWith('<head') ||
      lower.startsWith('<body')
    )
      return 'html'
    if (
      lower.startsWith('<?xml') ||
      lower.startsWith('<?xpacket') ||
      lower.startsWith('<!doctype') ||
      lower.startsWith('<office:document')
    )
      return flatOffice(head) ?? 'xml'
    for (const tag of ['<table', '<div', '<p>', '<meta', '<!--']) if (lower.startsWith(tag)) return 'html'
  }
  if ((lower.startsWith('{') || lower.startsWith('[')) && isJson(bytes, head))
    return lower.includes('"nbformat"') ? 'ipynb' : 'json'
  return 'text'
}

function beginning(bytes: Uint8Array): string {
  const order =
    utf32Order(bytes) ??
    utf16Order(bytes) ??
    (bytes[0] === 0xff ? 'utf-16le' : bytes[0] === 0xfe ? 'utf-16be' : 'utf-8')
  return decodeAs(bytes.subarray(0, headBytes), order).trimStart()
}

/** A mail begins with a field and has another before the first empty line. */
function hasHeader(lower: string): boolean {
  if (!mailHeaders.some((name) => lower.startsWith(name)) && !lower.startsWith('x-') && !lower.startsWith('arc-'))
    return false
  const end = /\r?\n\r?\n/.exec(lower)?.index
  const header = end === undefined ? lower : lower.slice(0, end)
  return mailHeaders.filter((name) => header.startsWith(name) || header.includes(`\n${name}`)).length >= 2
}

/** A whole value, or one on the first line, where they are small; else a beginning that could be one. */
function isJson(bytes: Uint8Array, head: string): boolean {
  if (bytes.length > headBytes)
    return head[0] === '['
      ? '{["0123456789-tfn'.includes(head.slice(1).trimStart()[0] ?? ' ')
      : head.slice(1).trimStart().startsWith('"')
  return isWhole(head) || (head.includes('\n') && isWhole(head.slice(0, head.indexOf('\n'))))
}

function isWhole(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const flat = /office:mimetype=["']application\/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)/

/** OpenDocument in one XML file says at its beginning, behind a list of namespaces, what it is. */
function flatOffice(head: string): FormatName | undefined {
  const kind = head.includes('<office:document') ? flat.exec(head)?.[1] : undefined
  if (kind === undefined) return undefined
  return kind === 'text' ? 'odt' : kind === 'spreadsheet' ? 'ods' : 'odp'
}
