import { type FormatName, mimeOf } from '../kinds.ts'
import type { Sniffed } from '../sniff.ts'

const entryBytes = 128
const maxSectors = 256
const noEntry = 0xffffffff

const streams: readonly [name: string, format: FormatName][] = [
  ['__properties_version1.0', 'msg'],
  ['PowerPoint Document', 'ppt'],
  ['PP40', 'ppt'],
  ['WordDocument', 'doc'],
  ['Workbook', 'xls'],
  ['Book', 'xls'],
]

/** Which document a compound file is, by the names in its directory (MS-CFB 2.6). */
export function sniffOle(bytes: Uint8Array): Sniffed | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.length < 512) return undefined
  const names = entryNames(file)
  if (names.has('encryptedpackage')) return { mimeType: 'application/x-ole-storage', encrypted: true }
  const found = streams.find(([name]) => names.has(name.toLowerCase()))?.[1]
  return found === undefined ? undefined : { mimeType: mimeOf(found), format: found }
}

/** Of the root's own entries, in lower case: which they are written in does not count. An embedded object has such as well. */
function entryNames(file: Buffer): Set<string> {
  const entries = directory(file)
  const names = new Set<string>()
  const seen = new Set<number>()
  const pending = [entries[0] === undefined ? noEntry : file.readUInt32LE(entries[0] + 76)]
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const at = entries[id]
    if (at === undefined || seen.has(id)) continue
    seen.add(id)
    const length = file.readUInt16LE(at + 64)
    if (length > 2 && length <= 64) names.add(file.toString('utf16le', at, at + length - 2).toLowerCase())
    pending.push(file.readUInt32LE(at + 68), file.readUInt32LE(at + 72))
  }
  return names
}

/** Where the entries lie in the file, by their numbers. */
function directory(file: Buffer): number[] {
  const entries: number[] = []
  const size = file.readUInt16LE(30) === 12 ? 4096 : 512
  let sector = file.readUInt32LE(48)
  for (let count = 0; count < maxSectors; count++) {
    const start = (sector + 1) * size
    if (start + size > file.length) break
    for (let at = start; at < start + size; at += entryBytes) entries.push(at)
    const next = nextSector(file, sector, size)
    if (next === undefined) break
    sector = next
  }
  return entries
}

/** Through the allocation table sectors that the header lists, which is where a directory's chain begins. */
function nextSector(file: Buffer, sector: number, size: number): number | undefined {
  const perSector = size / 4
  const table = Math.floor(sector / perSector)
  if (table >= 109) return undefined
  const at = (file.readUInt32LE(76 + table * 4) + 1) * size + (sector % perSector) * 4
  if (at + 4 > file.length) return undefined
  const next = file.readUInt32LE(at)
  return next >= 0xfffffffa ? undefined : next
}
