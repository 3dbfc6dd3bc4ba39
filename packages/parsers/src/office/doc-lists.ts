import type { DocFib } from './doc-fib.ts'
import { listLabel } from './numbers.ts'

interface Level {
  readonly start: number
  readonly format: number
  /** Characters below 9 stand for the count of that level. */
  readonly text: string
  /** Levels before this one restart it; undefined for every one above. */
  readonly restart: number | undefined
  /** All counts are shown as decimal. */
  readonly legal: boolean
}

interface Shape {
  readonly levels: readonly Level[]
  readonly counts: (number | undefined)[]
}

interface Override {
  readonly list: number
  readonly starts: Map<number, number>
  readonly levels: Map<number, Level>
  readonly begun: Set<number>
}

/** The label of the next item of a list override (from 1): `-` where it has no number; undefined for an unknown list. */
export type DocNumbering = (override: number, level: number) => string | undefined

/** ST_NumberFormat's names of the formats that {@link listLabel} knows ([MS-OSHARED] 2.2.1.3). */
const formats = new Map([
  [1, 'upperRoman'],
  [2, 'lowerRoman'],
  [3, 'upperLetter'],
  [4, 'lowerLetter'],
  [22, 'decimalZero'],
  [255, 'none'],
])
const bullet = 23

/** Counts the items of lists as Word does, by lists and their overrides ([MS-DOC] 2.9.131, 2.9.147, 2.9.150). Throws RangeError on damage. */
export function readLists(fib: DocFib): DocNumbering {
  const shapes = new Map<number, Shape>()
  const lists = fib.from('lists')
  if (lists) readShapes(lists.view, shapes)
  const overrides: Override[] = []
  const list = fib.from('listOverrides')
  if (list) readOverrides(list.view, list.length, overrides)
  return (number, at) => {
    const override = overrides[number - 1]
    const shape = override && shapes.get(override.list)
    if (!override || !shape) return undefined
    const levelAt = (n: number): Level | undefined => override.levels.get(n) ?? shape.levels[n]
    const level = levelAt(at) ?? levelAt(0)
    if (!level) return undefined
    if (level.format === bullet) return '-'
    return count(override, shape, level, at, levelAt)
  }
}

function count(
  override: Override,
  { counts }: Shape,
  level: Level,
  at: number,
  levelAt: (n: number) => Level | undefined,
): string {
  const start = override.starts.get(at)
  if (start !== undefined && !override.begun.has(at)) counts[at] = start
  else counts[at] = counts[at] === undefined ? level.start : counts[at] + 1
  override.begun.add(at)
  for (let deeper = at + 1; deeper < counts.length; deeper++) {
    const restart = levelAt(deeper)?.restart
    if (restart === undefined || at < restart) counts[deeper] = undefined
  }
  let label = ''
  for (const char of level.text) {
    const shown = char.charCodeAt(0)
    if (shown >= 9) label += char
    else {
      const above = levelAt(shown)
      const format = level.legal ? 'decimal' : (formats.get(above?.format ?? 0) ?? 'decimal')
      label += listLabel(counts[shown] ?? above?.start ?? 1, format)
    }
  }
  label = label.trim()
  // A font of symbols: a number it is not.
  return label === '' || /^[\uf000-\uf0ff]+$/.test(label) ? '-' : label
}

const listBytes = 28
const overrideBytes = 16

function readShapes(view: DataView, shapes: Map<number, Shape>): void {
  const total = Math.min(view.getUint16(0, true), 2000)
  // Levels stand behind the array, those of one list after those of the other.
  let at = 2 + total * listBytes
  for (let n = 0; n < total; n++) {
    const list = 2 + n * listBytes
    const levels: Level[] = []
    for (let left = (view.getUint8(list + 26) & 1) === 1 ? 1 : 9; left > 0; left--) {
      const read = readLevel(view, at)
      levels.push(read.level)
      at = read.end
    }
    shapes.set(view.getUint32(list, true), { levels, counts: [] })
  }
}

function readLevel(view: DataView, at: number): { readonly level: Level; readonly end: number } {
  const flags = view.getUint8(at + 5)
  const properties = view.getUint8(at + 24) + view.getUint8(at + 25)
  const text = at + 28 + properties
  const length = view.getUint16(text, true)
  const chars = Buffer.from(view.buffer, view.byteOffset + text + 2, Math.min(length, 100) * 2).toString('utf16le')
  const level: Level = {
    start: view.getInt32(at, true),
    format: view.getUint8(at + 4),
    text: chars,
    // Without the flag a level restarts after every one above it.
    restart: (flags & 8) === 0 ? undefined : view.getUint8(at + 26),
    legal: (flags & 4) !== 0,
  }
  return { level, end: text + 2 + length * 2 }
}

function readOverrides(view: DataView, length: number, overrides: Override[]): void {
  const total = Math.min(view.getUint32(0, true), Math.floor((length - 4) / overrideBytes), 20_000)
  let at = 4 + total * overrideBytes
  for (let n = 0; n < total; n++) {
    const head = 4 + n * overrideBytes
    const override: Override = {
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
