import { decodeHTML } from 'entities/decode'
import type { Source } from './source.ts'

const space = 1
/** White space that is to be made single. */
const odd = 2
/** What cannot be seen. */
const unseen = 4
/** Of characters, or bytes of them: it is not yet the text itself. */
const reference = 8
/** What Markdown might take for its own. */
const mark = 16

const classes = new Uint8Array(128)
for (const char of '\t\n\v\f\r') classes[char.charCodeAt(0)] = odd
for (const char of '\\`*_[]<') classes[char.charCodeAt(0)] = mark
classes[32] = space
classes[38] = reference

/** All but the single spaces between words. */
const whiteSpace = /[\t\n\v\f\r\u00a0][\t\n\v\f\r \u00a0]*| [\t\n\v\f\r \u00a0]+/g
const invisible = /[\u00ad\u200b\u2060\ufeff]/g

/** Where what is to be made single begins, or a byte before it, in the bytes that were looked at last. */
let oddAt = 0

/** What there is to do about a text: a set of the bits above. */
function traits(text: string): number {
  let all = 0
  let before = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const own = code < 128 ? classes[code]! : code < 0x2061 || code === 0xfeff ? wide(code) : 0
    if ((own & before & space) !== 0) all |= odd
    all |= own
    before = own
  }
  return all
}

/** The same of a page's bytes. */
function traitsOfBytes(bytes: Uint8Array, from: number, to: number): number {
  let all = 0
  let before = 0
  for (let at = from; at < to; at++) {
    const code = bytes[at]!
    if (code > 127) return reference
    const own = classes[code]!
    if (((own & odd) | (own & before & space)) !== 0 && (all & odd) === 0) {
      oddAt = at - 1
      all |= odd
    }
    all |= own
    before = own
  }
  return all
}

function wide(code: number): number {
  if (code === 0xa0) return odd
  return code === 0xad || code === 0x200b || code === 0x2060 || code === 0xfeff ? unseen : 0
}

function isWhite(code: number): boolean {
  return code <= 32 && (code === 32 || (code >= 9 && code <= 13))
}

/**
 * The raw text between two places as Markdown that shows just that text: decoded, its white space single, none at
 * its beginning where `spaced`, and its marks escaped unless it is code. One look at each character tells what has
 * to be done; most often nothing.
 */
export function proseOf({ bytes, chars }: Source, from: number, to: number, spaced: boolean, isCode: boolean): string {
  const found = traitsOfBytes(bytes, from, to)
  if ((found & reference) !== 0) {
    const raw = bytes.toString('utf8', from, to)
    return plainProse(raw.includes('&') ? decodeHTML(raw) : raw, spaced, isCode)
  }
  let start = from
  if (spaced) while (start < to && isWhite(bytes[start]!)) start++
  return escaped((found & odd) === 0 ? chars.slice(start, to) : single(chars, bytes, start, to), found, isCode)
}

/** The same of text that is decoded already. */
export function plainProse(text: string, spaced: boolean, isCode: boolean): string {
  const found = traits(text)
  const whole = made(text, found)
  return escaped(spaced && whole.charCodeAt(0) === 32 ? whole.slice(1) : whole, found, isCode)
}

function escaped(words: string, found: number, isCode: boolean): string {
  return (found & mark) === 0 || isCode ? words : words.replace(specials, '\\$&')
}

/** Of bytes that were just looked at. */
function single(chars: string, bytes: Uint8Array, from: number, to: number): string {
  let words = ''
  let start = from
  for (let at = Math.max(from, oddAt); at < to; at++) {
    const code = bytes[at]!
    if (!isWhite(code)) continue
    let end = at + 1
    while (end < to && isWhite(bytes[end]!)) end++
    if (code !== 32) words += `${chars.slice(start, at)} `
    else if (end > at + 1) words += chars.slice(start, at + 1)
    else continue
    start = end
    at = end - 1
  }
  return start === from ? chars.slice(from, to) : words + chars.slice(start, to)
}

/** Marks of where a word may break would keep it from being found. */
export function collapse(text: string): string {
  return made(text, traits(text))
}

function made(text: string, found: number): string {
  const spaced = (found & odd) === 0 ? text : text.replace(whiteSpace, ' ')
  return (found & unseen) === 0 ? spaced : spaced.replace(invisible, '')
}

/** An underscore within a word needs nothing. */
const specials = /[\\`*[\]]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|<(?=[A-Za-z/!?])/gu
