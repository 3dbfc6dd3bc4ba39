import { Continued } from './xls-strings.ts'

const endOfFile = 0x000a
/** The first record of a part, in BIFF 2, 3, 4, and 5 to 8. */
const starts: ReadonlySet<number> = new Set([0x0009, 0x0209, 0x0409, 0x0809])

/**
 * Goes over the records of one part of a workbook stream ([MS-XLS] 2.1.4) from its start to its end, those of charts
 * inside it too. What lies beyond the end of a record reads as nothing.
 */
export class XlsRecords {
  readonly bytes: Buffer
  type = 0
  /** Where the data of the record begin. */
  at = 0
  size = 0
  #next: number
  #depth = 0

  constructor(stream: Uint8Array, offset = 0) {
    this.bytes = Buffer.from(stream.buffer, stream.byteOffset, stream.byteLength)
    this.#next = offset
  }

  /** How deep in parts of parts: 1 in the one that was asked for. */
  get depth(): number {
    return this.#depth
  }

  /** To the next record; false after the last. */
  next(): boolean {
    const { bytes } = this
    const at = this.#next
    if (at + 4 > bytes.length) return false
    const type = bytes[at]! | (bytes[at + 1]! << 8)
    this.type = type
    this.at = at + 4
    const end = this.at + (bytes[at + 2]! | (bytes[at + 3]! << 8))
    this.#next = end
    this.size = Math.min(end, bytes.length) - this.at
    if (type === endOfFile) return --this.#depth > 0
    if (starts.has(type)) this.#depth++
    return true
  }

  byte(at: number): number {
    return at < this.size ? this.bytes[this.at + at]! : 0
  }

  word(at: number): number {
    const from = this.at + at
    return at + 2 <= this.size ? this.bytes[from]! | (this.bytes[from + 1]! << 8) : 0
  }

  long(at: number): number {
    return this.word(at) + this.word(at + 2) * 65_536
  }

  /** A long with a sign. */
  int(at: number): number {
    return this.word(at) | (this.word(at + 2) << 16)
  }

  double(at: number): number {
    return at + 8 <= this.size ? this.bytes.readDoubleLE(this.at + at) : Number.NaN
  }

  data(from = 0, to: number = this.size): Uint8Array {
    return this.bytes.subarray(this.at + Math.min(from, this.size), this.at + Math.min(to, this.size))
  }

  /** Reads on over the records that continue this one, from `from`. */
  continued(from = 0): Continued {
    return new Continued(this.bytes, this.at + Math.min(from, this.size), this.at + this.size)
  }
}
