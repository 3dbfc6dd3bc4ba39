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

const invisible = /[\u00ad\u200b\u2060\ufeff]/g

/** Where what is to be made single begins, or a character before it, in the text that was looked at last. */
let oddAt = 0

/** What there is to do about the text between two places: a set of the bits above. */
function traits(source: string, from: number, to: number): number {
  let all = 0
  let before = 0
  for (let at = from; at < to; at++) {
    const code = source.charCodeAt(at)
    const own = code < 128 ? classes[code]! : code < 0x2061 || code === 0xfeff ? wide(code) : 0
    if (((own & odd) | (own & before & space)) !== 0 && (all & odd) === 0) {
      oddAt = at - 1
      all |= odd
    }
    all |= own
    before = own
  }
  return all
}

/** The same of a page's bytes. */
function traitsOfBytes(source: string, from: number, to: number): number {
  let all = 0
  let before = 0
  for (let at = from; at < to; at++) {
    const code = source.charCodeAt(at)
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
  return code === 32 || (code >= 9 && code <= 13) || code === 0xa0
}

/**
 * The raw text between two places as Markdown that shows just that text: decoded, its white space single, none at
 * its beginning where `spaced`, and its marks escaped unless it is code. One look at each character tells what has
 * to be done; most often nothing.
 */
export function proseOf(page: Source, from: number, to: number, spaced: boolean, isCode: boolean): string {
  const { chars, isBytes } = page
  const found = isBytes ? traitsOfBytes(chars, from, to) : traits(chars, from, to)
  if ((found & reference) === 0) return prose(chars, from, to, found, spaced, isCode)
  const raw = page.slice(from, to)
  const text = raw.includes('&') ? decodeHTML(raw) : raw
  return prose(text, 0, text.length, traits(text, 0, text.length), spaced, isCode)
}

/** The same of text that is decoded already. */
export function plainProse(text: string, spaced: boolean, isCode: boolean): string {
  return prose(text, 0, text.length, traits(text, 0, text.length), spaced, isCode)
}

function prose(source: string, from: number, to: number, found: number, spaced: boolean, isCode: boolean): string {
  let words: string
  if ((found & unseen) !== 0) {
    const text = collapse(source.slice(from, to))
    words = spaced && text.charCodeAt(0) === 32 ? text.slice(1) : text
  } else {
    let start = from
    if (spaced) while (start < to && isWhite(source.charCodeAt(start))) start++
    words = (found & odd) === 0 ? source.slice(start, to) : single(source, start, to)
  }
  return (found & mark) === 0 || isCode ? words : words.replace(specials, '\\$&')
}

/** Of text that was just looked at. */
function single(source: string, from: number, to: number): string {
  let words = ''
  let start = from
  for (let at = Math.max(from, oddAt); at < to; ) {
    const code = source.charCodeAt(at)
    if (!isWhite(code)) {
      at++
      continue
    }
    let end = at + 1
    while (end < to && isWhite(source.charCodeAt(end))) end++
    if (code === 32) {
      if (end > at + 1) {
        words += source.slice(start, at + 1)
        start = end
      }
    } else {
      words += `${source.slice(start, at)} `
      start = end
    }
    at = end
  }
  return start === from ? source.slice(from, to) : words + source.slice(start, to)
}

/** Marks of where a word may break would keep it from being found. */
export function collapse(text: string): string {
  const found = traits(text, 0, text.length)
  if ((found & (odd | unseen)) === 0) return text
  const spaced = (found & odd) === 0 ? text : single(text, 0, text.length)
  return (found & unseen) === 0 ? spaced : spaced.replace(invisible, '')
}

/** An underscore within a word needs nothing. */
const specials = /[\\`*[\]]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|<(?=[A-Za-z/!?])/gu
