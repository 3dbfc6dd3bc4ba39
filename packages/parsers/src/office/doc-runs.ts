import type { DocFib } from './doc-fib.ts'
import {
  type DocCharacters,
  type DocParagraph,
  newCharacters,
  newParagraph,
  readCharacters,
  readParagraph,
} from './doc-sprms.ts'

/** Properties of runs of bytes in the WordDocument stream. */
export interface DocRuns<T> {
  /** Runs there are. */
  readonly count: number
  /** The run in which an offset lies; -1 before the first. Cheap where offsets are asked for in rising order. */
  find(offset: number): number
  /** Where a run ends, at least. */
  end(run: number): number
  /** Undefined where the run has no properties of its own. */
  value(run: number): T | undefined
}

export function paragraphRuns(fib: DocFib): DocRuns<DocParagraph> {
  const { word, old } = fib
  let data: DataView | undefined
  return readRuns(fib, 'paragraphs', old ? 7 : 13, (at, limit) => {
    const first = word.getUint8(at)
    const start = !old && first === 0 ? at + 2 : at + 1
    const length = old ? first * 2 - 1 : first === 0 ? word.getUint8(at + 1) * 2 : first * 2 - 1
    if (start + 2 > limit) return undefined
    const paragraph = newParagraph(word.getUint16(start, true))
    readParagraph(word, start + 2, Math.min(limit, start + length), old, paragraph)
    const { more } = paragraph
    if (more !== undefined) {
      data ??= fib.data()
      if (data && more + 2 < data.byteLength) {
        const end = Math.min(data.byteLength, more + 2 + data.getUint16(more, true))
        readParagraph(data, more + 2, end, old, paragraph)
      }
    }
    return paragraph
  })
}

export function characterRuns(fib: DocFib): DocRuns<DocCharacters> {
  const { word, old } = fib
  return readRuns(fib, 'characters', 1, (at, limit) => {
    const characters = newCharacters()
    readCharacters(word, at + 1, Math.min(limit, at + 1 + word.getUint8(at)), old, characters)
    return characters
  })
}

const pageBytes = 512

/** The runs behind a PlcBte: pages of 512 bytes with offsets and properties ([MS-DOC] 2.9.33, 2.9.174). */
function readRuns<T>(
  { word, old, part }: DocFib,
  name: 'characters' | 'paragraphs',
  entryBytes: number,
  read: (at: number, limit: number) => T | undefined,
): DocRuns<T> {
  const starts: number[] = []
  /** Where each run's properties stand; 0 for none. */
  const places: number[] = []
  let last = 0
  for (const page of pageNumbers(word, old, name, part(name))) {
    const offset = page * pageBytes
    if (offset + pageBytes > word.byteLength) continue
    const most = Math.floor((pageBytes - 5) / (4 + entryBytes))
    const count = Math.min(word.getUint8(offset + pageBytes - 1), most)
    const entries = offset + (count + 1) * 4
    for (let n = 0; n < count; n++) {
      const at = word.getUint8(entries + n * entryBytes) * 2
      starts.push(word.getUint32(offset + n * 4, true))
      places.push(at === 0 || at > pageBytes - 4 ? 0 : offset + at)
    }
    last = word.getUint32(offset + count * 4, true)
  }
  const count = starts.length
  starts.push(last)
  const values = new Map<number, T | undefined>()
  let near = -1
  return {
    count,
    find(offset) {
      if (near >= 0 && starts[near]! <= offset) {
        if (offset < starts[near + 1]!) return near
        if (near + 2 <= count && starts[near + 1]! <= offset && offset < starts[near + 2]!) return ++near
      }
      let low = 0
      let high = count - 1
      while (low <= high) {
        const middle = (low + high) >> 1
        if (starts[middle]! <= offset) low = middle + 1
        else high = middle - 1
      }
      near = high
      return high
    },
    end: (run) => starts[run + 1] ?? Number.MAX_SAFE_INTEGER,
    value(run) {
      const at = places[run] ?? 0
      if (at === 0) return undefined
      if (values.has(at)) return values.get(at)
      const value = read(at, (Math.floor(at / pageBytes) + 1) * pageBytes - 1)
      values.set(at, value)
      return value
    },
  }
}

function pageNumbers(
  word: DataView,
  old: boolean,
  name: 'characters' | 'paragraphs',
  plc: DataView | undefined,
): number[] {
  const pages: number[] = []
  const entry = old ? 2 : 4
  const listed = plc ? Math.floor((plc.byteLength - 4) / (4 + entry)) : 0
  const count = Math.min(listed, Math.ceil(word.byteLength / pageBytes))
  if (old && plc && word.byteLength > 0x192) {
    // Word 6 may list only some of the pages; all of them lie one behind the other.
    const first = word.getUint16(name === 'characters' ? 0x18a : 0x18c, true)
    const all = word.getUint16(name === 'characters' ? 0x18e : 0x190, true)
    if (first > 0 && all > count && (first + all) * pageBytes <= word.byteLength) {
      for (let n = 0; n < all; n++) pages.push(first + n)
      return pages
    }
  }
  for (let n = 0; n < count; n++) {
    const at = (listed + 1) * 4 + n * entry
    pages.push(old ? plc!.getUint16(at, true) : plc!.getUint32(at, true) & 0x3fffff)
  }
  return pages
}
