import { crc32 } from 'node:zlib'
import { decodeNames } from './encodings/names.ts'
import { FormatError } from './format.ts'

/** One member of a ZIP. `path` uses forward slashes, with `.` and `..` taken out. */
export interface ZipEntry {
  readonly path: string
  readonly method: number
  readonly encrypted: boolean
  readonly compressedSize: number
  /** As declared; not to be trusted. */
  readonly size: number
  readonly directory: boolean
  /** The packed bytes. Throws FormatError `corrupt` when they lie outside the file. */
  data(bytes: Uint8Array): Uint8Array
}

const EOCD = 0x06054b50
const CENTRAL = 0x02014b50
const LOCAL = 0x04034b50

/** Reads the central directory (APPNOTE 4.3.12 to 4.3.16, with zip64). */
export function readDirectory(bytes: Uint8Array, maxEntries: number): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const eocd = findEnd(view)
  if (eocd < 0) throw new FormatError('corrupt', 'It has no ZIP directory')
  let count = view.getUint16(eocd + 10, true)
  let size = view.getUint32(eocd + 12, true)
  let offset = view.getUint32(eocd + 16, true)
  let directoryEnd = eocd
  if ((count === 0xffff || size === 0xffffffff || offset === 0xffffffff) && eocd >= 20) {
    if (view.getUint32(eocd - 20, true) === 0x07064b50) {
      const at = Number(view.getBigUint64(eocd - 12, true))
      if (at + 56 > bytes.length || view.getUint32(at, true) !== 0x06064b50)
        throw new FormatError('corrupt', 'Its zip64 directory is damaged')
      count = Number(view.getBigUint64(at + 32, true))
      size = Number(view.getBigUint64(at + 40, true))
      offset = Number(view.getBigUint64(at + 48, true))
      directoryEnd = at
    }
  }
  if (count > maxEntries) {
    throw new FormatError('too_large', `It has ${count} members; at most ${maxEntries} are read`)
  }
  // Bytes put before the archive (a self-extractor, a mail header) shift every offset.
  const shift = Math.max(0, directoryEnd - size - offset)
  let at = offset + shift
  if (at + 4 > bytes.length || (count > 0 && view.getUint32(at, true) !== CENTRAL)) at = offset
  const found: Found[] = []
  for (let n = 0; n < count; n++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL)
      throw new FormatError('corrupt', 'Its ZIP directory is damaged')
    const nameLength = view.getUint16(at + 28, true)
    const extraLength = view.getUint16(at + 30, true)
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true)
    if (next > bytes.length) throw new FormatError('corrupt', 'Its ZIP directory is damaged')
    const flags = view.getUint16(at + 8, true)
    const sizes = zip64Sizes(view, at + 46 + nameLength, extraLength, {
      size: view.getUint32(at + 24, true),
      compressedSize: view.getUint32(at + 20, true),
      offset: view.getUint32(at + 42, true),
    })
    const name = bytes.subarray(at + 46, at + 46 + nameLength)
    found.push({
      name: unicodePath(view, at + 46 + nameLength, extraLength, name) ?? name,
      flags,
      method: view.getUint16(at + 10, true),
      sizes,
      data: localData(sizes.offset + shift, sizes.compressedSize),
    })
    at = next
  }
  return makeEntries(found)
}

interface Sizes {
  size: number
  compressedSize: number
  offset: number
}

function zip64Sizes(view: DataView, start: number, length: number, sizes: Sizes): Sizes {
  const end = Math.min(start + length, view.byteLength)
  for (let at = start; at + 4 <= end; ) {
    const id = view.getUint16(at, true)
    const fieldEnd = at + 4 + view.getUint16(at + 2, true)
    if (id === 1) {
      let field = at + 4
      for (const key of ['size', 'compressedSize', 'offset'] as const) {
        if (sizes[key] !== 0xffffffff || field + 8 > Math.min(fieldEnd, end)) continue
        sizes[key] = Number(view.getBigUint64(field, true))
        field += 8
      }
    }
    at = fieldEnd
  }
  return sizes
}

