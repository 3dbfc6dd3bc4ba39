import { FormatError, type Limits } from './format.ts'

/** A compound file (OLE2, [MS-CFB]): what DOC, XLS, PPT, MSG and password-protected OOXML are wrapped in. */
export interface CompoundFile {
  /** Names of all streams and storages, as they stand in the directory. */
  readonly names: readonly string[]
  /**
   * The bytes of a stream by its name, in the root or in a storage of it; undefined when there is none. Embedded objects
   * have streams of the same names. May be part of the file's own.
   */
  stream(name: string, storage?: string): Uint8Array | undefined
  /** All streams and storages by the numbers of the storages they lie in: 0 is the root, -1 what nothing leads to. */
  folders(): ReadonlyMap<number, readonly Entry[]>
  /** The bytes of a stream; may be part of the file's own. */
  read(stream: Entry): Uint8Array
}

const magic = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]
const lastSector = 0xfffffffa

export function isCompoundFile(bytes: Uint8Array): boolean {
  return magic.every((value, at) => bytes[at] === value)
}

/** Reads the directory; streams are put together when asked for. Throws FormatError `corrupt` or `too_large`. */
export function openCompoundFile(bytes: Uint8Array, limits: Limits): CompoundFile {
  if (!isCompoundFile(bytes) || bytes.length < 512) throw new FormatError('corrupt', 'It is not a compound (OLE) file')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const sectorSize = 1 << view.getUint16(30, true)
  const miniSize = 1 << view.getUint16(32, true)
  if (sectorSize < 512 || sectorSize > 4096 || miniSize > sectorSize)
    throw new FormatError('corrupt', 'Its OLE header is damaged')
  const sectors = Math.ceil(bytes.length / sectorSize)
  const sectorAt = (sector: number): number => (sector + 1) * sectorSize

  /** Follows a chain; a chain longer than there are sectors turns in a circle. */
  const chain = (table: Uint32Array, first: number): number[] => {
    const found: number[] = []
    for (let at = first; at < lastSector; at = table[at] ?? 0xffffffff) {
      if (found.length > table.length) throw new FormatError('corrupt', 'A sector chain in it turns in a circle')
      found.push(at)
    }
    return found
  }
  const join = (list: readonly number[], size: number): Uint8Array => {
    const whole = inOnePiece(bytes, list, sectorSize, size, sectorSize)
    if (whole) return whole
    const out = new Uint8Array(Math.min(size, list.length * sectorSize))
    // By runs of sectors that lie behind each other.
    for (let n = 0, end = 0; n < list.length && n * sectorSize < out.length; n = end) {
      end = n + 1
      while (end < list.length && list[end] === list[end - 1]! + 1) end++
      const at = sectorAt(list[n]!)
      const length = Math.min((end - n) * sectorSize, out.length - n * sectorSize)
      if (at < bytes.length) out.set(bytes.subarray(at, at + length), n * sectorSize)
    }
    return out
  }
  const words = (data: Uint8Array): Uint32Array =>
    data.byteOffset % 4 === 0
      ? new Uint32Array(data.buffer, data.byteOffset, data.length >> 2)
      : new Uint32Array(data.buffer.slice(data.byteOffset, data.byteOffset + (data.length & ~3)))

  const fatSectors: number[] = []
  for (let n = 0; n < 109; n++) fatSectors.push(view.getUint32(76 + n * 4, true))
  let difat = view.getUint32(68, true)
  for (let seen = 0; difat < lastSector && seen <= sectors; seen++) {
    const at = sectorAt(difat)
    if (at + sectorSize > bytes.length) break
    for (let n = 0; n < sectorSize / 4 - 1; n++) fatSectors.push(view.getUint32(at + n * 4, true))
    difat = view.getUint32(at + sectorSize - 4, true)
  }
  const used = fatSectors.filter((sector) => sector < lastSector && sectorAt(sector) < bytes.length).slice(0, sectors)
  const fat = words(join(used, used.length * sectorSize))
  const directory = join(chain(fat, view.getUint32(48, true)), bytes.length)
  const entries = readEntries(directory, limits.maxEntries)
  const root = entries.find((entry) => entry.type === 5)
  let owners: ReadonlyMap<number, number> | undefined
  /** In a storage; where the tree is damaged and reaches none, one that nothing leads to. */
  const find = (name: string, type: number, storage: number): Entry | undefined => {
    const wanted = name.toLowerCase()
    const named = entries.filter((each) => each.type === type && each.name.toLowerCase() === wanted)
    if (named.length === 0) return undefined
    owners ??= readOwners(directory)
    return (
      named.find(({ id }) => owners!.get(id) === storage) ??
      (storage === 0 ? named.find(({ id }) => !owners!.has(id)) : undefined)
    )
  }
  const miniFat = words(join(chain(fat, view.getUint32(60, true)), bytes.length))
  const cutoff = view.getUint32(56, true)
  let mini: Uint8Array | undefined

  const read = (entry: Entry): Uint8Array => {
    if (entry.size >= cutoff) return join(chain(fat, entry.start), entry.size)
    mini ??= root ? join(chain(fat, root.start), bytes.length) : new Uint8Array(0)
    const list = chain(miniFat, entry.start)
    const whole = inOnePiece(mini, list, miniSize, entry.size, 0)
    if (whole && whole.length === Math.min(entry.size, mini.length)) return whole
    const out = new Uint8Array(Math.min(entry.size, mini.length))
    list.forEach((sector, n) => {
      const room = out.length - n * miniSize
      if (room > 0)
        out.set(mini!.subarray(sector * miniSize, sector * miniSize + Math.min(miniSize, room)), n * miniSize)
    })
    return out
  }

  return {
    names: entries.map((entry) => entry.name),
    stream(name, storage) {
      const folder = storage === undefined ? 0 : find(storage, 1, 0)?.id
      const entry = folder === undefined ? undefined : find(name, 2, folder)
      return entry && read(entry)
    },
    folders() {
      owners ??= readOwners(directory)
      const folders = new Map<number, Entry[]>()
      for (const entry of entries) {
        // A damaged entry may lead back to the root.
        if (entry.type !== 1 && entry.type !== 2) continue
        const owner = owners.get(entry.id) ?? -1
        const folder = folders.get(owner) ?? []
        folders.set(owner, folder)
        folder.push(entry)
      }
      return folders
    },
    read,
  }
}

