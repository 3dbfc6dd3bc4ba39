import type { Entry } from '../cfb.ts'
import { FormatError } from '../format.ts'

const [free, endOfChain, fatSector] = [0xffffffff, 0xfffffffe, 0xfffffffd] as const
/** What the header itself can list. */
const mostTables = 109

interface Planned {
  readonly name: string
  readonly type: number
  readonly bytes: Uint8Array
  next: number
  child: number
  start: number
}

/**
 * A storage within a compound file as a file of its own ([MS-CFB]), so that what is embedded is read as any other
 * document. Streams lie in whole sectors, siblings in a line; `extra` is a storage that goes into the new root as well.
 */
export function writeCompound(
  folders: ReadonlyMap<number, readonly Entry[]>,
  storage: number,
  read: (entry: Entry) => Uint8Array,
  extra?: Entry,
): Uint8Array {
  const entries = plan(folders, storage, read, extra)
  const total = entries.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const isLarge = total + entries.length * 512 > mostTables * 128 * 256
  const size = isLarge ? 4096 : 512
  const perTable = size / 4
  const sectorsOf = (length: number): number => Math.ceil(length / size)
  const directorySectors = sectorsOf(entries.length * 128)
  const used = directorySectors + entries.reduce((sum, { bytes }) => sum + sectorsOf(bytes.length), 0)
  let tables = 1
  while (tables * perTable < used + tables) tables++
  if (tables > mostTables) throw new FormatError('too_large', 'What is embedded in it is too large to be read')
  const out = Buffer.alloc((used + tables + 1) * size)
  const fat = new Uint32Array(tables * perTable).fill(free)
  const chain = (first: number, count: number): void => {
    for (let n = 0; n < count; n++) fat[first + n] = n + 1 < count ? first + n + 1 : endOfChain
  }
  fat.fill(fatSector, 0, tables)
  chain(tables, directorySectors)
  let sector = tables + directorySectors
  for (const entry of entries) {
    const count = sectorsOf(entry.bytes.length)
    entry.start = count === 0 ? endOfChain : sector
    out.set(entry.bytes, (sector + 1) * size)
    chain(sector, count)
    sector += count
  }
  writeHeader(out, { isLarge, tables, directorySectors })
  for (const [n, next] of fat.entries()) out.writeUInt32LE(next, size + n * 4)
  for (const [n, entry] of entries.entries()) writeEntry(out, (tables + 1) * size + n * 128, entry)
  // What is left of the last sector of the directory are entries without kin.
  for (let at = (tables + 1) * size + entries.length * 128; at < (tables + 1 + directorySectors) * size; at += 128)
    out.fill(0xff, at + 68, at + 80)
  return out
}

/** Breadth first: what lies in the root comes at the beginning of the directory, where readers look for it. */
function plan(
  folders: ReadonlyMap<number, readonly Entry[]>,
  storage: number,
  read: (entry: Entry) => Uint8Array,
  extra: Entry | undefined,
): Planned[] {
  const root: Planned = { name: 'Root Entry', type: 5, bytes: new Uint8Array(0), next: free, child: free, start: 0 }
  const planned = [root]
  const waiting: [owner: Planned, folder: number][] = [[root, storage]]
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
    const [owner, folder] = step
    const inside = folders.get(folder) ?? []
    let last: Planned | undefined
    for (const entry of owner === root && extra !== undefined ? [...inside, extra] : inside) {
      const isStream = entry.type === 2
      const each: Planned = {
        name: entry.name,
        type: isStream ? 2 : 1,
        bytes: isStream ? read(entry) : new Uint8Array(0),
        next: free,
        child: free,
        start: 0,
      }
      if (last === undefined) owner.child = planned.length
      else last.next = planned.length
      last = each
      planned.push(each)
      if (!isStream) waiting.push([each, entry.id])
    }
  }
  return planned
}

function writeHeader(
  out: Buffer,
  { isLarge, tables, directorySectors }: { isLarge: boolean; tables: number; directorySectors: number },
): void {
  out.write('d0cf11e0a1b11ae1', 0, 'hex')
  out.writeUInt16LE(0x3e, 24)
  out.writeUInt16LE(isLarge ? 4 : 3, 26)
  out.writeUInt16LE(0xfffe, 28)
  out.writeUInt16LE(isLarge ? 12 : 9, 30)
  out.writeUInt16LE(6, 32)
  if (isLarge) out.writeUInt32LE(directorySectors, 40)
  out.writeUInt32LE(tables, 44)
  out.writeUInt32LE(tables, 48)
  // Streams of any size lie in sectors of the file: the cutoff, below which they would not, stays 0.
  out.writeUInt32LE(endOfChain, 60)
  out.writeUInt32LE(endOfChain, 68)
  for (let n = 0; n < mostTables; n++) out.writeUInt32LE(n < tables ? n : free, 76 + n * 4)
}

function writeEntry(out: Buffer, at: number, { name, type, bytes, next, child, start }: Planned): void {
  const short = name.slice(0, 31)
  out.write(short, at, 'utf16le')
  out.writeUInt16LE((short.length + 1) * 2, at + 64)
  out[at + 66] = type
  out[at + 67] = 1
  out.writeUInt32LE(free, at + 68)
  out.writeUInt32LE(next, at + 72)
  out.writeUInt32LE(child, at + 76)
  out.writeUInt32LE(start, at + 116)
  out.writeUInt32LE(bytes.length, at + 120)
}
