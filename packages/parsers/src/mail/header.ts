import { isAscii } from 'node:buffer'
import { decodeCharset } from '../text.ts'
import { decodeWords } from './words.ts'

/** The fields that are read, unfolded, by their names in lower case; of several with one name the first. */
export interface Header {
  readonly fields: ReadonlyMap<string, string>
  /** Where the body begins in the bytes. */
  readonly end: number
}

const wanted: ReadonlySet<string> = new Set([
  'from',
  'sender',
  'to',
  'cc',
  'bcc',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'content-type',
  'content-disposition',
  'content-transfer-encoding',
  'content-id',
  'content-location',
  'snapshot-content-location',
  'x-maf',
])
const longestName = 25
/** Of one field, in characters: so long a one is of lists or of filler. */
const mostOfOne = 64 * 1024
/** In front of a message that was in a mailbox. */
const envelope = /^>?From /
const [tab, lineFeed, carriageReturn, space] = [9, 10, 13, 32] as const

/** The header of a message or of a part of one, which begins at `start` (RFC 5322, 2.2). */
export function readHeader(bytes: Uint8Array, start: number, end: number): Header {
  const fields = new Map<string, string>()
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = start
  let name: string | undefined
  let value = ''
  let hasField = false
  const keep = (): void => {
    if (name !== undefined && !fields.has(name) && value.trim() !== '') fields.set(name, value.trim())
    name = undefined
  }
  while (at < end) {
    const feed = bytes.indexOf(lineFeed, at)
    const next = feed < 0 || feed >= end ? end : feed + 1
    const stop = lineStop(bytes, at, next)
    if (stop === at) {
      keep()
      return { fields, end: next }
    }
    const first = bytes[at]
    if (first === space || first === tab) {
      if (name !== undefined && value.length < mostOfOne) value += ` ${text(file, at, stop).trimStart()}`
    } else {
      keep()
      const colon = colonOf(bytes, at, stop)
      const isNone = colon < 0 && !envelope.test(text(file, at, Math.min(stop, at + 6)))
      // Among fields it is damage; else a body that no empty line parts from the header.
      if (isNone && !(hasField && isField(bytes, next, end))) return { fields, end: at }
      hasField ||= colon >= 0
      const found = colon < 0 || colon - at > longestName ? '' : text(file, at, colon).trimEnd().toLowerCase()
      if (wanted.has(found)) {
        name = found
        value = text(file, colon + 1, Math.min(stop, colon + mostOfOne))
      }
    }
    at = next
  }
  keep()
  return { fields, end }
}

/** Where the line that ends before `next` has its last character. */
function lineStop(bytes: Uint8Array, start: number, next: number): number {
  let stop = next
  if (stop > start && bytes[stop - 1] === lineFeed) stop--
  if (stop > start && bytes[stop - 1] === carriageReturn) stop--
  return stop
}

/** Of a field's name, which has printable characters only; -1 without one. */
function colonOf(bytes: Uint8Array, start: number, stop: number): number {
  for (let at = start; at < stop; at++) {
    const byte = bytes[at]!
    if (byte === 58) return at > start ? at : -1
    if (byte < 33 || byte > 126) {
      // Some write a space before the colon.
      return at > start && (byte === space || byte === tab) && bytes[at + 1] === 58 ? at + 1 : -1
    }
  }
  return -1
}

/** Whether the line at `start` is one. */
export function isField(bytes: Uint8Array, start: number, end: number): boolean {
  const feed = bytes.indexOf(lineFeed, start)
  return start < end && colonOf(bytes, start, feed < 0 || feed > end ? end : feed) >= 0
}

/** Raw letters beyond ASCII are UTF-8 (RFC 6532), or what mails were before. */
function text(file: Buffer, start: number, stop: number): string {
  const part = file.subarray(start, stop)
  return isAscii(part) ? part.toString('latin1') : decodeCharset(part, '')
}