/** Most streams lie in one piece: nothing need be copied. */
function inOnePiece(
  bytes: Uint8Array,
  list: readonly number[],
  sectorSize: number,
  size: number,
  from: number,
): Uint8Array | undefined {
  const length = Math.min(size, list.length * sectorSize)
  const start = from + (list[0] ?? 0) * sectorSize
  if (start + length > bytes.length) return undefined
  for (let n = 1; n < list.length; n++) if (list[n] !== list[n - 1]! + 1) return undefined
  return bytes.subarray(start, start + length)
}

/** In which storage each entry lies, by their numbers; those that nothing leads to are in none. */
function readOwners(directory: Uint8Array): ReadonlyMap<number, number> {
  const view = new DataView(directory.buffer, directory.byteOffset, directory.byteLength)
  const owners = new Map<number, number>()
  const waiting: [id: number, storage: number][] = directory.length < 128 ? [] : [[view.getUint32(76, true), 0]]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [id, storage] = next
    const at = id * 128
    if (at + 128 > directory.length || owners.has(id)) continue
    owners.set(id, storage)
    waiting.push([view.getUint32(at + 76, true), id])
    for (const beside of [68, 72]) waiting.push([view.getUint32(at + beside, true), storage])
  }
  return owners
}

export interface Entry {
  /** Its number in the directory. */
  readonly id: number
  readonly name: string
  /** 1 is a storage, 2 a stream, 5 the root. */
  readonly type: number
  readonly start: number
  readonly size: number
}

function readEntries(directory: Uint8Array, maxEntries: number): Entry[] {
  const view = new DataView(directory.buffer, directory.byteOffset, directory.byteLength)
  const file = Buffer.from(directory.buffer, directory.byteOffset, directory.byteLength)
  const entries: Entry[] = []
  for (let at = 0; at + 128 <= directory.length; at += 128) {
    const type = directory[at + 66]!
    if (type === 0) continue
    if (entries.length >= maxEntries) throw new FormatError('too_large', `It has more than ${maxEntries} streams`)
    const length = Math.max(0, Math.min(64, view.getUint16(at + 64, true)) - 2)
    const name = file.toString('utf16le', at, at + length)
    entries.push({
      id: at / 128,
      name,
      type,
      start: view.getUint32(at + 116, true),
      size: view.getUint32(at + 120, true),
    })
  }
  return entries
}

/** Refuses password-protected OOXML: a compound file with the real package encrypted inside ([MS-OFFCRYPTO] 2.3.4). */
export function refuseEncryptedPackage(bytes: Uint8Array, limits: Limits, what: string): void {
  if (!isCompoundFile(bytes)) return
  const { names } = openCompoundFile(bytes, limits)
  if (names.some((name) => name.toLowerCase() === 'encryptedpackage'))
    throw new FormatError('encrypted', `The ${what} is protected with a password`)
  throw new FormatError('corrupt', `It is an OLE file, not a ${what}`)
}
