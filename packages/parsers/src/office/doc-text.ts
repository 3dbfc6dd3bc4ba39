import iconv from 'iconv-lite'
import { FormatError } from '../format.ts'
import type { BlockWriter } from './blocks.ts'
import type { DocParagraph, Runs } from './doc-properties.ts'
import { Inline } from './inline.ts'

/** A stretch of the text: characters from `start` to `end`, kept at `offset` in the stream. */
interface Piece {
  readonly start: number
  readonly end: number
  readonly offset: number
  readonly wide: boolean
  readonly text: string
}

export interface DocText {
  readonly pieces: readonly Piece[]
  readonly headings: readonly (number | undefined)[]
  readonly paragraphs: Runs<DocParagraph>
  readonly unseen: Runs<boolean>
}

/** The piece table ([MS-DOC] 2.8.35), or the one run of text that files before Word 97 have. */
export function makePieces(stream: Uint8Array, fib: DataView, clx: DataView | undefined): Piece[] {
  const bytes = Buffer.from(stream.buffer, stream.byteOffset, stream.byteLength)
  if (!clx) {
    const start = fib.getUint32(0x18, true)
    const end = Math.min(fib.getUint32(0x1c, true), stream.length)
    if (start >= end) throw new FormatError('corrupt', 'Its text cannot be found: the table of pieces is missing')
    return [
      {
        start: 0,
        end: end - start,
        offset: start,
        wide: false,
        text: iconv.decode(bytes.subarray(start, end), 'cp1252'),
      },
    ]
  }
  let at = 0
  while (at + 3 <= clx.byteLength && clx.getUint8(at) === 1) at += 3 + clx.getUint16(at + 1, true)
  if (at + 5 > clx.byteLength || clx.getUint8(at) !== 2)
    throw new FormatError('corrupt', 'Its table of pieces is damaged')
  const count = Math.floor((Math.min(clx.getUint32(at + 1, true), clx.byteLength - at - 5) - 4) / 12)
  const pieces: Piece[] = []
  let total = 0
  for (let n = 0; n < count; n++) {
    const start = clx.getUint32(at + 5 + n * 4, true)
    const end = clx.getUint32(at + 9 + n * 4, true)
    const fc = clx.getUint32(at + 5 + (count + 1) * 4 + n * 8 + 2, true)
    const wide = (fc & 0x40000000) === 0
    const offset = wide ? fc : (fc & 0x3fffffff) >> 1
    const last = Math.min(stream.length, offset + (end - start) * (wide ? 2 : 1))
    // Pieces may overlap in a hostile file; together they cannot hold more than a few times the stream.
    total += Math.max(0, last - offset)
    if (end < start || total > stream.length * 4) throw new FormatError('corrupt', 'Its table of pieces is damaged')
    const slice = bytes.subarray(offset, Math.max(offset, last))
    pieces.push({ start, end, offset, wide, text: wide ? slice.toString('utf16le') : iconv.decode(slice, 'cp1252') })
  }
  return pieces
}

/** Characters that end a paragraph, a cell or a page, open and close fields, or stand for objects. */
const special = /[\u0000-\u001f]/g

/** Writes the characters from `from` to `to` as blocks. */
export function writeDocText(out: BlockWriter, doc: DocText, from: number, to: number): void {
  let inline = new Inline()
  let tableOpen = false
  let cell = false
  const fields: { instruction: string; result: boolean }[] = []

  const add = (text: string, offset: number): void => {
    const field = fields.at(-1)
    if (field && !field.result) {
      if (field.instruction.length < 4000) field.instruction += text
    } else if (doc.unseen.at(offset) !== true) inline.add(text)
  }
  const endParagraph = (offset: number, mark: number): void => {
    const paragraph = doc.paragraphs.at(offset)
    const text = inline.toString()
    inline = new Inline()
    if (paragraph?.inTable && !tableOpen) {
      tableOpen = true
      out.openTable()
      out.openRow()
    } else if (!paragraph?.inTable && tableOpen) {
      tableOpen = false
      out.closeTable()
    }
    if (tableOpen) {
      if (mark === 7 && paragraph?.rowEnd) {
        cell = false
        out.openRow()
        return
      }
      if (!cell) out.openCell()
      cell = mark !== 7
    }
    const heading = paragraph?.outline ?? doc.headings[paragraph?.style ?? -1]
    if (heading !== undefined && text.length < 1000) out.heading(heading, text)
    else if (paragraph?.list !== undefined) out.item(paragraph.list, '-', text)
    else out.text(text)
  }

  for (const piece of doc.pieces) {
    if (piece.end <= from || piece.start >= to) continue
    const width = piece.wide ? 2 : 1
    const last = Math.min(piece.text.length, to - piece.start)
    const { text } = piece
    let at = Math.max(0, from - piece.start)
    const addUpTo = (end: number): void => {
      // What is deleted or hidden changes only where a run of properties begins.
      while (at < end) {
        const offset = piece.offset + at * width
        const next = nextStart(doc.unseen.starts, offset)
        const stop = Math.min(end, at + Math.max(1, Math.ceil((next - offset) / width)))
        add(text.slice(at, stop), offset)
        at = stop
      }
    }
    special.lastIndex = at
    for (;;) {
      const match = special.exec(text)
      const end = match && match.index < last ? match.index : last
      addUpTo(end)
      if (!match || match.index >= last) break
      at = end + 1
      special.lastIndex = at
      control(text.charCodeAt(end), piece.offset + end * width)
    }
  }
  if (inline.plain() !== '') endParagraph(-1, 13)
  if (tableOpen) out.closeTable()

  function control(code: number, offset: number): void {
    if (code === 13 || code === 7 || code === 12) endParagraph(offset, code)
    else if (code === 11) add('\n', offset)
    else if (code === 9) add('\t', offset)
    else if (code === 30) add('-', offset)
    else if (code === 19) fields.push({ instruction: '', result: false })
    else if (code === 20) {
      const field = fields.at(-1)
      if (!field) return
      field.result = true
      const target = /^\s*HYPERLINK\s+"([^"]+)"/.exec(field.instruction)?.[1]
      if (target) inline.url = target
    } else if (code === 21) {
      fields.pop()
      inline.url = undefined
    }
  }
}

function nextStart(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (starts[middle]! <= offset) low = middle + 1
    else high = middle
  }
  return starts[low] ?? Number.MAX_SAFE_INTEGER
}
