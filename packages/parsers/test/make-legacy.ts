import { compoundOf } from './make-documents.ts'

interface DocParagraph {
  readonly text: string
  /** Index into a stylesheet of heading 1. */
  readonly style?: number
  readonly sprms?: readonly number[]
  /** Properties of its characters. */
  readonly look?: readonly number[]
}

interface DocExtras {
  readonly flags?: number
  /** Parts of the table stream by their place in the header, and bytes that follow one. */
  readonly parts?: Readonly<Record<number, readonly [part: Buffer, behind?: Buffer]>>
  /** Characters of footnotes (1), headers (2), comments (4) and so on, at the end of the text. */
  readonly lengths?: Readonly<Record<number, number>>
  /** The Data stream, where pictures are. */
  readonly data?: Buffer
}

/** A DOC of one piece of 8-bit text: paragraphs with their style and properties. */
export function docOf(
  paragraphs: readonly DocParagraph[],
  { flags = 0, parts = {}, lengths = {}, data }: DocExtras = {},
): Uint8Array {
  const text = Buffer.from(paragraphs.map((paragraph) => paragraph.text).join(''), 'latin1')
  const start = 0x400
  const page = Math.ceil((start + text.length) / 512)
  const word = Buffer.alloc((page + 2) * 512)
  const table: Buffer[] = []
  let tableLength = 0
  const put = (index: number, part: Buffer, behind: Buffer = Buffer.alloc(0)): void => {
    word.writeUInt32LE(tableLength, 0x9a + index * 8)
    word.writeUInt32LE(part.length, 0x9e + index * 8)
    table.push(part, behind)
    tableLength += part.length + behind.length
  }
  word.writeUInt16LE(0xa5ec, 0)
  word.writeUInt16LE(0xc1, 2)
  word.writeUInt16LE(0x0200 | flags, 10)
  const aside = Object.values(lengths).reduce((sum, length) => sum + length, 0)
  word.writeUInt32LE(text.length - aside, 0x4c)
  for (const [story, length] of Object.entries(lengths)) word.writeUInt32LE(length, 0x4c + Number(story) * 4)
  text.copy(word, start)
  let at = start
  let free = 500
  let freeLook = 500
  paragraphs.forEach(({ text: own, style = 0, sprms = [], look = [] }, n) => {
    const looks = (page + 1) * 512
    word.writeUInt32LE(at, looks + n * 4)
    word.writeUInt32LE(at + own.length, looks + (n + 1) * 4)
    if (look.length > 0) {
      freeLook = (freeLook - look.length - 1) & ~1
      Buffer.from([look.length, ...look]).copy(word, looks + freeLook)
      word.writeUInt8(freeLook / 2, looks + (paragraphs.length + 1) * 4 + n)
    }
    word.writeUInt32LE(at, page * 512 + n * 4)
    at += own.length
    const properties = Buffer.from([0, 0, style, 0, ...sprms])
    properties[1] = Math.ceil((properties.length - 2) / 2)
    free = (free - properties.length) & ~1
    properties.copy(word, page * 512 + free)
    word.writeUInt8(free / 2, page * 512 + (paragraphs.length + 1) * 4 + n * 13)
  })
  word.writeUInt32LE(at, page * 512 + paragraphs.length * 4)
  word.writeUInt8(paragraphs.length, page * 512 + 511)
  word.writeUInt8(paragraphs.length, page * 512 + 1023)
  const plc = Buffer.alloc(12)
  plc.writeUInt32LE(start)
  plc.writeUInt32LE(at, 4)
  plc.writeUInt32LE(page, 8)
  const looks = Buffer.from(plc)
  looks.writeUInt32LE(page + 1, 8)
  const clx = Buffer.alloc(21)
  clx.writeUInt8(2)
  clx.writeUInt32LE(16, 1)
  clx.writeUInt32LE(text.length, 9)
  clx.writeUInt32LE((0x40000000 | (start * 2)) >>> 0, 15)
  const sheet = Buffer.from([
    4, 0, 2, 0, 0, 0, /* normal */ 4, 0, 0, 0, 0xf1, 0xff, /* heading 1 */ 4, 0, 1, 0, 0xf1, 0xff,
  ])
  put(1, sheet)
  put(12, looks)
  put(13, plc)
  put(33, clx)
  for (const [index, [part, behind]] of Object.entries(parts)) put(Number(index), part, behind)
  return compoundOf({
    WordDocument: word,
    '1Table': Buffer.concat([...table, Buffer.alloc(5000)]),
    ...(data && { Data: data }),
  })
}

/** A record of PowerPoint's and of drawings: records within a record make it a container. */
export function record(type: number, content: Buffer | readonly Buffer[], instance = 0): Buffer {
  const container = Array.isArray(content)
  const data = Buffer.concat(container ? [...(content as readonly Buffer[])] : [content as Buffer])
  const head = Buffer.alloc(8)
  head.writeUInt16LE((instance << 4) | (container ? 15 : 0))
  head.writeUInt16LE(type, 2)
  head.writeUInt32LE(data.length, 4)
  return Buffer.concat([head, data])
}
/** Numbers of 32 bits, little-endian. */
export const words = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4)
  values.forEach((value, n) => {
    bytes.writeUInt32LE(value, n * 4)
  })
  return bytes
}

