import { FormatError } from '../format.ts'
import type { OfficePackage } from './package.ts'

/** Stands in one record of a part after the other; what lies beyond the end of a record reads as nothing. */
export class XlsbRecord {
  readonly #bytes: Buffer
  #start = 0
  #end = 0
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Where the record goes on to be read, from its start. */
  get at(): number {
    return this.#at - this.#start
  }

  set at(offset: number) {
    this.#at = this.#start + offset
  }

  /** To another record. */
  enter(start: number, end: number): void {
    this.#start = start
    this.#at = start
    this.#end = end
  }

  left(): number {
    return this.#end - this.#at
  }

  byte(): number {
    return this.#at < this.#end ? this.#bytes[this.#at++]! : 0
  }

  word(): number {
    if (this.left() < 2) return 0
    const value = this.#bytes[this.#at]! | (this.#bytes[this.#at + 1]! << 8)
    this.#at += 2
    return value
  }

  long(): number {
    return this.int() >>> 0
  }

  /** With a sign. */
  int(): number {
    if (this.left() < 4) return 0
    const bytes = this.#bytes
    const at = this.#at
    this.#at = at + 4
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
  }

  double(): number {
    if (this.left() < 8) return Number.NaN
    this.#at += 8
    return this.#bytes.readDoubleLE(this.#at - 8)
  }

  /** XLWideString, or one that may be null ([MS-XLSB] 2.5.169). */
  text(): string {
    const length = this.long()
    if (length === 0xffffffff) return ''
    const start = this.#at
    this.#at = start + Math.min(length * 2, this.left() & ~1)
    return this.#bytes.toString('utf16le', start, this.#at).toWellFormed()
  }

  /** RichStr: a byte of flags, then the text; what tells its looks is not read. */
  richText(): string {
    this.byte()
    return this.text()
  }
}

/** Goes over the records of one part ([MS-XLSB] 2.1.4). False when there is no such part, or it is damaged. */
export function scanXlsb(pack: OfficePackage, part: string, hear: (type: number, record: XlsbRecord) => void): boolean {
  const entry = pack.zip.find(part)
  if (!entry) return false
  let unpacked: Uint8Array
  try {
    unpacked = pack.zip.read(entry)
  } catch (error) {
    if (error instanceof FormatError && error.code === 'corrupt') return false
    throw error
  }
  const bytes = Buffer.from(unpacked.buffer, unpacked.byteOffset, unpacked.byteLength)
  const record = new XlsbRecord(bytes)
  for (let at = 0; at < bytes.length; ) {
    let type = bytes[at++]!
    if (type & 0x80) type = (type & 0x7f) | (((bytes[at++] ?? 0) & 0x7f) << 7)
    let size = 0
    for (let n = 0; n < 4; n++) {
      const byte = bytes[at++] ?? 0
      size |= (byte & 0x7f) << (n * 7)
      if ((byte & 0x80) === 0) break
    }
    if (at + size > bytes.length) return false
    record.enter(at, at + size)
    hear(type, record)
    at += size
  }
  return true
}
