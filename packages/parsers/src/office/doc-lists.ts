import type { DocFib } from './doc-fib.ts'
import { countItem, type ListLevel, type ListOverride, type ListShape } from './list-counts.ts'

/** The label of the next item of a list override (from 1): `-` where it has no number; undefined for an unknown list. */
export type DocNumbering = (override: number, level: number) => string | undefined

/** Counts the items of lists as Word does, by lists and their overrides ([MS-DOC] 2.9.131, 2.9.147, 2.9.150). Throws RangeError on damage. */
export function readLists(fib: DocFib): DocNumbering {
  const shapes = new Map<number, ListShape>()
  const lists = fib.from('lists')
  if (lists) readShapes(lists.view, shapes)
  const overrides: ListOverride[] = []
  const list = fib.from('listOverrides')
  if (list) readOverrides(list.view, list.length, overrides)
  return (number, at) => {
    const override = overrides[number - 1]
    const shape = override && shapes.get(override.list)
    if (!override || !shape) return undefined
    return countItem(override, shape, at)
  }
}

const listBytes = 28
const overrideBytes = 16

function readShapes(view: DataView, shapes: Map<number, ListShape>): void {
  const total = Math.min(view.getUint16(0, true), 2000)
  // Levels stand behind the array, those of one list after those of the other.
  let at = 2 + total * listBytes
  for (let n = 0; n < total; n++) {
    const list = 2 + n * listBytes
    const levels: ListLevel[] = []
    for (let left = (view.getUint8(list + 26) & 1) === 1 ? 1 : 9; left > 0; left--) {
      const read = readLevel(view, at)
      levels.push(read.level)
      at = read.end
    }
    shapes.set(view.getUint32(list, true), { levels, counts: [] })
  }
}

function readLevel(view: DataView, at: number): { readonly level: ListLevel; readonly end: number } {
  const flags = view.getUint8(at + 5)
  const properties = view.getUint8(at + 24) + view.getUint8(at + 25)
  const text = at + 28 + properties
  const length = view.getUint16(text, true)
  const chars = Buffer.from(view.buffer, view.byteOffset + text + 2, Math.min(length, 100) * 2).toString('utf16le')
  const level: ListLevel = {
    start: view.getInt32(at, true),
    format: view.getUint8(at + 4),
    text: chars,
    // Without the flag a level restarts after every one above it.
    restart: (flags & 8) === 0 ? undefined : view.getUint8(at + 26),
    legal: (flags & 4) !== 0,
  }
  return { level, end: text + 2 + length * 2 }
}

function readOverrides(view: DataView, length: number, overrides: ListOverride[]): void {
  const total = Math.min(view.getUint32(0, true), Math.floor((length - 4) / overrideBytes), 20_000)
  let at = 4 + total * overrideBytes
  for (let n = 0; n < total; n++) {
    const head = 4 + n * overrideBytes
    const override: ListOverride = {
      list: view.getUint32(head, true),
      starts: new Map(),
      levels: new Map(),
      begun: new Set(),
    }
    overrides.push(override)
    if (at + 4 > view.byteLength) continue
    at += 4
    for (let left = view.getUint8(head + 12); left > 0 && at + 8 <= view.byteLength; left--) {
      const flags = view.getUint32(at + 4, true)
      const ilvl = flags & 15
      const start = view.getInt32(at, true)
      at += 8
      if ((flags & 0x20) !== 0) {
        const read = readLevel(view, at)
        at = read.end
        override.levels.set(ilvl, read.level)
        if ((flags & 0x10) !== 0) override.starts.set(ilvl, read.level.start)
      } else if ((flags & 0x10) !== 0) override.starts.set(ilvl, start)
    }
  }
}
