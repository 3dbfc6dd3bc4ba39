import { FormatError } from '../format.ts'
import type { OfficePackage } from './package.ts'

/** Bytes of one record; what lies beyond the end reads as nothing. */
export class XlsbRecord {
  readonly #view: DataView
  at = 0

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get view(): DataView {
    return this.#view
  }

  left(): number {
    return this.#view.byteLength - this.at
  }

  byte(): number {
    return this.left() >= 1 ? this.#view.getUint8(this.at++) : 0
  }

  word(): number {
    if (this.left() < 2) return 0
    this.at += 2
    return this.#view.getUint16(this.at - 2, true)
  }

  long(): number {
    if (this.left() < 4) return 0
    this.at += 4
    return this.#view.getUint32(this.at - 4, true)
  }

  double(): number {
    if (this.left() < 8) return Number.NaN
    this.at += 8
    return this.#view.getFloat64(this.at - 8, true)
  }

  /** XLWideString, or one that may be null ([MS-XLSB] 2.5.169). */
  text(): string {
    const length = this.long()
    if (length === 0xffffffff) return ''
    const bytes = Math.min(length * 2, this.left() & ~1)
    const { buffer, byteOffset } = this.#view
    const text = utf16.decode(new Uint8Array(buffer, byteOffset + this.at, bytes))
    this.at += bytes
    return text
  }

  /** RichStr: a byte of flags, then the text; what tells its looks is not read. */
  richText(): string {
    this.byte()
    return this.text()
  }
}

const utf16 = new TextDecoder('utf-16le')

/** Goes over the records of one part ([MS-XLSB] 2.1.4). False when there is no such part, or it is damaged. */
export function scanXlsb(pack: OfficePackage, part: string, hear: (type: number, record: XlsbRecord) => void): boolean {
  const entry = pack.zip.find(part)
  if (!entry) return false
  let bytes: Uint8Array
  try {
    bytes = pack.zip.read(entry)
  } catch (error) {
    if (error instanceof FormatError && error.code === 'corrupt') return false
    throw error
  }
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
    hear(type, new XlsbRecord(bytes.subarray(at, at + size)))
    at += size
  }
  return true
}
