import { type ArtRecord, artRecords, artText, artType } from './art.ts'
import type { DocFib } from './doc-fib.ts'

/** A shape that floats, with those that are grouped in it. */
export interface DocShape {
  /** Numbers of all of them; text boxes are told by these. */
  readonly ids: readonly number[]
  /** WordArt, and descriptions of pictures. */
  readonly texts: readonly string[]
}

const maxGroups = 20
const maxShapes = 20_000
/** Behind its header a picture that is linked has its file's name ([MS-DOC] 2.9.190). */
const linked = 0x66

/** What a picture in the line is described as: its place in the Data stream leads to a header and a shape ([MS-DOC] 2.9.192). */
export function pictureText(data: DataView, at: number): string {
  if (at + 0x44 > data.byteLength) return ''
  const end = Math.min(data.byteLength, at + data.getUint32(at, true))
  let start = at + data.getUint16(at + 4, true)
  if (data.getUint16(at + 6, true) === linked && start < end) start += 1 + data.getUint8(start)
  for (const shape of artRecords(data, start, end)) if (shape.type === artType.shape) return shapeText(data, shape)
  return ''
}

/** The shapes of the drawing layer by their numbers ([MS-DOC] 2.9.172). Throws RangeError on damage. */
export function readShapes({ part }: DocFib): ReadonlyMap<number, DocShape> {
  const shapes = new Map<number, DocShape>()
  const art = part('drawings')
  if (!art) return shapes
  const groupData = artRecords(art, 0, art.byteLength).next().value
  // Before each drawing a byte says whether it belongs to the text or to headers.
  for (let at = groupData ? groupData.end + 1 : art.byteLength; at + 8 <= art.byteLength; ) {
    const drawing = artRecords(art, at, art.byteLength).next().value
    if (!drawing) break
    if (drawing.type === artType.drawing)
      for (const top of artRecords(art, drawing.start, drawing.end))
        if (top.type === artType.group)
          for (const each of artRecords(art, top.start, top.end)) {
            const found: { ids: number[]; texts: string[] } = { ids: [], texts: [] }
            collect(art, each, 0, found)
            if (found.ids.length > 0 && shapes.size < maxShapes) shapes.set(found.ids[0]!, found)
          }
    at = drawing.end + 1
  }
  return shapes
}

function collect(art: DataView, record: ArtRecord, depth: number, into: { ids: number[]; texts: string[] }): void {
  if (record.type === artType.group && depth < maxGroups)
    for (const inner of artRecords(art, record.start, record.end)) collect(art, inner, depth + 1, into)
  if (record.type !== artType.shape) return
  for (const part of artRecords(art, record.start, record.end))
    if (part.type === artType.shapeId) into.ids.push(art.getInt32(part.start, true))
  const text = shapeText(art, record)
  if (text !== '') into.texts.push(text)
}

function shapeText(view: DataView, shape: ArtRecord): string {
  for (const part of artRecords(view, shape.start, shape.end)) {
    const text = part.type === artType.properties || part.type === artType.moreProperties ? artText(view, part) : ''
    if (text !== '') return text
  }
  return ''
}
