/** What a paragraph's properties say; those a style can set are undefined where they say nothing. */
export interface DocParagraph {
  /** Index into the stylesheet. */
  style: number
  /** Tables it lies in. */
  depth: number
  /** Its mark ends a cell of a table within a table. */
  innerCell: boolean
  /** Its mark ends a row. */
  rowEnd: boolean
  /** Index into the list overrides, from 1; 0 for none. */
  list: number | undefined
  level: number | undefined
  /** 1 to 9. */
  outline: number | undefined
  /** Where cells begin and end from left to right, in twentieths of a point; only where a row ends. */
  edges: readonly number[] | undefined
  /** Where in the Data stream more of its properties stand, when they are too many for their page. */
  more: number | undefined
  /** Word 6 and 95: 10 is an item with a number, 11 one with a bullet. */
  oldLevel: number
  /** How its number looks. */
  oldNumber:
    | { readonly format: number; readonly start: number; readonly before: string; readonly after: string }
    | undefined
}

/** Of characters. On and off are 1 and 0, 128 stands for what the style says, 129 for its opposite. */
export interface DocCharacters {
  bold: number
  italic: number
  hidden: number
  deleted: boolean
  /** A character style's index. */
  style: number | undefined
  font: number | undefined
  language: number | undefined
  /** A character of a symbol font stands for the one in the text. */
  symbol: { readonly font: number; readonly code: number } | undefined
  /** Where in the Data stream a picture is, or the data of a form's field. */
  picture: number | undefined
  isData: boolean
  /** The number of an embedded object stands in place of a picture's. */
  isObject: boolean
}

export const asStyle = 128

export function newParagraph(style: number): DocParagraph {
  return {
    style,
    depth: 0,
    innerCell: false,
    rowEnd: false,
    list: undefined,
    level: undefined,
    outline: undefined,
    edges: undefined,
    more: undefined,
    oldLevel: 0,
    oldNumber: undefined,
  }
}

export function newCharacters(): DocCharacters {
  return {
    bold: asStyle,
    italic: asStyle,
    hidden: asStyle,
    deleted: false,
    style: undefined,
    font: undefined,
    language: undefined,
    symbol: undefined,
    picture: undefined,
    isData: false,
    isObject: false,
  }
}

/** Applies the paragraph properties that stand between two offsets ([MS-DOC] 2.6.2); `old` is how Word 6 wrote them. */
export function readParagraph(view: DataView, start: number, end: number, old: boolean, into: DocParagraph): void {
  eachSprm(view, start, end, old, (code, at, size) => {
    switch (code) {
      case 0x4600:
        into.style = view.getUint16(at, true)
        break
      case 0x2416:
        if (view.getUint8(at) === 0) into.depth = 0
        else if (into.depth === 0) into.depth = 1
        break
      case 0x6649:
        into.depth = Math.max(into.depth === 0 ? 0 : 1, Math.min(20, view.getInt32(at, true)))
        break
      case 0x2417:
      case 0x244c:
        into.rowEnd = view.getUint8(at) !== 0
        break
      case 0x244b:
        into.innerCell = view.getUint8(at) !== 0
        break
      case 0x260a:
        into.level = Math.min(8, view.getUint8(at))
        break
      case 0x460b:
        into.list = Math.abs(view.getInt16(at, true))
        break
      case 0x2640: {
        const level = view.getUint8(at)
        if (level < 9) into.outline = level + 1
        break
      }
      case 0x6645:
      case 0x6646:
        into.more = view.getUint32(at, true)
        break
      case 0xd608:
        into.edges = readEdges(view, at + 2, size - 2)
        break
      case 0x000d:
        into.oldLevel = view.getUint8(at)
        break
      case 0x000c:
        if (size >= 22) into.oldNumber = readOldNumber(view, at + 1, size - 1)
        break
    }
  })
}

function readEdges(view: DataView, at: number, size: number): readonly number[] | undefined {
  const count = size > 0 ? view.getUint8(at) + 1 : 0
  if (count < 2 || count > 65 || 1 + count * 2 > size) return undefined
  const edges: number[] = []
  for (let n = 0; n < count; n++) edges.push(view.getInt16(at + 1 + n * 2, true))
  return edges
}

/** An ANLD: the texts around the number stand in one string, with the places where each ends. */
function readOldNumber(view: DataView, at: number, size: number): DocParagraph['oldNumber'] {
  const bytes = Buffer.from(view.buffer, view.byteOffset + at + 20, size - 20)
  const middle = view.getUint8(at + 1)
  return {
    format: view.getUint8(at),
    start: view.getUint16(at + 10, true),
    before: bytes.toString('latin1', 0, middle),
    after: bytes.toString('latin1', middle, Math.max(middle, view.getUint8(at + 2))),
  }
}

