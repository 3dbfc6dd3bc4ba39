import { isAscii, isUtf8 } from 'node:buffer'

/** As many bytes as tell whether a text is in UTF-16 or UTF-32. */
const headBytes = 4096

/**
 * A page as it is read: not as text but as the bytes of it in UTF-8. What there is to look for in a page is ASCII, and
 * of its text only what is kept is decoded.
 */
export class Source {
  readonly bytes: Buffer
  /** The same with each byte as a character: searching and cutting is faster in strings, looking at each in bytes. */
  readonly chars: string

  constructor(text: string | Buffer) {
    this.bytes = typeof text === 'string' ? Buffer.from(text) : text
    this.chars = this.bytes.length === text.length && typeof text === 'string' ? text : this.bytes.toString('latin1')
  }

  /** The text between two places next to ASCII. */
  slice(from: number, to: number): string {
    const { bytes } = this
    for (let at = from; at < to; at++) if (bytes[at]! > 127) return bytes.toString('utf8', from, to)
    return this.chars.slice(from, to)
  }
}

/** Bytes that are UTF-8 for certain, and more than ASCII, which needs no decoding at all. */
export function isPlainUtf8(bytes: Uint8Array): boolean {
  return bytes[0] !== 0xef && !isAscii(bytes) && isUtf8(bytes) && !bytes.subarray(0, headBytes).includes(0)
}
