import { inflateSync } from 'node:zlib'
import type { Limits } from '../format.ts'

/** What a cryptographic message ([CMS], RFC 5652) holds, as far as it is known without keys. */
export type Pkcs7 =
  | { readonly kind: 'content'; readonly content: Uint8Array }
  /** A signature of what lies elsewhere, or certificates alone. */
  | { readonly kind: 'signature' }
  | { readonly kind: 'encrypted' }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'damaged' }

interface Value {
  readonly tag: number
  readonly isConstructed: boolean
  readonly start: number
  readonly end: number
  /** Where the next one begins. */
  readonly next: number
}

const rsa = '2a864886f70d01'
const signed = `${rsa}0702`
const digested = `${rsa}0705`
const compressed = `${rsa}09100109`
const sealed = new Set([`${rsa}0703`, `${rsa}0704`, `${rsa}0706`, `${rsa}09100117`])
const octets = 4
const deepest = 16
const armor = '-----BEGIN '

/** Reads DER, BER or PEM. Signatures are not checked: this is for reading what was signed. */
export function openPkcs7(bytes: Uint8Array, limits: Limits): Pkcs7 {
  const der =
    Buffer.from(bytes.buffer, bytes.byteOffset, armor.length).toString('latin1') === armor ? unarmored(bytes) : bytes
  try {
    return open(der, limits)
  } catch (error) {
    if (error instanceof RangeError) return { kind: 'damaged' }
    throw error
  }
}

function unarmored(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const start = text.indexOf('\n')
  const end = text.indexOf('-----END', start)
  return Buffer.from(text.slice(start, end < 0 ? text.length : end), 'base64')
}

function open(der: Uint8Array, limits: Limits): Pkcs7 {
  const outer = children(der, valueAt(der, 0, der.length))
  const type = idOf(der, outer[0])
  if (sealed.has(type)) return { kind: 'encrypted' }
  if (type !== signed && type !== digested && type !== compressed) return { kind: 'damaged' }
  const [content] = outer[1] === undefined ? [] : children(der, outer[1])
  if (content === undefined) return { kind: 'damaged' }
  // A version, algorithms, and then what was signed or packed, with its own type.
  const inner = children(der, content).slice(1)
  const enclosed = inner.find((value) => value.tag === 0x10 && isEnclosed(der, value))
  const [data] = enclosed === undefined ? [] : children(der, enclosed).slice(1)
  if (data === undefined) return type === signed ? { kind: 'signature' } : { kind: 'damaged' }
  const found = joined(der, data)
  return type === compressed ? inflated(found, limits) : { kind: 'content', content: found }
}

/** Algorithms are sequences that begin with an id as well; what is enclosed has an id of content. */
function isEnclosed(der: Uint8Array, sequence: Value): boolean {
  const [id] = children(der, sequence, 1)
  const text = id?.tag === 6 ? idOf(der, id) : ''
  return text.startsWith(`${rsa}07`) || (text.startsWith(`${rsa}091001`) && text !== `${rsa}09100308`)
}

function inflated(packed: Uint8Array, limits: Limits): Pkcs7 {
  const byRatio = Math.max(1024 * 1024, packed.length * limits.maxRatio)
  try {
    const maxOutputLength = Math.max(1, Math.min(limits.maxInflatedBytes, byRatio))
    return { kind: 'content', content: inflateSync(packed, { maxOutputLength }) }
  } catch (error) {
    return { kind: (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : 'damaged' }
  }
}

/** The bytes of a string that may come in pieces, which may come in pieces. */
function joined(der: Uint8Array, value: Value): Uint8Array {
  const pieces: Uint8Array[] = []
  const gather = (each: Value, depth: number): void => {
    if (!each.isConstructed) {
      if (each.tag === octets) pieces.push(der.subarray(each.start, each.end))
    } else if (depth < deepest) for (const piece of children(der, each)) gather(piece, depth + 1)
  }
  gather(value, 0)
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
}

function idOf(der: Uint8Array, value: Value | undefined): string {
  return value === undefined || value.tag !== 6
    ? ''
    : Buffer.from(der.buffer, der.byteOffset + value.start, Math.min(32, value.end - value.start)).toString('hex')
}

function children(der: Uint8Array, parent: Value, most = 100_000): Value[] {
  const found: Value[] = []
  if (!parent.isConstructed) return found
  for (let at = parent.start; at < parent.end && found.length < most; ) {
    const value = valueAt(der, at, parent.end)
    found.push(value)
    at = value.next
  }
  return found
}

/** One value (X.690); throws RangeError where it goes past `end`. Of one that was cut short, what is there. */
function valueAt(der: Uint8Array, at: number, end: number, depth = 0): Value {
  const first = der[at]
  let length = der[at + 1]
  if (first === undefined || length === undefined || at + 2 > end) throw new RangeError('A value is cut short')
  const isConstructed = (first & 0x20) !== 0
  const tag = first & 0x1f
  let start = at + 2
  if (length === 0x80) {
    if (depth > deepest) throw new RangeError('Values without lengths are nested too deeply')
    // Without a length it lasts until two zeros, of which there are others inside.
    let next = start
    while (next + 1 < end && !(der[next] === 0 && der[next + 1] === 0)) next = valueAt(der, next, end, depth + 1).next
    return { tag, isConstructed, start, end: Math.min(next, end), next: Math.min(next + 2, end) }
  }
  if (length > 0x80) {
    const size = length & 0x7f
    length = 0
    for (let n = 0; n < size; n++) length = length * 256 + (der[start + n] ?? 0)
    start += size
  }
  if (start > end) throw new RangeError('A value is cut short')
  const stop = Math.min(start + length, end)
  return { tag, isConstructed, start, end: stop, next: stop }
}