/** Parts of a list with a level `%1.` of decimals, one `(a)` below it, and one override that starts at 3. */
export function docLists(): readonly [lists: Buffer, levels: Buffer, overrides: Buffer, starts: Buffer] {
  const level = (format: number, text: number[]): Buffer => {
    const head = Buffer.alloc(28)
    head.writeUInt32LE(1)
    head.writeUInt8(format, 4)
    return Buffer.concat([head, Buffer.from(new Uint16Array([text.length, ...text]).buffer)])
  }
  const list = Buffer.alloc(30)
  list.writeUInt16LE(1)
  list.writeUInt32LE(77, 2)
  const period = 46
  const levels = [level(0, [0, period]), level(4, [40, 1, 41])]
  while (levels.length < 9) levels.push(level(23, [0xf0b7]))
  const overrides = Buffer.alloc(36)
  overrides.writeUInt32LE(2)
  overrides.writeUInt32LE(77, 4)
  overrides.writeUInt32LE(77, 20)
  overrides.writeUInt8(1, 32)
  return [list, Buffer.concat(levels), overrides, Buffer.concat([words(0, 0), words(3, 0x10)])]
}

/** UTF-16. */
export const wide = (text: string): Buffer => Buffer.from(text, 'utf16le')

/** A shape of a drawing with its number and a text among its properties: 0x381 describes, 0xC0 is WordArt. */
export function artShape(id: number, property = 0, text = ''): Buffer {
  const head = Buffer.alloc(6)
  head.writeUInt16LE(0x8000 | property)
  const value = wide(`${text}\0`)
  head.writeUInt32LE(value.length, 2)
  return record(0xf004, [
    record(0xf00a, words(id, 0)),
    ...(property === 0 ? [] : [record(0xf00b, Buffer.concat([head, value]), 1)]),
  ])
}

/** The drawings of a DOC, some of whose shapes are groups. */
export function docDrawings(...shapes: readonly (Buffer | readonly Buffer[])[]): Buffer {
  const tops = shapes.map((shape) => (Buffer.isBuffer(shape) ? shape : record(0xf003, [...shape])))
  const drawing = record(0xf002, [record(0xf008, words(0, 0)), record(0xf003, [artShape(1), ...tops])])
  return Buffer.concat([record(0xf000, [record(0xf006, Buffer.alloc(24))]), Buffer.from([0]), drawing])
}

/** An entry of the Data stream: a header, and what follows it. */
export function dataEntry(content: Buffer): Buffer {
  const head = Buffer.alloc(0x44)
  head.writeUInt32LE(head.length + content.length)
  head.writeUInt16LE(head.length, 4)
  head.writeUInt16LE(0x64, 6)
  return Buffer.concat([head, content])
}

/** The data of a form's field: 1 is a box to tick, 2 a list to choose from. */
export function formField(kind: number, result: number, choices: readonly string[] = []): Buffer {
  const counted = (text: string): Buffer => {
    const length = Buffer.alloc(2)
    length.writeUInt16LE(text.length)
    return Buffer.concat([length, wide(text)])
  }
  const head = Buffer.alloc(10)
  head.writeUInt32LE(0xffffffff)
  head.writeUInt16LE(kind | (result << 2), 4)
  const texts = ['', '', '', '', ''].map((text) => Buffer.concat([counted(text), Buffer.alloc(2)]))
  const list = Buffer.alloc(6)
  list.writeUInt16LE(0xffff)
  list.writeUInt16LE(choices.length, 2)
  const initial = Buffer.alloc(2)
  return dataEntry(
    Buffer.concat([head, counted('n'), Buffer.alloc(2), initial, ...texts, list, ...choices.map(counted)]),
  )
}

/** A document of Word 2 with text and a header. */
export function word2(main: string, margin: string): Uint8Array {
  const text = Buffer.from(main + margin, 'latin1')
  const file = Buffer.alloc(0x180 + text.length + 12)
  file.writeUInt16LE(0xa5db)
  file.writeUInt16LE(0x2d, 2)
  file.writeUInt16LE(0x409, 6)
  file.writeUInt32LE(0x180, 0x18)
  file.writeUInt32LE(0x180 + text.length, 0x1c)
  file.writeUInt32LE(main.length, 0x34)
  file.writeUInt32LE(margin.length, 0x3c)
  // Where headers begin, which is the eleventh of its parts.
  file.writeUInt32LE(0x180 + text.length, 0x58 + 66)
  file.writeUInt16LE(8, 0x58 + 70)
  text.copy(file, 0x180)
  words(0, margin.length).copy(file, 0x180 + text.length)
  return new Uint8Array(file)
}

/** A document of Word 95 in characters of two bytes. */
export function wideWord95(text: string): Uint8Array {
  const start = 0x400
  const word = Buffer.alloc(start + text.length * 2 + 4096)
  word.writeUInt16LE(0xa5dc)
  word.writeUInt16LE(0x68, 2)
  word.writeUInt16LE(0x409, 6)
  word.writeUInt16LE(0x1000, 10)
  word.writeUInt32LE(start, 0x18)
  word.writeUInt32LE(start + text.length * 2, 0x1c)
  word.writeUInt32LE(text.length, 0x34)
  wide(text).copy(word, start)
  return compoundOf({ WordDocument: word })
}