/** The name in UTF-8 that Info-ZIP adds to one in the system's own page (APPNOTE 4.6.9), while both are of one age. */
function unicodePath(view: DataView, start: number, length: number, name: Uint8Array): Uint8Array | undefined {
  const end = Math.min(start + length, view.byteLength)
  for (let at = start; at + 9 <= end; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 0x7075) continue
    const fieldEnd = at + 4 + view.getUint16(at + 2, true)
    if (fieldEnd > end || view.getUint8(at + 4) !== 1 || view.getUint32(at + 5, true) !== crc32(name)) return undefined
    return new Uint8Array(view.buffer, view.byteOffset + at + 9, fieldEnd - at - 9)
  }
  return undefined
}

function localData(offset: number, compressedSize: number) {
  return (bytes: Uint8Array): Uint8Array => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (offset + 30 > bytes.length || view.getUint32(offset, true) !== LOCAL) {
      throw new FormatError('corrupt', 'A member of it is not where its ZIP directory says')
    }
    const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true)
    if (start + compressedSize > bytes.length)
      throw new FormatError('corrupt', 'It is cut short: a member goes beyond its end')
    return bytes.subarray(start, start + compressedSize)
  }
}

/** What can be found without a directory: local headers one after the other, sizes from the next header if need be. */
export function scanLocalHeaders(bytes: Uint8Array, maxEntries: number): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const starts: number[] = []
  let end = bytes.length
  for (let at = bytes.indexOf(0x50); at >= 0 && at + 30 <= bytes.length; at = bytes.indexOf(0x50, at + 1)) {
    const signature = view.getUint32(at, true)
    if (signature === LOCAL) starts.push(at)
    else if (signature === CENTRAL) {
      end = at
      break
    }
    if (starts.length > maxEntries) throw new FormatError('too_large', `It has more than ${maxEntries} members`)
  }
  const found: Found[] = []
  starts.forEach((at, n) => {
    const limit = starts[n + 1] ?? end
    const nameLength = view.getUint16(at + 26, true)
    const start = at + 30 + nameLength + view.getUint16(at + 28, true)
    if (start > limit) return
    const flags = view.getUint16(at + 6, true)
    const declared = view.getUint32(at + 18, true)
    // With a data descriptor (flag 8) the size is not known yet: inflating stops by itself at the stream's end.
    const length = declared > 0 && start + declared <= limit && (flags & 8) === 0 ? declared : limit - start
    const size = Math.max(view.getUint32(at + 22, true), length)
    const sizes = { size, compressedSize: length, offset: at }
    const name = bytes.subarray(at + 30, at + 30 + nameLength)
    const data = (all: Uint8Array): Uint8Array => all.subarray(start, start + length)
    found.push({ name, flags, method: view.getUint16(at + 8, true), sizes, data })
  })
  return makeEntries(found)
}

function findEnd(view: DataView): number {
  const lowest = Math.max(0, view.byteLength - 22 - 65_535)
  for (let at = view.byteLength - 22; at >= lowest; at--) {
    if (view.getUint32(at, true) === EOCD) return at
  }
  return -1
}

interface Found {
  readonly name: Uint8Array
  readonly flags: number
  readonly method: number
  readonly sizes: Sizes
  readonly data: ZipEntry['data']
}

function makeEntries(found: readonly Found[]): ZipEntry[] {
  const names = decodeNames(found.map(({ name }) => name))
  return found.map(({ flags, method, sizes, data }, index) => {
    const text = names[index]!
    return {
      path: text
        .split(/[/\\]/)
        .filter((part) => part !== '' && part !== '.' && part !== '..')
        .join('/'),
      method,
      encrypted: (flags & 1) !== 0,
      compressedSize: sizes.compressedSize,
      size: sizes.size,
      directory: text.endsWith('/') || text.endsWith('\\'),
      data,
    }
  })
}
