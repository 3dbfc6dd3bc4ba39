import { isAscii, isUtf8 } from 'node:buffer'

/** As many bytes as tell whether a text is in UTF-16 or UTF-32. */
const headBytes = 4096

/**
 * A page as it is read. One in UTF-8 is not decoded as a whole: what there is to look for in a page is ASCII, and of
 * its text only what is kept is decoded. Places are the same in either.
 */
export class Source {
  /** What to scan: the text, or the bytes of one in UTF-8, each as a character. */
  readonly chars: string
  readonly #bytes: Buffer | undefined

  constructor(text: string | Buffer) {
    this.chars = typeof text === 'string' ? text : text.toString('latin1')
    this.#bytes = typeof text === 'string' ? undefined : text
  }

  /** Whether characters over 127 in {@link chars} are bytes of others. */
  get isBytes(): boolean {
    return this.#bytes !== undefined
  }

  /** The text between two places next to ASCII. */
  slice(from: number, to: number): string {
    if (this.#bytes !== undefined) {
      const { chars } = this
      for (let at = from; at < to; at++) if (chars.charCodeAt(at) > 127) return this.#bytes.toString('utf8', from, to)
    }
    return this.chars.slice(from, to)
  }
}

/** Bytes that are UTF-8 for certain, and more than ASCII, which needs no decoding at all. */
export function isPlainUtf8(bytes: Uint8Array): boolean {
  return bytes[0] !== 0xef && !isAscii(bytes) && isUtf8(bytes) && !bytes.subarray(0, headBytes).includes(0)
}
