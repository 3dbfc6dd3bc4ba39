/** What an embedded TrueType or OpenType font says of its glyphs. */
export interface Sfnt {
  /** How many it has. */
  readonly glyphs: number
  /** Unicode of each glyph that its table of characters knows. */
  readonly unicodes: ReadonlyMap<number, number>
  /** The other way round. */
  readonly glyphOf: ReadonlyMap<number, number>
  /** Width of a glyph, in thousandths of its size; nothing where the font does not say. */
  advance(glyph: number): number | undefined
}

const maxGroups = 20_000
const maxGlyphs = 65_536

/** The tables that map glyphs to characters (https://learn.microsoft.com/typography/opentype/spec/cmap); nothing for other data. */
export function openSfnt(bytes: Uint8Array): Sfnt | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 12 || !isSfnt(view.getUint32(0))) return undefined
  try {
    const tables = tablesOf(view)
    const glyphs = tables.has('maxp') ? view.getUint16(tables.get('maxp')! + 4) : maxGlyphs
    const unicodes = new Map<number, number>()
    const glyphOf = new Map<number, number>()
    const add = (code: number, glyph: number): void => {
      if (glyph === 0 || glyph >= glyphs) return
      if (!unicodes.has(glyph)) unicodes.set(glyph, code)
      glyphOf.set(code, glyph)
    }
    if (tables.has('cmap')) readCharacters(view, tables.get('cmap')!, add)
    return { glyphs, unicodes, glyphOf, advance: advances(view, tables) }
  } catch (error) {
    // What a damaged font's offsets lead to.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function isSfnt(tag: number): boolean {
  return tag === 0x0001_0000 || tag === 0x7472_7565 || tag === 0x4f54_544f
}

function tablesOf(view: DataView): Map<string, number> {
  const tables = new Map<string, number>()
  const count = view.getUint16(4)
  for (let index = 0; index < count && 28 + index * 16 <= view.byteLength; index++) {
    const at = 12 + index * 16
    const tag = String.fromCharCode(...[0, 1, 2, 3].map((place) => view.getUint8(at + place)))
    tables.set(tag, view.getUint32(at + 8))
  }
  return tables
}

function advances(view: DataView, tables: ReadonlyMap<string, number>): Sfnt['advance'] {
  const [head, hhea, hmtx] = [tables.get('head'), tables.get('hhea'), tables.get('hmtx')]
  if (head === undefined || hhea === undefined || hmtx === undefined) return () => undefined
  const units = view.getUint16(head + 18)
  const count = view.getUint16(hhea + 34)
  return (glyph) => {
    const at = hmtx + Math.min(glyph, count - 1) * 4
    return units === 0 || count === 0 || at + 2 > view.byteLength ? undefined : (view.getUint16(at) * 1000) / units
  }
}

/** Subtables of Unicode; those of symbols and of single scripts say nothing of use. */
function readCharacters(view: DataView, cmap: number, add: (code: number, glyph: number) => void): void {
  const count = view.getUint16(cmap + 2)
  for (let index = 0; index < Math.min(count, 32); index++) {
    const record = cmap + 4 + index * 8
    const [platform, encoding] = [view.getUint16(record), view.getUint16(record + 2)]
    if (platform !== 0 && !(platform === 3 && (encoding === 1 || encoding === 10))) continue
    const table = cmap + view.getUint32(record + 4)
    const format = view.getUint16(table)
    if (format === 4) readSegments(view, table, add)
    else if (format === 12) readGroups(view, table, add)
  }
}

function readSegments(view: DataView, table: number, add: (code: number, glyph: number) => void): void {
  const twice = view.getUint16(table + 6)
  let left = maxGlyphs
  for (let at = 0; at < twice; at += 2) {
    const end = view.getUint16(table + 14 + at)
    const start = view.getUint16(table + 16 + twice + at)
    const delta = view.getUint16(table + 16 + twice * 2 + at)
    const rangeAt = table + 16 + twice * 3 + at
    const range = view.getUint16(rangeAt)
    for (let code = start; code <= end && code !== 0xffff && left-- > 0; code++) {
      const place = rangeAt + range + (code - start) * 2
      const raw = range === 0 ? code : place + 2 <= view.byteLength ? view.getUint16(place) : 0
      add(code, range === 0 || raw !== 0 ? (raw + delta) & 0xffff : 0)
    }
  }
}

function readGroups(view: DataView, table: number, add: (code: number, glyph: number) => void): void {
  const count = Math.min(view.getUint32(table + 12), maxGroups)
  let left = maxGlyphs
  for (let index = 0; index < count; index++) {
    const at = table + 16 + index * 12
    const [start, end, first] = [view.getUint32(at), view.getUint32(at + 4), view.getUint32(at + 8)]
    for (let code = start; code <= end && left-- > 0; code++) add(code, first + code - start)
  }
}
