import type { CompoundFile } from '../cfb.ts'
import { FormatError } from '../format.ts'

/** Parts of a DOC by the place of their offset and length in the header: since Word 97 as an index, before in bytes. */
const places = {
  styles: [1, 0x60],
  footnoteMarks: [2, 0x68],
  footnotes: [3, 0x70],
  commentMarks: [4, 0x78],
  comments: [5, 0x80],
  margins: [11, 0xb0],
  characters: [12, 0xb8],
  paragraphs: [13, 0xc0],
  fonts: [15, 0xd0],
  pieces: [33, 0x160],
  commentAuthors: [36, 0],
  anchors: [40, 0],
  endnoteMarks: [46, 0x1d2],
  endnotes: [47, 0x1da],
  boxes: [56, 0],
  lists: [73, 0],
  listOverrides: [74, 0],
} as const

export type DocPart = keyof typeof places

/** The header of the WordDocument stream ([MS-DOC] 2.5) and what it points to. */
export interface DocFib {
  readonly word: DataView
  readonly bytes: Buffer
  /** Word 6 or 95. */
  readonly old: boolean
  /** The language of the program that wrote it (LCID). */
  readonly lid: number
  /** Characters of main text, footnotes, headers, macros, comments, endnotes, text boxes, text boxes in headers. */
  readonly lengths: readonly number[]
  part(name: DocPart): DataView | undefined
  /** The stream of what was too large elsewhere. */
  data(): DataView | undefined
  /** The part and all that stands behind it: levels of lists are kept there. */
  from(name: DocPart): { readonly view: DataView; readonly length: number } | undefined
}

/** Throws FormatError `corrupt` and `encrypted`. */
export function readFib(file: CompoundFile): DocFib {
  const stream = file.stream('WordDocument')
  if (!stream || stream.length < 0x60) throw new FormatError('corrupt', 'It has no WordDocument stream')
  const word = new DataView(stream.buffer, stream.byteOffset, stream.byteLength)
  const flags = word.getUint16(10, true)
  if ((flags & 0x0100) !== 0) throw new FormatError('encrypted', 'The Word document is protected with a password')
  const old = word.getUint16(2, true) < 0xc1
  const table = old ? stream : file.stream((flags & 0x0200) !== 0 ? '1Table' : '0Table')
  const from = (name: DocPart): { view: DataView; length: number } | undefined => {
    const place = places[name]
    const at = old ? place[1] : 0x9a + place[0] * 8
    if (!table || at === 0 || at + 8 > stream.length) return undefined
    const offset = word.getUint32(at, true)
    const length = word.getUint32(at + 4, true)
    return length > 0 && offset + length <= table.length
      ? { view: new DataView(table.buffer, table.byteOffset + offset, table.length - offset), length }
      : undefined
  }
  const first = old ? 0x34 : 0x4c
  const lengths: number[] = []
  for (let n = 0; n < 8; n++) lengths.push(word.getUint32(first + n * 4, true))
  return {
    word,
    bytes: Buffer.from(stream.buffer, stream.byteOffset, stream.byteLength),
    old,
    lid: word.getUint16(6, true),
    lengths,
    from,
    data() {
      const stream = file.stream('Data')
      return stream && new DataView(stream.buffer, stream.byteOffset, stream.byteLength)
    },
    part(name) {
      const found = from(name)
      return found && new DataView(found.view.buffer, found.view.byteOffset, found.length)
    },
  }
}

/** What damage may cost alone, such as the names of authors: undefined when it cannot be read. */
export function unlessDamaged<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
