import { FormatError } from '../format.ts'
import type { DocFib } from './doc-fib.ts'

/** A stretch of the text: characters from `start` to `end`, kept at `offset` in the stream. */
export interface DocPiece {
  readonly start: number
  readonly end: number
  readonly offset: number
  /** Bytes of a character. */
  readonly width: 1 | 2
  /** Of Word 6 and 95 still as bytes, in whatever code page their font has. */
  readonly text: string
  /** Whether some of it stands in the private area, where symbol fonts are. */
  readonly symbols: boolean
  /** Properties a fast save put on top: their bytes, and whether they are written as Word 6 did. */
  readonly changes: { readonly view: DataView; readonly old: boolean } | undefined
}

/** The piece table ([MS-DOC] 2.8.35), or the one run of text that files before Word 97 have. */
export function readPieces({ word, bytes, old, wide, part }: DocFib): readonly DocPiece[] {
  const clx = part('pieces')
  const textOf = (from: number, to: number, width: 1 | 2): string => {
    if (width === 2) return bytes.toString('utf16le', from, to)
    return old ? bytes.toString('latin1', from, to) : ansi(bytes.toString('latin1', from, to))
  }
  if (!clx) {
    const start = word.getUint32(0x18, true)
    const end = Math.min(word.getUint32(0x1c, true), bytes.length)
    if (start >= end) throw new FormatError('corrupt', 'Its text cannot be found: the table of pieces is missing')
    const width = wide ? 2 : 1
    const text = textOf(start, end, width)
    return [{ start: 0, end: text.length, offset: start, width, text, symbols: false, changes: undefined }]
  }
  const changes: DataView[] = []
  let at = 0
  while (at + 3 <= clx.byteLength && clx.getUint8(at) === 1) {
    const length = clx.getUint16(at + 1, true)
    changes.push(
      new DataView(clx.buffer, clx.byteOffset + at + 3, Math.max(0, Math.min(length, clx.byteLength - at - 3))),
    )
    at += 3 + length
  }
  if (at + 5 > clx.byteLength || clx.getUint8(at) !== 2)
    throw new FormatError('corrupt', 'Its table of pieces is damaged')
  const count = Math.floor((Math.min(clx.getUint32(at + 1, true), clx.byteLength - at - 5) - 4) / 12)
  const pieces: DocPiece[] = []
  let total = 0
  for (let n = 0; n < count; n++) {
    const start = clx.getUint32(at + 5 + n * 4, true)
    const end = clx.getUint32(at + 9 + n * 4, true)
    const entry = at + 5 + (count + 1) * 4 + n * 8
    const fc = clx.getUint32(entry + 2, true)
    const width = wide || (!old && (fc & 0x40000000) === 0) ? 2 : 1
    const offset = old || width === 2 ? fc : (fc & 0x3fffffff) >> 1
    const last = Math.min(bytes.length, offset + (end - start) * width)
    // Pieces may overlap in a hostile file; together they cannot hold more than a few times the stream.
    total += Math.max(0, last - offset)
    if (end < start || total > bytes.length * 4) throw new FormatError('corrupt', 'Its table of pieces is damaged')
    const text = textOf(offset, Math.max(offset, last), width)
    const symbols = width === 2 && /[\uf020-\uf0ff]/.test(text)
    pieces.push({ start, end, offset, width, text, symbols, changes: readChanges(clx, entry + 6, changes, old) })
  }
  return pieces
}

/** A change is one property in two bytes, or a number of one of those that stand before the pieces ([MS-DOC] 2.9.214). */
function readChanges(
  clx: DataView,
  at: number,
  lists: readonly DataView[],
  old: boolean,
): { readonly view: DataView; readonly old: boolean } | undefined {
  const prm = clx.getUint16(at, true)
  if (prm === 0) return undefined
  if ((prm & 1) === 1) {
    const view = lists[prm >> 1]
    return view && { view, old }
  }
  // The short form numbers properties as Word 6 did.
  return { view: new DataView(new Uint8Array([(prm & 0xff) >> 1, prm >> 8]).buffer), old: true }
}

/** Characters of Windows-1252 that ISO 8859-1 has no place for, from 0x80. */
const windows = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'

function ansi(latin: string): string {
  return /[\u0080-\u009f]/.test(latin)
    ? latin.replace(/[\u0080-\u009f]/g, (char) => windows[char.charCodeAt(0) - 0x80]!)
    : latin
}
