import iconv from 'iconv-lite'
import type { CompoundFile } from '../cfb.ts'
import { isoDate, makeProperties, type Properties } from './properties.ts'

const names = new Map([
  [2, 'title'],
  [3, 'subject'],
  [4, 'author'],
  [5, 'keywords'],
  [6, 'description'],
  [8, 'lastModifiedBy'],
  [12, 'created'],
  [13, 'saved'],
  [14, 'pages'],
])

/** The SummaryInformation stream of DOC, XLS and PPT files ([MS-OLEPS], [MS-OSHARED] 2.3.3.2.1). */
export function readOleProperties(
  file: CompoundFile,
  storage?: string,
): {
  readonly properties: Properties
  readonly pages: number | undefined
  /** Windows code page of its texts that are not Unicode. */
  readonly codePage: number
} {
  const values = new Map<string, string>()
  let codePage = 1252
  try {
    const stream = file.stream('\u0005SummaryInformation', storage)
    if (stream) codePage = readSet(stream, values)
  } catch {
    // Properties are an extra; a damaged set costs nothing else.
  }
  const pages = Number(values.get('pages'))
  const properties = makeProperties({
    title: values.get('title'),
    author: values.get('author'),
    extra: {
      subject: values.get('subject'),
      description: values.get('description'),
      keywords: values.get('keywords'),
      lastModifiedBy: values.get('lastModifiedBy'),
    },
  })
  const [createdAt, updatedAt] = [values.get('created'), values.get('saved')]
  return {
    properties: { ...properties, ...(createdAt ? { createdAt } : {}), ...(updatedAt ? { updatedAt } : {}) },
    pages: pages > 0 ? pages : undefined,
    codePage,
  }
}

function readSet(stream: Uint8Array, values: Map<string, string>): number {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength)
  const section = view.getUint32(44, true)
  const count = Math.min(100, view.getUint32(section + 4, true))
  const offsets = new Map<number, number>()
  for (let n = 0; n < count; n++)
    offsets.set(view.getUint32(section + 8 + n * 8, true), section + view.getUint32(section + 12 + n * 8, true))
  const pageAt = offsets.get(1)
  const codePage = pageAt === undefined ? 1252 : view.getUint16(pageAt + 4, true)
  for (const [id, at] of offsets) {
    const name = names.get(id)
    if (name === undefined || at + 8 > stream.length) continue
    const type = view.getUint32(at, true)
    if (type === 30 || type === 31) {
      const length = Math.min(view.getUint32(at + 4, true) * (type === 31 ? 2 : 1), 4000, stream.length - at - 8)
      values.set(name, decodePage(stream.subarray(at + 8, at + 8 + length), type === 31 ? 1200 : codePage))
    } else if (type === 3) values.set(name, String(view.getInt32(at + 4, true)))
    else if (type === 64 && at + 12 <= stream.length) {
      const iso = isoDate(fileTime(view.getUint32(at + 4, true), view.getUint32(at + 8, true)))
      if (iso !== undefined) values.set(name, iso)
    }
  }
  return codePage
}

/** Milliseconds since 1970 of a FILETIME, tenths of microseconds since 1601; exact without big integers. */
function fileTime(low: number, high: number): number {
  const upper = high * 2 ** 32
  const rest = upper % 10_000
  return Math.round((upper - rest) / 10_000) + Math.floor((rest + low) / 10_000) - 11_644_473_600_000
}

/** Text in a Windows code page; 1200 is UTF-16, 65001 UTF-8. Ends at the first zero. */
export function decodePage(bytes: Uint8Array, codePage: number): string {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (codePage !== 1200) {
    const latin = file.toString('latin1')
    if (!/[\u0080-\u00ff]/.test(latin)) return latin.split('\u0000', 1)[0]!
  }
  const encoding =
    codePage === 1200 ? 'utf-16le' : codePage === 65_001 ? 'utf8' : codePage === 10_000 ? 'macroman' : `cp${codePage}`
  const text = iconv.decode(file, iconv.encodingExists(encoding) ? encoding : 'cp1252')
  const end = text.indexOf('\u0000')
  return end < 0 ? text : text.slice(0, end)
}
