import { type FormatName, mimeOf } from '../kinds.ts'
import type { Sniffed } from '../sniff.ts'

const entryBytes = 128
const maxSectors = 64

const streams: readonly [name: string, format: FormatName][] = [
  ['__properties_version1.0', 'msg'],
  ['PowerPoint Document', 'ppt'],
  ['WordDocument', 'doc'],
  ['Workbook', 'xls'],
  ['Book', 'xls'],
]

/** Which document a compound file is, by the names in its directory (MS-CFB 2.6). */
export function sniffOle(bytes: Uint8Array): Sniffed | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.length < 512) return undefined
  const names = entryNames(file)
  if (names.has('EncryptedPackage')) return { mimeType: 'application/x-ole-storage', encrypted: true }
  const found = streams.find(([name]) => names.has(name))?.[1]
  return found === undefined ? undefined : { mimeType: mimeOf(found), format: found }
}

function entryNames(file: Buffer): Set<string> {
  const names = new Set<string>()
  const shift = file.readUInt16LE(30)
  const size = shift === 12 ? 4096 : 512
  let sector = file.readUInt32LE(48)
  for (let count = 0; count < maxSectors; count++) {
    const start = (sector + 1) * size
    if (start + size > file.length) break
    for (let at = start; at < start + size; at += entryBytes) {
      const length = file.readUInt16LE(at + 64)
      if (length > 2 && length <= 64) names.add(file.toString('utf16le', at, at + length - 2))
    }
    const next = nextSector(file, sector, size)
    if (next === undefined) break
    sector = next
  }
  return names
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