/** Applies character properties, as {@link readParagraph} does. */
export function readCharacters(view: DataView, start: number, end: number, old: boolean, into: DocCharacters): void {
  eachSprm(view, start, end, old, (code, at, size) => {
    switch (code) {
      case 0x0835:
        into.bold = view.getUint8(at)
        break
      case 0x0836:
        into.italic = view.getUint8(at)
        break
      case 0x083c:
        into.hidden = view.getUint8(at)
        break
      case 0x0800:
        into.deleted = view.getUint8(at) === 1
        break
      case 0x4a30:
        into.style = view.getUint16(at, true)
        break
      case 0x4a4f:
      case 0x4a3d:
        into.font = view.getUint16(at, true)
        break
      case 0x486d:
      case 0x4873:
        into.language = view.getUint16(at, true)
        break
      case 0x6a03:
        into.picture = view.getUint32(at, true)
        break
      case 0x0806:
        into.isData = view.getUint8(at) === 1
        break
      case 0x080a:
        into.isObject = view.getUint8(at) === 1
        break
      case 0x680e:
        into.picture = view.getUint32(at, true)
        break
      case 0x6a09:
        into.symbol = { font: view.getUint16(at, true), code: view.getUint16(at + 2, true) }
        break
      case 0x004a:
        if (size >= 4) into.symbol = { font: view.getUint16(at + 1, true), code: 0xf000 | view.getUint8(at + 3) }
        break
    }
  })
}

/** The size of an operand stands in the top three bits of its code ([MS-DOC] 2.6.1). */
const operandBytes = [1, 1, 2, 4, 2, 2, 0, 3]

function eachSprm(
  view: DataView,
  start: number,
  end: number,
  old: boolean,
  hear: (code: number, at: number, size: number) => void,
): void {
  const head = old ? 1 : 2
  for (let at = start; at + head <= end; ) {
    let code: number
    let size: number
    if (old) {
      const byte = view.getUint8(at++)
      code = oldCodes.get(byte) ?? byte
      size = oldSizes[byte] ?? 255
      if (size === 255) return
      if (size === variable) size = at < end ? view.getUint8(at) + 1 : 1
      else if (size === wide) size = at + 2 <= end ? view.getUint16(at, true) + 1 : 2
    } else {
      code = view.getUint16(at, true)
      at += 2
      size = operandBytes[code >> 13]!
      if (size === 0) {
        const isTable = code === 0xd608 || code === 0xd606
        size = isTable ? (at + 2 <= end ? view.getUint16(at, true) + 1 : 2) : at < end ? view.getUint8(at) + 1 : 1
      }
    }
    if (at + size > end) return
    hear(code, at, size)
    at += size
  }
}

const variable = 254
const wide = 253

/** Bytes of the operands of Word 6's codes; 255 where there is no such code. */
const oldSizes: readonly number[] = (() => {
  const sizes = new Array<number>(256).fill(255)
  const set = (size: number, ...codes: number[]): void => {
    for (const code of codes) sizes[code] = size
  }
  const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n)
  set(0, 83)
  set(1, ...range(4, 11), 13, 14, 24, 25, 29, 37, 44, 50, 51, 65, 66, 67, 71, 75, ...range(85, 92), 98, 100, 102, 104)
  set(1, 111, 112, 113, 114, 117, 118, 119, 185, 186)
  set(2, 2, 16, 17, 18, 19, 21, 22, 26, 27, 28, ...range(30, 35), ...range(38, 43), ...range(45, 49), 69, 72, 80)
  set(2, 93, 94, 96, 97, 99, 101, 107, 109, 110, 182, 183, 184, 189)
  set(3, 73, 95)
  set(4, 20, 70, 192)
  set(variable, 3, 12, 15, 23, 68, 74, 81, 82, 103, 105, 106, 108, 120, 187, 191)
  set(wide, 188, 190)
  return sizes
})()

/** Word 6's codes by what has taken their place. */
const oldCodes: ReadonlyMap<number, number> = new Map([
  [2, 0x4600],
  [24, 0x2416],
  [25, 0x2417],
  [65, 0x0800],
  [80, 0x4a30],
  [85, 0x0835],
  [86, 0x0836],
  [92, 0x083c],
  [93, 0x4a3d],
  [97, 0x486d],
  [190, 0xd608],
])
