/** What is known of a run of bytes in a DOC: of a paragraph, or of characters. */
export interface DocParagraph {
  /** Index into the stylesheet. */
  readonly style: number
  inTable: boolean
  /** The mark at its end ends a row. */
  rowEnd: boolean
  /** Part of a list, at this level. */
  list: number | undefined
  /** 1 to 9 where set on the paragraph itself. */
  outline: number | undefined
}

/** Ranges of file offsets, rising. */
export interface Runs<T> {
  readonly starts: readonly number[]
  readonly values: readonly T[]
  at(offset: number): T | undefined
}

interface Sprm {
  readonly code: number
  readonly value: number
}

/** Reads the property runs behind a PlcBte: pages of 512 bytes in the WordDocument stream ([MS-DOC] 2.9.33, 2.9.174). */
export function readRuns<T>(
  doc: DataView,
  plc: DataView | undefined,
  read: (page: DataView, index: number, count: number) => T,
): Runs<T> {
  const starts: number[] = []
  const values: T[] = []
  const pages = plc ? Math.floor((plc.byteLength - 4) / 8) : 0
  for (let n = 0; n < pages; n++) {
    const offset = (plc!.getUint32((pages + 1) * 4 + n * 4, true) & 0x3fffff) * 512
    if (offset + 512 > doc.byteLength) continue
    const page = new DataView(doc.buffer, doc.byteOffset + offset, 512)
    const count = Math.min(page.getUint8(511), 101)
    for (let index = 0; index < count; index++) {
      starts.push(page.getUint32(index * 4, true))
      values.push(read(page, index, count))
    }
  }
  return {
    starts,
    values,
    at(offset) {
      let low = 0
      let high = starts.length - 1
      while (low <= high) {
        const middle = (low + high) >> 1
        if (starts[middle]! <= offset) low = middle + 1
        else high = middle - 1
      }
      return values[high]
    },
  }
}

export function readParagraph(page: DataView, index: number, count: number): DocParagraph {
  const at = page.getUint8((count + 1) * 4 + index * 13) * 2
  let style = 0
  const found: DocParagraph = { style, inTable: false, rowEnd: false, list: undefined, outline: undefined }
  if (at === 0 || at > 508) return found
  const first = page.getUint8(at)
  const start = first === 0 ? at + 2 : at + 1
  const length = first === 0 ? page.getUint8(at + 1) * 2 : first * 2 - 1
  if (start + 2 > 511) return found
  style = page.getUint16(start, true)
  const paragraph: DocParagraph = { ...found, style }
  let level = 0
  let listed = false
  for (const { code, value } of sprms(page, start + 2, Math.min(511, start + length))) {
    if (code === 0x2416) paragraph.inTable = value !== 0
    else if (code === 0x2417) paragraph.rowEnd = value !== 0
    else if (code === 0x260a) level = value
    else if (code === 0x460b) listed = value !== 0
    else if (code === 0x2640 && value < 9) paragraph.outline = value + 1
  }
  if (listed) paragraph.list = Math.min(8, level)
  return paragraph
}

/** True for characters that are deleted in a tracked change, or hidden. */
export function readUnseen(page: DataView, index: number, count: number): boolean {
  const at = page.getUint8((count + 1) * 4 + index) * 2
  if (at === 0 || at > 508) return false
  for (const { code, value } of sprms(page, at + 1, Math.min(511, at + 1 + page.getUint8(at)))) {
    if ((code === 0x0800 || code === 0x083c) && value === 1) return true
  }
  return false
}

/** The size of an operand stands in the top three bits of its code ([MS-DOC] 2.6.1). */
const operandBytes = [1, 1, 2, 4, 2, 2, 0, 3]

function* sprms(view: DataView, start: number, end: number): Generator<Sprm> {
  for (let at = start; at + 3 <= end; ) {
    const code = view.getUint16(at, true)
    at += 2
    let size = operandBytes[code >> 13]!
    if (size === 0) size = code === 0xd608 ? (at + 2 <= end ? view.getUint16(at, true) + 1 : 2) : view.getUint8(at) + 1
    if (at + size > end) return
    yield { code, value: size === 1 ? view.getUint8(at) : size === 2 ? view.getUint16(at, true) : 0 }
    at += size
  }
}

/** The heading level each style of a stylesheet stands for: its own, or that of the style it is based on. */
export function readHeadings(stsh: DataView | undefined): readonly (number | undefined)[] {
  if (!stsh || stsh.byteLength < 8) return []
  const count = Math.min(4000, stsh.getUint16(2, true))
  const own: (number | undefined)[] = []
  const bases: number[] = []
  let at = 2 + stsh.getUint16(0, true)
  for (let n = 0; n < count && at + 2 <= stsh.byteLength; n++) {
    const size = stsh.getUint16(at, true)
    at += 2
    if (size >= 4 && at + 4 <= stsh.byteLength) {
      const sti = stsh.getUint16(at, true) & 0xfff
      own[n] = sti >= 1 && sti <= 9 ? sti : sti === 62 ? 1 : sti === 74 ? 2 : undefined
      bases[n] = stsh.getUint16(at + 2, true) >> 4
    }
    at += size
  }
  return own.map((_, n) => {
    for (let style = n, steps = 0; steps < 12; steps++) {
      if (own[style] !== undefined) return own[style]
      style = bases[style] ?? 0xfff
      if (style === 0xfff) return undefined
    }
    return undefined
  })
}
