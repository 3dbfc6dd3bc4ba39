import { plainNumber, readSection, type Section, showSection } from './number-sections.ts'

/** How a cell's number is to be read. */
export type NumberKind =
  | { readonly kind: 'plain' }
  | DateKind
  | { readonly kind: 'number'; readonly sections: readonly Section[] }

interface DateKind {
  readonly kind: 'date'
  /** How much of the date is shown; a column of months has a first of the month behind each. */
  readonly date: 'none' | 'elapsed' | 'full' | 'month' | 'month name' | 'year' | 'year and month' | 'weekday'
  readonly time: boolean
  readonly seconds: boolean
}

const plain: NumberKind = { kind: 'plain' }
const mostSections = 3

/** Reads a format code (ECMA-376 part 1, 18.8.31): what is quoted, escaped or in brackets does not make a date. */
export function numberKind(code: string): NumberKind {
  if (code === '' || code.length > 1000 || code.toLowerCase() === 'general') return plain
  const sections = split(code)
  const bare = sections[0]!.replace(/"[^"]*"|\\.|_.|\*./g, '').replace(/\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '')
  if (!/general/i.test(bare)) {
    const time = /[hs]/i.test(bare)
    const date = /[yd]/i.test(bare) || (/m/i.test(bare) && !time)
    if (date || time)
      return {
        kind: 'date',
        date: date ? dateShown(bare.toLowerCase(), time) : /\[[hms]/i.test(bare) ? 'elapsed' : 'none',
        time,
        seconds: /s/i.test(bare),
      }
  }
  const read = sections.slice(0, mostSections).map(readSection)
  return read.every((section) => section !== undefined) ? { kind: 'number', sections: read } : plain
}

function dateShown(code: string, time: boolean): DateKind['date'] {
  const year = code.includes('y')
  const month = code.includes('m')
  if (time) return 'full'
  if (code.includes('d')) return !year && !month && code.includes('ddd') ? 'weekday' : 'full'
  if (year) return !month ? 'year' : code.includes('mmm') ? 'month name' : 'year and month'
  return code.includes('mmm') ? 'month' : 'full'
}

/** Semicolons part sections, but not within quotes and brackets nor after a backslash. */
function split(code: string): string[] {
  const sections: string[] = []
  let from = 0
  for (let at = 0; at < code.length; at++) {
    const char = code[at]
    if (char === '\\' || char === '_' || char === '*') at++
    else if (char === '"' || char === '[') {
      const end = code.indexOf(char === '"' ? '"' : ']', at + 1)
      if (end < 0) break
      at = end
    } else if (char === ';') {
      sections.push(code.slice(from, at))
      from = at + 1
    }
  }
  sections.push(code.slice(from))
  return sections
}

const builtInCodes: ReadonlyMap<number, string> = new Map([
  [1, '0'],
  [2, '0.00'],
  [3, '#,##0'],
  [4, '#,##0.00'],
  [9, '0%'],
  [10, '0.00%'],
  [11, '0.00E+00'],
  [37, '#,##0;(#,##0)'],
  [38, '#,##0;(#,##0)'],
  [39, '#,##0.00;(#,##0.00)'],
  [40, '#,##0.00;(#,##0.00)'],
  [41, '#,##0;-#,##0;"-"'],
  [42, '"$"#,##0;-"$"#,##0;"-"'],
  [43, '#,##0.00;-#,##0.00;"-"'],
  [44, '"$"#,##0.00;-"$"#,##0.00;"-"'],
  [48, '##0.0E+0'],
])
const builtIns = new Map<number, NumberKind>()

/** The formats that files name by number alone (ECMA-376 part 1, 18.8.30). */
export function builtInKind(id: number): NumberKind {
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || (id >= 34 && id <= 36) || (id >= 50 && id <= 58))
    return { kind: 'date', date: id === 17 ? 'month name' : 'full', time: false, seconds: false }
  if (id === 22) return { kind: 'date', date: 'full', time: true, seconds: false }
  if ((id >= 18 && id <= 21) || (id >= 32 && id <= 33) || (id >= 45 && id <= 47))
    return { kind: 'date', date: id === 46 ? 'elapsed' : 'none', time: true, seconds: ![18, 20, 32].includes(id) }
  const known = builtIns.get(id) ?? numberKind(builtInCodes.get(id) ?? '')
  builtIns.set(id, known)
  return known
}

const day = 86_400_000

/**
 * A stored number as text: dates as ISO 8601 whatever the cell shows, all else as the cell shows it, and without a
 * format, or where the format shows nothing, without the noise of binary fractions.
 */
export function showNumber(raw: string, kind: NumberKind | undefined, date1904: boolean): string {
  const value = Number(raw)
  if (raw === '' || !Number.isFinite(value)) return raw
  if (kind?.kind === 'date') return showDate(value, kind, date1904) ?? raw
  if (kind?.kind === 'number') {
    const shown = showSections(kind.sections, value)
    if (shown !== '') return shown
  }
  return raw.length > 15 ? plainNumber(value) : raw
}

function showSections(sections: readonly Section[], value: number): string {
  const [first, second, third] = sections
  const chosen = sections.some(({ condition }) => condition)
    ? (sections.find(({ condition }, n) => condition?.(value) ?? n === sections.length - 1) ?? first)
    : value < 0
      ? (second ?? first)
      : value === 0
        ? (third ?? first)
        : first
  if (!chosen) return ''
  const text = showSection(chosen, Math.abs(value))
  // A section of its own says itself how a negative number looks; one that rounds to zero has no sign.
  const own = chosen !== first || chosen.condition !== undefined
  return value < 0 && !own && /[1-9]/.test(text) ? `-${text}` : text
}

function showDate(serial: number, { date, time, seconds }: DateKind, date1904: boolean): string | undefined {
  if (serial < 0 || serial >= 2_958_466) return undefined
  if (date === 'elapsed') {
    const all = Math.round(serial * 86_400)
    return `${Math.floor(all / 3600)}:${two(Math.floor(all / 60) % 60)}:${two(all % 60)}`
  }
  // The 1900 system counts a 29 February 1900 that never was.
  const days = date1904 ? serial + 1462 : serial < 60 ? serial + 1 : serial
  const moment = new Date(Math.round(((days - 25_569) * day) / 1000) * 1000)
  const iso = moment.toISOString()
  const clock = seconds || !iso.endsWith(':00.000Z') ? iso.slice(11, 19) : iso.slice(11, 16)
  const year = iso.slice(0, 4)
  switch (date) {
    case 'none':
      return clock
    case 'year':
      return year
    case 'year and month':
      return iso.slice(0, 7)
    case 'month':
      return months[moment.getUTCMonth()]
    case 'month name':
      return `${months[moment.getUTCMonth()]} ${year}`
    case 'weekday':
      return weekdays[moment.getUTCDay()]
    case 'full':
      return time && iso.slice(11, 19) !== '00:00:00' ? `${iso.slice(0, 10)} ${clock}` : iso.slice(0, 10)
  }
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

function two(value: number): string {
  return String(value).padStart(2, '0')
}
