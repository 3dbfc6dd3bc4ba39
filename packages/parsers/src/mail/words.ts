import { decodeCharset } from '../text.ts'
import { decodeQuoted } from './transfer.ts'

const opening = '=?'
/** Each word begins anew in these. */
const shifts = /^(iso-2022|utf-7)/

/**
 * Encoded words (RFC 2047) as text; spaces between two of them are no text, and a character may begin in one and end in
 * the next. What is no encoded word stays.
 */
export function decodeWords(text: string): string {
  let at = text.indexOf(opening)
  if (at === -1) return text
  let out = ''
  let from = 0
  let pending: { readonly charset: string; readonly parts: Uint8Array[] } | undefined
  const flush = (): void => {
    if (pending) out += decodeCharset(Buffer.concat(pending.parts), pending.charset)
    pending = undefined
  }
  while (at !== -1) {
    const word = wordAt(text, at)
    if (word === undefined) {
      at = text.indexOf(opening, at + 2)
      continue
    }
    const between = text.slice(from, at)
    if (
      pending === undefined ||
      between.trim() !== '' ||
      pending.charset !== word.charset ||
      shifts.test(word.charset)
    ) {
      const glued = pending !== undefined && between.trim() === ''
      flush()
      if (!glued) out += between
      pending = { charset: word.charset, parts: [] }
    }
    pending.parts.push(word.bytes)
    from = word.end
    at = text.indexOf(opening, from)
  }
  flush()
  return out + text.slice(from)
}

function wordAt(
  text: string,
  at: number,
): { readonly charset: string; readonly bytes: Uint8Array; readonly end: number } | undefined {
  const encoding = text.indexOf('?', at + 2)
  if (encoding === -1 || encoding - at > 64 || text[encoding + 2] !== '?') return undefined
  const end = text.indexOf('?=', encoding + 3)
  if (end === -1) return undefined
  const content = text.slice(encoding + 3, end)
  // RFC 2231 adds a language: `=?us-ascii*en?q?...?=`.
  const charset = text
    .slice(at + 2, encoding)
    .split('*', 1)[0]!
    .toLowerCase()
  const kind = text[encoding + 1]
  if (kind === 'B' || kind === 'b') return { charset, bytes: Buffer.from(content, 'base64'), end: end + 2 }
  if (kind !== 'Q' && kind !== 'q') return undefined
  return { charset, bytes: decodeQuoted(Buffer.from(content.replaceAll('_', ' '))), end: end + 2 }
}
