const utf16 = new TextDecoder('utf-16le')
const wide = 1
const extended = 4
const rich = 8

/** Reads over a record and those that continue it ([MS-XLS] 2.4.58); what lies beyond the end reads as nothing. */
export class Continued {
  readonly #segments: readonly Uint8Array[]
  #segment = 0
  #at = 0

  constructor(segments: readonly Uint8Array[]) {
    this.#segments = segments
  }

  get done(): boolean {
    this.#settle()
    return this.#segment >= this.#segments.length
  }

  byte(): number {
    this.#settle()
    return this.#segments[this.#segment]?.[this.#at++] ?? 0
  }

  word(): number {
    return this.byte() | (this.byte() << 8)
  }

  skip(count: number): void {
    let left = count
    while (left > 0 && !this.done) {
      const step = Math.min(left, this.#segments[this.#segment]!.length - this.#at)
      this.#at += step
      left -= step
    }
  }

  /** A string of so many characters; each record that continues it says anew whether they take two bytes. */
  characters(count: number, flags: number): string {
    let text = ''
    let double = (flags & wide) !== 0
    for (let left = count; left > 0; ) {
      if (this.#at >= (this.#segments[this.#segment]?.length ?? 0)) {
        if (this.done) break
        double = (this.byte() & wide) !== 0
      }
      const data = this.#segments[this.#segment]
      if (data === undefined) break
      const size = double ? 2 : 1
      const step = Math.min(left, Math.floor((data.length - this.#at) / size))
      const bytes = data.subarray(this.#at, this.#at + step * size)
      text += double ? utf16.decode(bytes) : latin1(bytes)
      // An odd byte at the end of a record belongs to nothing.
      this.#at = step === 0 ? data.length : this.#at + step * size
      left -= step
    }
    return text
  }

  /** XLUnicodeRichExtendedString ([MS-XLS] 2.5.293). */
  richString(): string {
    const count = this.word()
    const flags = this.byte()
    const runs = (flags & rich) === 0 ? 0 : this.word()
    const extra = (flags & extended) === 0 ? 0 : this.word() + this.word() * 65_536
    const text = this.characters(count, flags)
    this.skip(runs * 4 + extra)
    return text
  }

  #settle(): void {
    while (this.#segment < this.#segments.length && this.#at >= this.#segments[this.#segment]!.length) {
      this.#segment++
      this.#at = 0
    }
  }
}

/** Characters below 256, one a byte. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/** XLUnicodeString: a count of two bytes, flags, characters. */
export function unicodeString(segments: readonly Uint8Array[]): string {
  const reader = new Continued(segments)
  const count = reader.word()
  return reader.characters(count, reader.byte())
}
