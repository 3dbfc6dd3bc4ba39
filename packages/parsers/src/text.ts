import { isAscii, isUtf8 } from 'node:buffer'
import iconv from 'iconv-lite'

const sampleBytes = 64 * 1024

/** Bytes in any encoding to a string: byte order marks, strict UTF-8, UTF-16 without a mark, then detection. */
export async function decodeText(bytes: Uint8Array, declared?: string): Promise<string> {
  const marked = decodeMarked(bytes)
  if (marked !== undefined) return marked
  const utf16 = utf16Order(bytes)
  if (utf16 !== undefined) return new TextDecoder(utf16).decode(bytes)
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (isAscii(bytes)) return isShifted(bytes) ? decodeAs(bytes, 'iso-2022-jp') : file.toString('latin1')
  if (isUtf8(bytes)) return file.toString('utf8')
  const encoding = (declared !== undefined && known(declared)) || (await detect(bytes))
  return decodeAs(bytes, encoding)
}

/** The same as UTF-8 without a mark: most often the very bytes. */
export async function utf8Bytes(bytes: Uint8Array): Promise<Uint8Array> {
  if (utf16Order(bytes) === undefined && isUtf8(bytes) && !isShifted(bytes)) {
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
  const isKnown = name !== '' && exists(name)
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

/** ASCII that switches by escapes to Japanese (ISO-2022-JP), which is what Japan's mail was for decades. */
export function isShifted(bytes: Uint8Array): boolean {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(27)
  // `ESC $` and `@`, `B` or `(`
  return at >= 0 && bytes[at + 1] === 36 && (bytes[at + 2] === 64 || bytes[at + 2] === 66 || bytes[at + 2] === 40)
}

function decodeMarked(bytes: Uint8Array): string | undefined {
  const [a, b, c] = bytes
  if (a === 0xef && b === 0xbb && c === 0xbf) return new TextDecoder('utf-8').decode(bytes)
  if (a === 0xff && b === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (a === 0xfe && b === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  return undefined
}

/** Latin text in UTF-16 without a mark has a zero in nearly every second byte; other text has none at all. */
export function utf16Order(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const length = Math.min(bytes.length, 4096) & ~1
  if (length < 4 || !bytes.subarray(0, length).includes(0)) return undefined
  let even = 0
  let odd = 0
  for (let index = 0; index < length; index += 2) {
    if (bytes[index] === 0) even++
    if (bytes[index + 1] === 0) odd++
  }
  const pairs = length / 2
  if (odd > pairs * 0.7 && even < pairs * 0.1) return 'utf-16le'
  if (even > pairs * 0.7 && odd < pairs * 0.1) return 'utf-16be'
  return undefined
}

async function detect(bytes: Uint8Array): Promise<string> {
  const { default: jschardet } = await import('jschardet')
  const part = sample(bytes)
  const found = jschardet.detect(part).encoding
  if (found === null || (dosPages.test(found) && isMostlyAscii(part))) return 'windows-1252'
  return known(found) ?? 'windows-1252'
}

const dosPages = /^cp(437|8[5-6]\d)$/i

/** A pound sign or two among English words fit a page of DOS as well; then Windows is the likelier. */
function isMostlyAscii(bytes: Uint8Array): boolean {
  let high = 0
  for (const byte of bytes) if (byte >= 0x80) high++
  return high * 50 < bytes.length
}

/** Long ASCII prefixes say nothing: the sample begins just before the first byte that does. */
function sample(bytes: Uint8Array): Uint8Array {
  let first = 0
  while (first < bytes.length && bytes[first]! < 0x80) first++
  const start = Math.max(0, Math.min(first, bytes.length - sampleBytes) - 1024)
  return bytes.subarray(start, start + sampleBytes)
}

function known(label: string): string | undefined {
  const name = label.trim().toLowerCase()
  // Detection over a sample may call mostly-ASCII text ASCII, and broken UTF-8 UTF-8; both would lose letters.
  if (name === 'ascii' || name === 'us-ascii') return 'windows-1252'
  return exists(name) ? name : undefined
}

const decoders = new Map<string, InstanceType<typeof TextDecoder> | undefined>()

/** A decoder costs more to make than most texts to decode; undefined for what the standard does not have. */
function decoderOf(encoding: string): InstanceType<typeof TextDecoder> | undefined {
  if (decoders.has(encoding)) return decoders.get(encoding)
  let decoder: InstanceType<typeof TextDecoder> | undefined
  try {
    decoder = new TextDecoder(encoding)
  } catch {}
  // Names come from documents: they could be anything.
  if (decoders.size < 200) decoders.set(encoding, decoder)
  return decoder
}

function exists(encoding: string): boolean {
  return decoderOf(encoding) !== undefined || iconv.encodingExists(encoding)
}

function decodeAs(bytes: Uint8Array, encoding: string): string {
  const decoder = decoderOf(encoding)
  if (decoder !== undefined) return decoder.decode(bytes)
  return iconv.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), encoding)
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
