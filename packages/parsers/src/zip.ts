import { inflateRawSync } from 'node:zlib'
import { Inflate } from 'fflate'
import { FormatError, type Limits } from './format.ts'
import { readDirectory, scanLocalHeaders, type ZipEntry } from './zip-directory.ts'

export type { ZipEntry } from './zip-directory.ts'

/** Entries above this are inflated piece by piece. */
const streamFrom = 32 * 1024 * 1024
/** Deflate gives up to a thousand bytes for one. */
const pushBytes = 8 * 1024
const salvageBytes = 512

/** A ZIP whose every inflated byte is counted: one entry's size and ratio, and the sum of all. */
export interface Zip {
  readonly entries: readonly ZipEntry[]
  /** The directory was damaged and the entries come from the local headers. */
  readonly recovered: boolean
  /** By exact path, else ignoring case; without a leading slash. */
  find(path: string): ZipEntry | undefined
  read(entry: ZipEntry): Uint8Array
  /**
   * The same in pieces, with little memory. Pieces are valid only until the callback returns. Of a damaged entry, what
   * comes before the damage is given before the error.
   */
  stream(entry: ZipEntry, onPiece: (piece: Uint8Array) => void): void
}

/** Opens a ZIP. Throws FormatError `corrupt`, `too_large` (too many entries); reading also `encrypted`. */
export function openZip(bytes: Uint8Array, limits: Limits): Zip {
  let entries: ZipEntry[] | undefined
  try {
    entries = readDirectory(bytes, limits.maxEntries)
  } catch (error) {
    if (error instanceof FormatError && error.code !== 'corrupt') throw error
  }
  const recovered = entries === undefined
  entries ??= scanLocalHeaders(bytes, limits.maxEntries)
  if (recovered && entries.length === 0)
    throw new FormatError('corrupt', 'Its ZIP directory is damaged and no member could be found')
  const byPath = new Map(entries.map((entry) => [entry.path, entry]))
  let byLower: Map<string, ZipEntry> | undefined
  let inflated = 0

  const count = (entry: ZipEntry, total: number, more: number): void => {
    inflated += more
    if (inflated > limits.maxInflatedBytes) {
      throw sumError(limits)
    }
    if (total > 1024 * 1024 && total > entry.compressedSize * limits.maxRatio) throw ratioError(entry, limits)
  }

  let byHeader: Map<string, ZipEntry> | undefined
  /** By its own header, where the directory is wrong about the place: some programs count their descriptors not. */
  const packed = (entry: ZipEntry): Uint8Array => {
    try {
      return entryData(bytes, entry)
    } catch (error) {
      if (recovered || !(error instanceof FormatError) || error.code !== 'corrupt') throw error
      byHeader ??= new Map(scanLocalHeaders(bytes, limits.maxEntries).map((found) => [found.path, found]))
      const found = byHeader.get(entry.path)
      if (found === undefined || found.method !== entry.method) throw error
      return found.data(bytes).subarray(0, entry.compressedSize)
    }
  }

  const stream = (entry: ZipEntry, onPiece: (piece: Uint8Array) => void): void => {
    const data = packed(entry)
    if (entry.method === 0) {
      count(entry, data.length, data.length)
      for (let at = 0; at < data.length; at += pushBytes) onPiece(data.subarray(at, at + pushBytes))
      return
    }
    inflateBy(entry, onPiece, (inflate) => {
      for (let at = 0; at < data.length; at += pushBytes)
        inflate.push(data.subarray(at, at + pushBytes), at + pushBytes >= data.length)
    })
  }

  /** What comes before the place where an entry is cut or damaged; small steps, because one that fails gives nothing. */
  const salvage = (entry: ZipEntry, onPiece: (piece: Uint8Array) => void): void => {
    const data = packed(entry)
    inflateBy(entry, onPiece, (inflate) => {
      for (let at = 0; at < data.length; at += salvageBytes) inflate.push(data.subarray(at, at + salvageBytes))
    })
  }

  const inflateBy = (entry: ZipEntry, onPiece: (piece: Uint8Array) => void, push: (inflate: Inflate) => void): void => {
    let total = 0
    const inflate = new Inflate((piece) => {
      total += piece.length
      count(entry, total, piece.length)
      onPiece(piece)
    })
    inflating(entry, () => push(inflate))
  }

  const read = (entry: ZipEntry): Uint8Array => {
    const data = packed(entry)
    if (entry.method === 0) {
      count(entry, data.length, data.length)
      return data
    }
    const left = limits.maxInflatedBytes - inflated
    const byRatio = Math.max(1024 * 1024, data.length * limits.maxRatio)
    const tooMuch = (): FormatError => (left < byRatio ? sumError(limits) : ratioError(entry, limits))
    const out = inflating(
      entry,
      () => inflateRawSync(data, { maxOutputLength: Math.max(1, Math.min(left, byRatio)) }),
      tooMuch,
    )
    count(entry, out.length, out.length)
    return out
  }

  return {
    entries,
    recovered,
    find(path) {
      const plain = path.startsWith('/') ? path.slice(1) : path
      const found = byPath.get(plain)
      if (found) return found
      byLower ??= new Map(entries.map((entry) => [entry.path.toLowerCase(), entry]))
      return byLower.get(plain.toLowerCase())
    },
    read,
    stream(entry, onPiece) {
      if (entry.size > streamFrom || entry.compressedSize > streamFrom) {
        stream(entry, onPiece)
        return
      }
      let whole: Uint8Array | undefined
      try {
        whole = read(entry)
      } catch (error) {
        if (!(error instanceof FormatError) || error.code !== 'corrupt') throw error
        salvage(entry, onPiece)
        throw error
      }
      onPiece(whole)
    },
  }
}

function entryData(bytes: Uint8Array, entry: ZipEntry): Uint8Array {
  if (entry.encrypted) throw new FormatError('encrypted', `"${entry.path}" in it is protected with a password`)
  if (entry.method !== 0 && entry.method !== 8) {
    throw new FormatError(
      'unsupported_type',
      `"${entry.path}" is packed with ZIP method ${entry.method}; only stored and deflate are read`,
    )
  }
  return entry.data(bytes)
}

function inflating<T>(entry: ZipEntry, run: () => T, tooMuch?: () => FormatError): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof FormatError) throw error
    if (tooMuch && (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooMuch()
    throw new FormatError('corrupt', `"${entry.path}" in it cannot be unpacked: ${(error as Error).message}`)
  }
}

function sumError(limits: Limits): FormatError {
  return new FormatError(
    'too_large',
    `It unpacks to more than ${Math.round(limits.maxInflatedBytes / (1024 * 1024))} MB (a ZIP bomb?)`,
  )
}

function ratioError(entry: ZipEntry, limits: Limits): FormatError {
  return new FormatError(
    'too_large',
    `"${entry.path}" unpacks to more than ${limits.maxRatio} times its size (a ZIP bomb?)`,
  )
}
