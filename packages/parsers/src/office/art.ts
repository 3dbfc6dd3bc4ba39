import { pictureMark } from './drawing.ts'

/** Records of OfficeArt ([MS-ODRAW]), as Word and PowerPoint keep them. */
export const artType = {
  drawing: 0xf002,
  group: 0xf003,
  shape: 0xf004,
  shapeId: 0xf00a,
  properties: 0xf00b,
  moreProperties: 0xf122,
} as const

export interface ArtRecord {
  readonly type: number
  readonly instance: number
  readonly start: number
  readonly end: number
}

/** The records between two offsets, one level; stops where a length leads outside. */
export function* artRecords(view: DataView, start: number, end: number): Generator<ArtRecord> {
  for (let at = start; at + 8 <= end; ) {
    const last = at + 8 + view.getUint32(at + 4, true)
    if (last > end) return
    yield { type: view.getUint16(at + 2, true), instance: view.getUint16(at, true) >> 4, start: at + 8, end: last }
    at = last
  }
}

const propertyBytes = 6
const complex = 0x8000
const wordArt = 0x00c0
const description = 0x0381
const maxText = 4000

/** What a shape's properties say to a reader: the text of WordArt ([MS-ODRAW] 2.3.22.1), or how a picture is described (2.3.4.7). */
export function artText(
  view: DataView,
  { start, end, instance: count }: Omit<ArtRecord, 'type'>,
  { pictures = true }: { readonly pictures?: boolean } = {},
): string {
  let at = start + count * propertyBytes
  let text = ''
  let said = ''
  for (let n = 0; n < count && start + (n + 1) * propertyBytes <= end; n++) {
    const id = view.getUint16(start + n * propertyBytes, true)
    if ((id & complex) === 0) continue
    const length = view.getUint32(start + n * propertyBytes + 2, true)
    const property = id & 0x3fff
    if (at + length > end) break
    if (property === wordArt || property === description) {
      const bytes = Buffer.from(view.buffer, view.byteOffset + at, Math.min(length, maxText * 2))
      const value = bytes.toString('utf16le').split('\u0000', 1)[0]!
      if (property === wordArt) text = value
      else if (pictures) said = pictureMark(value)
    }
    at += length
  }
  return text.trim() === '' ? said : text
}
