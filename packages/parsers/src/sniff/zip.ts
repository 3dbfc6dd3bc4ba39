import { type FormatName, mimeOf } from '../kinds.ts'
import type { Sniffed } from '../sniff.ts'

const maxEntries = 4_000
const maxComment = 65_557

const parts: readonly [part: string, format: FormatName][] = [
  ['word/document.xml', 'docx'],
  ['ppt/presentation.xml', 'pptx'],
  ['xl/workbook.xml', 'xlsx'],
  ['xl/workbook.bin', 'xlsb'],
  ['META-INF/container.xml', 'epub'],
]
const folders: readonly [folder: string, format: FormatName][] = [
  ['word/', 'docx'],
  ['ppt/', 'pptx'],
  ['xl/', 'xlsx'],
]
const mimes: readonly [type: string, format: FormatName][] = [
  ['application/vnd.oasis.opendocument.text', 'odt'],
  ['application/vnd.oasis.opendocument.spreadsheet', 'ods'],
  ['application/vnd.oasis.opendocument.presentation', 'odp'],
  ['application/vnd.oasis.opendocument.graphics', 'odp'],
  ['application/epub+zip', 'epub'],
]

/** Which document a ZIP is, by its `mimetype` entry and the names in its directory; nothing is inflated. */
export function sniffZip(bytes: Uint8Array): Sniffed | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const first = file.subarray(0, 200).toString('latin1')
  if (first.startsWith('mimetype', 30)) {
    const found = mimes.find(([type]) => first.startsWith(type, 38 + file.readUInt16LE(28)))
    if (found !== undefined) return { mimeType: found[0], format: found[1] }
  }
  const names = directoryNames(file) ?? localNames(file)
  const exact = parts.find(([part]) => names.has(part))?.[1]
  // InDesign's packages have that part of an EPUB too, and say what they are.
  if (exact === 'epub' && first.startsWith('mimetype', 30) && !first.includes('epub')) return undefined
  if (exact !== undefined) return { mimeType: mimeOf(exact), format: exact }
  if (names.has('[Content_Types].xml')) {
    // Producers may name the main part otherwise; its folder still tells.
    for (const [folder, format] of folders) {
      for (const name of names) if (name.startsWith(folder)) return { mimeType: mimeOf(format), format }
    }
  }
  return undefined
}

function directoryNames(file: Buffer): Set<string> | undefined {
  const end = file.lastIndexOf('PK\x05\x06', undefined, 'latin1')
  if (end === -1 || end < file.length - maxComment || end + 22 > file.length) return undefined
  const names = new Set<string>()
  let at = file.readUInt32LE(end + 16)
  while (names.size < maxEntries && at + 46 <= file.length && file.readUInt32LE(at) === 0x02014b50) {
    const nameLength = file.readUInt16LE(at + 28)
    names.add(file.toString('utf8', at + 46, at + 46 + nameLength))
    at += 46 + nameLength + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32)
  }
  return names.size === 0 ? undefined : names
}

/** For archives cut short or with something in front: names before the entries themselves. */
function localNames(file: Buffer): Set<string> {
  const names = new Set<string>()
  let at = 0
  while (names.size < maxEntries) {
    at = file.indexOf('PK\x03\x04', at, 'latin1')
    if (at === -1 || at + 30 > file.length) break
    const nameLength = file.readUInt16LE(at + 26)
    names.add(file.toString('utf8', at + 30, at + 30 + nameLength))
    at += 30 + nameLength
  }
  return names
}
