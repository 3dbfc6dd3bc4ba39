import { decodeHTML } from 'entities/decode'
import type { Source } from './source.ts'

const space = 1
/** Ends of lines, with what indents the next. */
const line = 2
const tab = 4
/** White space that is to be made single, but for ends of lines. */
const ragged = 8
/** What cannot be seen. */
const unseen = 16
/** Of characters, or bytes of them: it is not yet the text itself. */
const reference = 32
/** What Markdown might take for its own. */
const mark = 64

const classes = new Uint8Array(128)
for (const char of '\v\f\r') classes[char.charCodeAt(0)] = ragged
for (const char of '\\`*_[]<') classes[char.charCodeAt(0)] = mark
classes[9] = tab
classes[10] = line
classes[32] = space
classes[38] = reference

/** All but the single spaces between words. */
const whiteSpace = /[\t\n\v\f\r\u00a0][\t\n\v\f\r \u00a0]*| [\t\n\v\f\r \u00a0]+/g
const invisible = /[\u00ad\u200b\u2060\ufeff]/g

/** What there is to do about a text: a set of the bits above. */
function traits(text: string): number {
  let all = 0
  let before = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    let own = code < 128 ? classes[code]! : code < 0x2061 || code === 0xfeff ? wide(code) : 0
    if (own !== 0) {
      if ((own & (space | tab)) !== 0) {
        if ((before & line) !== 0) own = line
        else if (own === tab || (before & space) !== 0) all |= ragged
      }
      all |= own
    }
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
    let own = classes[code]!
    if (own !== 0) {
      if ((own & (space | tab)) !== 0) {
        if ((before & line) !== 0) own = line
        else if (own === tab || (before & space) !== 0) all |= ragged
      }
      all |= own
    }
    before = own
  }
  return all
}

function wide(code: number): number {
  if (code === 0xa0) return ragged
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
  return escaped(made(chars, start, to, found), found, isCode)
}

/** The same of text that is decoded already. */
export function plainProse(text: string, spaced: boolean, isCode: boolean): string {
  const found = traits(text)
  const whole = made(text, 0, text.length, found)
  return escaped(spaced && whole.charCodeAt(0) === 32 ? whole.slice(1) : whole, found, isCode)
}

function escaped(words: string, found: number, isCode: boolean): string {
  return (found & mark) === 0 || isCode ? words : words.replace(specials, '\\$&')
}

/** Marks of where a word may break would keep it from being found. */
export function collapse(text: string): string {
  return made(text, 0, text.length, traits(text))
}

/** With single spaces, and without what cannot be seen. */
function made(text: string, from: number, to: number, found: number): string {
  const words =
    (found & ragged) !== 0
      ? text.slice(from, to).replace(whiteSpace, ' ')
      : (found & line) !== 0
        ? joined(text, from, to)
        : text.slice(from, to)
  return (found & unseen) === 0 ? words : words.replace(invisible, '')
}

/** Lines as one: most pages are wrapped and indented, and searching for ends of lines costs less than reading. */
function joined(text: string, from: number, to: number): string {
  let words = ''
  let start = from
  for (let end = text.indexOf('\n', from); end !== -1 && end < to; end = text.indexOf('\n', start)) {
    const stop = end > start && text.charCodeAt(end - 1) === 32 ? end - 1 : end
    words += `${text.slice(start, stop)} `
    start = end + 1
    while (start < to && isWhite(text.charCodeAt(start))) start++
  }
  return words + text.slice(start, to)
}

/** An underscore within a word needs nothing. */
const specials = /[\\`*[\]]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|<(?=[A-Za-z/!?])/gu
