import { type OfficePackage, scanPart } from './package.ts'
import { attr, numberAttr } from './xml.ts'

/** How a cell's number is to be read. */
export type NumberKind =
  | { readonly kind: 'plain' }
  | { readonly kind: 'date'; readonly date: boolean; readonly time: boolean }
  | { readonly kind: 'percent'; readonly decimals: number }

const plain: NumberKind = { kind: 'plain' }

/** xl/styles.xml: the kind of number for each cell style (ECMA-376 part 1, 18.8.30 for the built-in formats). */
export function readSheetStyles(pack: OfficePackage, part: string): readonly NumberKind[] {
  const formats = new Map<number, NumberKind>()
  const styles: NumberKind[] = []
  let inCells = false
  scanPart(pack.zip, part, pack.limits, {
    open(name, attrs) {
      if (name === 'numFmt')
        formats.set(numberAttr(attrs, 'numFmtId') ?? -1, numberKind(attr(attrs, 'formatCode') ?? ''))
      else if (name === 'cellXfs') inCells = true
      else if (name === 'xf' && inCells) {
        const id = numberAttr(attrs, 'numFmtId') ?? 0
        styles.push(formats.get(id) ?? builtIn(id))
      }
      return name === 'fonts' || name === 'fills' || name === 'borders' || name === 'dxfs' || name === 'cellStyleXfs'
    },
    close(name) {
      if (name === 'cellXfs') inCells = false
    },
  })
  return styles
}

function builtIn(id: number): NumberKind {
  if (id === 9 || id === 10) return { kind: 'percent', decimals: id === 9 ? 0 : 2 }
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || (id >= 34 && id <= 36) || (id >= 50 && id <= 58))
    return { kind: 'date', date: true, time: false }
  if (id === 22) return { kind: 'date', date: true, time: true }
  if ((id >= 18 && id <= 21) || (id >= 32 && id <= 33) || (id >= 45 && id <= 47))
    return { kind: 'date', date: false, time: true }
  return plain
}

/** Reads a format code: what is quoted, escaped or in brackets (colours, currencies) does not count. */
export function numberKind(code: string): NumberKind {
  if (code.length > 1000) return plain
  const first = code.split(';', 1)[0]!
  const bare = first.replace(/"[^"]*"|\\.|_.|\*./g, '').replace(/\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '')
  if (/general/i.test(bare)) return plain
  const time = /[hs]/i.test(bare)
  const date = /[yd]/i.test(bare) || (/m/i.test(bare) && !time)
  if (date || time) return { kind: 'date', date, time }
  if (bare.includes('%')) return { kind: 'percent', decimals: /\.([0#?]+)/.exec(bare)?.[1]?.length ?? 0 }
  return plain
}

const day = 86_400_000

/** A stored number as text: dates as ISO 8601, percentages as such, all else without the noise of binary fractions. */
export function showNumber(raw: string, kind: NumberKind | undefined, date1904: boolean): string {
  const value = Number(raw)
  if (raw === '' || !Number.isFinite(value)) return raw
  if (kind?.kind === 'date') return showDate(value, kind, date1904) ?? raw
  if (kind?.kind === 'percent') return `${Number((value * 100).toFixed(Math.min(10, kind.decimals)))}%`
  return raw.length > 15 ? String(Number(value.toPrecision(15))) : raw
}

function showDate(
  serial: number,
  kind: { readonly date: boolean; readonly time: boolean },
  date1904: boolean,
): string | undefined {
  if (serial < 0 || serial >= 2_958_466) return undefined
  if (!kind.date && serial >= 1) {
    const seconds = Math.round(serial * 86_400)
    return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  }
  // The 1900 system counts a 29 February 1900 that never was.
  const days = date1904 ? serial + 1462 : serial < 60 ? serial + 1 : serial
  const iso = new Date(Math.round(((days - 25_569) * day) / 1000) * 1000).toISOString()
  const time = iso.endsWith(':00.000Z') ? iso.slice(11, 16) : iso.slice(11, 19)
  if (!kind.date) return time
  return kind.time && time !== '00:00' ? `${iso.slice(0, 10)} ${time}` : iso.slice(0, 10)
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
