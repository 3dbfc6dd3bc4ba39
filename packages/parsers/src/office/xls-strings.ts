const continues = 0x003c
const wide = 1
const extended = 4
const rich = 8

/** Reads on from one record into those that continue it ([MS-XLS] 2.4.58); what lies beyond the end reads as nothing. */
export class Continued {
  readonly #bytes: Buffer
  #at: number
  #end: number

  /** From `at`, which lies in a record that ends at `end`. */
  constructor(bytes: Buffer, at: number, end: number) {
    this.#bytes = bytes
    this.#at = at
    this.#end = end
  }

  get done(): boolean {
    return this.#at >= this.#end && !this.#settle()
  }

  byte(): number {
    return this.#at < this.#end || this.#settle() ? this.#bytes[this.#at++]! : 0
  }

  word(): number {
    return this.byte() | (this.byte() << 8)
  }

  skip(count: number): void {
    let left = count
    while (left > 0 && !this.done) {
      const step = Math.min(left, this.#end - this.#at)
      this.#at += step
      left -= step
    }
  }

  /** A string of so many characters; each record that continues it says anew whether they take two bytes. */
  characters(count: number, flags: number): string {
    let text = ''
    let double = (flags & wide) !== 0
    for (let left = count; left > 0; ) {
      if (this.#at >= this.#end) {
        if (!this.#settle()) break
        double = (this.byte() & wide) !== 0
      }
      const at = this.#at
      const step = Math.min(left, double ? (this.#end - at) >> 1 : this.#end - at)
      this.#at = double ? at + step * 2 : at + step
      const piece = double
        ? this.#bytes.toString('utf16le', at, this.#at).toWellFormed()
        : this.#bytes.toString('latin1', at, this.#at)
      text = text === '' ? piece : text + piece
      // An odd byte at the end of a record belongs to nothing.
      if (step === 0) this.#at = this.#end
      left -= step
    }
    return text
  }

  /** XLUnicodeString ([MS-XLS] 2.5.294): a count of two bytes, flags, characters. */
  string(): string {
    const count = this.word()
    return this.characters(count, this.byte())
  }

  /** XLUnicodeRichExtendedString ([MS-XLS] 2.5.293). */
  richString(): string {
    const count = this.word()
    const flags = this.byte()
    const runs = (flags & rich) === 0 ? 0 : this.word()
    const extra = (flags & extended) === 0 ? 0 : this.word() + this.word() * 65_536
    const text = this.characters(count, flags)
    const rest = runs * 4 + extra
    if (rest > 0) this.skip(rest)
    return text
  }

  /** To the next record that continues this one and has any bytes. */
  #settle(): boolean {
    const bytes = this.#bytes
    while (this.#at >= this.#end) {
      const head = this.#end
      if (head + 4 > bytes.length || bytes[head] !== continues || bytes[head + 1] !== 0) return false
      this.#at = head + 4
      this.#end = Math.min(bytes.length, this.#at + (bytes[head + 2]! | (bytes[head + 3]! << 8)))
    }
    return true
  }
}
