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
  drawings: [50, 0],
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
  /** Its text is in characters of two bytes, as East Asian versions of Word 95 wrote it. */
  readonly wide: boolean
  /** The language of the program that wrote it (LCID). */
  readonly lid: number
  /** Characters of main text, footnotes, headers, macros, comments, endnotes, text boxes, text boxes in headers. */
  readonly lengths: readonly number[]
  part(name: DocPart): DataView | undefined
  /** The stream of what was too large elsewhere. */
  data(): DataView | undefined
  /** A stream of an embedded object, by the object's number. */
  object(id: number, name: string): Uint8Array | undefined
  /** The part and all that stands behind it: levels of lists are kept there. */
  from(name: DocPart): { readonly view: DataView; readonly length: number } | undefined
}

const word2Parts: ReadonlySet<DocPart> = new Set(['footnoteMarks', 'footnotes', 'commentMarks', 'comments', 'margins'])

/** Whether a file is one of Word 2, which is no compound file: its whole is what later versions keep in a stream. */
export function isWord2(bytes: Uint8Array): boolean {
  return bytes.length > 0x180 && bytes[0] === 0xdb && bytes[1] === 0xa5
}

/**
 * Word 2, whose header is like that of Word 6 but for lengths of two bytes. Its text is read with notes and headers, not
 * its styles. Throws FormatError `encrypted`.
 */
export function readWord2(file: Uint8Array): DocFib {
  const word = new DataView(file.buffer, file.byteOffset, file.byteLength)
  refuseLocked(word)
  const from: DocFib['from'] = (name) => {
    const at = 0x58 + places[name][0] * 6
    const offset = word.getUint32(at, true)
    const length = word.getUint16(at + 4, true)
    return word2Parts.has(name) && length > 0 && offset + length <= file.length
      ? { view: new DataView(file.buffer, file.byteOffset + offset, file.length - offset), length }
      : undefined
  }
  return makeFib(file, {
    old: true,
    wide: false,
    lengths: [0x34, 0x38, 0x3c, 0x40, 0x44],
    from,
    data: () => undefined,
    object: () => undefined,
  })
}

/** Throws FormatError `corrupt` and `encrypted`. */
export function readFib(file: CompoundFile): DocFib {
  const stream = file.stream('WordDocument')
  if (!stream || stream.length < 0x60) throw new FormatError('corrupt', 'It has no WordDocument stream')
  const word = new DataView(stream.buffer, stream.byteOffset, stream.byteLength)
  const flags = refuseLocked(word)
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
  let folders: ReturnType<CompoundFile['folders']> | undefined
  return makeFib(stream, {
    old,
    wide: old && (flags & 0x1000) !== 0,
    lengths: Array.from({ length: 8 }, (_, n) => first + n * 4),
    from,
    data() {
      const data = file.stream('Data')
      return data && new DataView(data.buffer, data.byteOffset, data.byteLength)
    },
    object(id, name) {
      folders ??= file.folders()
      const inside = (folder: number | undefined, wanted: string) =>
        folder === undefined ? undefined : folders?.get(folder)?.find((entry) => entry.name === wanted)
      const entry = inside(inside(inside(0, 'ObjectPool')?.id, `_${id}`)?.id, name)
      return entry && file.read(entry)
    },
  })
}

/** The header's flags. */
function refuseLocked(word: DataView): number {
  const flags = word.getUint16(10, true)
  if ((flags & 0x0100) !== 0) throw new FormatError('encrypted', 'The Word document is protected with a password')
  return flags
}

function makeFib(
  stream: Uint8Array,
  rest: Pick<DocFib, 'old' | 'wide' | 'from' | 'data' | 'object'> & { readonly lengths: readonly number[] },
): DocFib {
  const word = new DataView(stream.buffer, stream.byteOffset, stream.byteLength)
  const lengths = rest.lengths.map((at) => word.getUint32(at, true))
  while (lengths.length < 8) lengths.push(0)
  return {
    ...rest,
    word,
    bytes: Buffer.from(stream.buffer, stream.byteOffset, stream.byteLength),
    lid: word.getUint16(6, true),
    lengths,
    part(name) {
      const found = rest.from(name)
      return found && new DataView(found.view.buffer, found.view.byteOffset, found.length)
    },
  }
}

/** What damage may cost alone, such as the names of authors: undefined when it cannot be read. */
export function unlessDamaged<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError || (error instanceof FormatError && error.code === 'corrupt')) return undefined
    throw error
  }
}
