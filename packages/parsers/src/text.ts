import { isAscii, isUtf8 } from 'node:buffer'
import { decodeAs, encodingExists, knownEncoding } from './encodings/decode.ts'
import { detectEncoding, sampleOf } from './encodings/detect.ts'
import { decodeHz, decodeIso2022Kr, isHz, isIso2022Kr } from './encodings/shifts.ts'
import { decodeNearlyUtf8, isNearlyUtf8, utf16Order, utf32Order } from './encodings/unicode.ts'

/**
 * Bytes in any encoding to a string: byte order marks, strict UTF-8, UTF-16 and UTF-32 without a mark, UTF-8 with a few
 * bytes that are none, what is declared, then detection.
 */
export async function decodeText(bytes: Uint8Array, declared?: string): Promise<string> {
  const unicode = decodeUnicode(bytes)
  if (unicode !== undefined) return unicode
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (isAscii(bytes)) return decodeSevenBits(file)
  if (isUtf8(bytes)) return file.toString('utf8')
  if (isNearlyUtf8(sampleOf(bytes))) return decodeNearlyUtf8(bytes)
  const encoding = (declared !== undefined && knownEncoding(declared)) || (await detectEncoding(bytes))
  if (utf8.test(encoding)) return decodeNearlyUtf8(bytes)
  if (encoding === 'johab') return (await import('./encodings/johab.ts')).decodeJohab(bytes)
  return decodeAs(bytes, encoding)
}

/** The same as UTF-8 without a mark: most often the very bytes. */
export async function utf8Bytes(bytes: Uint8Array): Promise<Uint8Array> {
  if (!hasZeros(bytes) && isUtf8(bytes) && !(isAscii(bytes) && switches(bytes))) {
    const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    return isMarked ? bytes.subarray(3) : bytes
  }
  return Buffer.from(await decodeText(bytes))
}

/**
 * Bytes in the encoding they are declared to have. Without one, or with one that is unknown or cannot be right: UTF-8
 * where they are that, else Windows' Latin.
 */
export function decodeCharset(bytes: Uint8Array, declared: string): string {
  const name = declared.trim().toLowerCase()
  const isKnown = name !== '' && encodingExists(name)
  const isLatin = !isKnown || latin.test(name)
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if ((isLatin || utf8.test(name)) && isUtf8(bytes)) return file.toString('utf8')
  // Most of what is not quite UTF-8 has lost a byte or two, and is UTF-8 still.
  if (utf8.test(name)) return new TextDecoder('utf-8').decode(bytes)
  return decodeAs(bytes, isKnown && !ascii.test(name) ? name : 'windows-1252')
}

const ascii = /^(us-)?ascii$/
const utf8 = /^utf-?8$/
/** What is called so is UTF-8 as often as not, and hardly ever reads as UTF-8 by chance. */
const latin = /^((us-)?ascii|iso-?8859-?\d+|windows-?125\d|cp-?125\d|latin-?\d|8bit|unknown.*|x-unknown|default.*)$/

export { utf16Order } from './encodings/unicode.ts'

/** ASCII that switches by escapes to Japanese (ISO-2022-JP), which is what Japan's mail was for decades. */
export function isShifted(bytes: Uint8Array): boolean {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(27)
  // `ESC $` and `@`, `B` or `(`
  return at >= 0 && bytes[at + 1] === 36 && (bytes[at + 2] === 64 || bytes[at + 2] === 66 || bytes[at + 2] === 40)
}

function decodeUnicode(bytes: Uint8Array): string | undefined {
  const [a, b, c] = bytes
  const utf32 = a === 0xff || hasZeros(bytes) ? utf32Order(bytes) : undefined
  if (utf32 !== undefined) return decodeAs(bytes, utf32)
  if (a === 0xef && b === 0xbb && c === 0xbf) return new TextDecoder('utf-8').decode(bytes)
  if (a === 0xff && b === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (a === 0xfe && b === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  const utf16 = utf16Order(bytes)
  return utf16 && new TextDecoder(utf16).decode(bytes)
}

function hasZeros(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 4096).includes(0)
}

/** ASCII, but for the mail of East Asia, which switched to its own characters and back. */
function decodeSevenBits(file: Buffer): string {
  if (isShifted(file)) return decodeAs(file, 'iso-2022-jp')
  if (isIso2022Kr(file)) return decodeIso2022Kr(file)
  return isHz(file) ? decodeHz(file) : file.toString('latin1')
}

function switches(bytes: Uint8Array): boolean {
  return isShifted(bytes) || isIso2022Kr(bytes) || isHz(bytes)
}

/** A fence longer than any run of backticks in `code`, so that the code cannot end it. */
export function fenced(code: string, language = ''): string {
  let longest = 2
  let run = 0
  for (let index = code.indexOf('`'); index !== -1 && index < code.length; ) {
    run = 0
    while (code.charCodeAt(index + run) === 96) run++
    if (run > longest) longest = run
    index = code.indexOf('`', index + run)
  }
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${code}${code.endsWith('\n') ? '' : '\n'}${fence}\n`
}

const payload = /(data:[\w.+-]{1,60}\/[\w.+-]{1,80})(?:;[\w=.-]{1,40}){0,3};base64,[A-Za-z0-9+/=\\]{64,}/g

/** Pictures and files that a text carries as letters (RFC 2397) shrink to their types: nobody reads or looks for them. */
export function withoutPayloads(text: string): string {
  return text.includes(';base64,') ? text.replace(payload, '$1') : text
}

/** Text of the first level-one heading, else of the first heading within the first lines; for titles. */
export function firstHeading(markdown: string): string | undefined {
  let position = 0
  for (let line = 0; line < 200 && position < markdown.length; line++) {
    let end = markdown.indexOf('\n', position)
    if (end === -1) end = markdown.length
    if (markdown.charCodeAt(position) === 35) {
      const heading = markdown.slice(position, Math.min(end, position + 512))
      let level = 1
      while (heading.charCodeAt(level) === 35) level++
      const text = heading.slice(level).trim()
      if (level <= 6 && heading.charCodeAt(level) === 32 && text !== '') return text.slice(0, 300)
    }
    position = end + 1
  }
  return undefined
}