/** A value and its parameters by lower-case names, as of `Content-Type`; with RFC 2231's charsets and continuations. */
export function readParameters(field: string): {
  readonly value: string
  readonly params: ReadonlyMap<string, string>
} {
  const params = new Map<string, string>()
  const semicolon = field.indexOf(';')
  const value = (semicolon < 0 ? field : field.slice(0, semicolon)).trim().toLowerCase()
  const pieces: [name: string, value: string][] = []
  for (let at = semicolon; at >= 0 && at < field.length && pieces.length < 200; ) {
    const equals = field.indexOf('=', at + 1)
    if (equals < 0) break
    const name = field
      .slice(at + 1, equals)
      .trim()
      .toLowerCase()
    const quoted = quotedAt(field, equals + 1)
    const stop = field.indexOf(';', quoted?.end ?? equals + 1)
    const plain = quoted?.text ?? field.slice(equals + 1, stop < 0 ? field.length : stop).trim()
    // A name with a semicolon in it is a parameter without a value, and then another.
    pieces.push([name.slice(name.lastIndexOf(';') + 1).trim(), plain])
    at = stop
  }
  const joined = new Map<string, [order: number, text: string, isCoded: boolean][]>()
  for (const [name, piece] of pieces) {
    const star = name.indexOf('*')
    if (star < 0) {
      if (!params.has(name)) params.set(name, decodeWords(piece))
      continue
    }
    const parts = joined.get(name.slice(0, star)) ?? []
    joined.set(name.slice(0, star), parts)
    parts.push([Number.parseInt(name.slice(star + 1), 10) || 0, piece, name.endsWith('*')])
  }
  for (const [name, parts] of joined) params.set(name, joinParts(parts.sort(([a], [b]) => a - b)))
  return { value, params }
}

const zone = /[+-]\d{4}|[+-]\d\d:\d\d|\d ?Z\b|\b(GMT|UTC?|[ECMP][SD]T)\b/
const months = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec'
const dayAndTime = new RegExp(
  `(\\d{1,2})[ -](${months})[a-z]*[ -](\\d{4}|\\d\\d)[ ,]+(\\d\\d?)[:.](\\d\\d)(?:[:.](\\d\\d))?`,
  'i',
)
const monthAndDay = new RegExp(`\\b(${months})[a-z]* +\\d`, 'i')
const numbers = /(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(:\d\d)?)/

/**
 * A date as programs understand it: without a zone, or with one they do not know (`CEST`), it is UTC (RFC 5322, 4.3).
 * Undefined for what is none: the language makes dates of nearly all that has a number in it.
 */
export function readDate(field: string | undefined): string | undefined {
  const text = field?.slice(0, 200) ?? ''
  if (zone.test(text) && !Number.isNaN(Date.parse(text))) return text
  const [, day, month, year, hour, minute, second = '00'] = dayAndTime.exec(text) ?? []
  if (day !== undefined) return `${day} ${month} ${year} ${hour}:${minute}:${second} GMT`
  const [, date, time] = numbers.exec(text) ?? []
  if (date !== undefined) return `${date}T${time}Z`
  const utc = `${text} GMT`
  return monthAndDay.test(text) && !Number.isNaN(Date.parse(utc)) ? utc : undefined
}

function quotedAt(field: string, start: number): { readonly text: string; readonly end: number } | undefined {
  let at = start
  while (field[at] === ' ' || field[at] === '\t') at++
  if (field[at] !== '"') return undefined
  let text = ''
  for (at++; at < field.length && field[at] !== '"'; at++) {
    if (field[at] === '\\' && at + 1 < field.length) at++
    text += field[at]
  }
  return { text, end: at }
}

/** `utf-8'en'a%20b` in pieces, of which some are coded. */
function joinParts(parts: readonly (readonly [order: number, text: string, isCoded: boolean])[]): string {
  let charset = ''
  const bytes = parts.map(([, text, isCoded], index) => {
    if (!isCoded) return Buffer.from(text)
    const [label, , ...rest] = index === 0 ? text.split("'") : []
    const content = rest.length > 0 ? rest.join("'") : text
    if (rest.length > 0) charset = label!.toLowerCase()
    return percentDecoded(content)
  })
  return decodeCharset(Buffer.concat(bytes), charset)
}

function percentDecoded(text: string): Buffer {
  const source = Buffer.from(text)
  const out = Buffer.alloc(source.length)
  let length = 0
  for (let at = 0; at < source.length; at++) {
    const code = source[at] === 37 ? Number.parseInt(source.toString('latin1', at + 1, at + 3), 16) : Number.NaN
    if (Number.isNaN(code)) out[length++] = source[at]!
    else {
      out[length++] = code
      at += 2
    }
  }
  return out.subarray(0, length)
}
