import { dateNames } from './date-names.ts'
import { literalAt } from './number-literals.ts'

/** What a date's format is made of; text stands as it is. */
type Token =
  | { readonly text: string }
  /** Of `y`, `m`, `d`, `h`, `s`, `n` (minutes), `p` (AM or PM), `f` (fractions of a second), and `H`, `N`, `S` (elapsed). */
  | { readonly part: string; readonly size: number }

/** How a date, a time or a span of time is shown. */
export interface DateFormat {
  readonly tokens: readonly Token[]
  readonly locale: string
  /** A date in digits, written year first: the tokens from the first to the last that belong to it. */
  readonly digits: { readonly from: number; readonly to: number; readonly days: boolean } | undefined
  readonly halfDays: boolean
  readonly elapsed: boolean
  /** Places of the fractions of a second. */
  readonly places: number
  readonly hasTime: boolean
}

/**
 * Reads one section of a format code (ECMA-376 part 1, 18.8.31) as one of a date; undefined where it has neither date
 * nor time.
 */
export function readDateFormat(code: string): DateFormat | undefined {
  const tokens: Token[] = []
  let locale = ''
  const literal = (text: string): void => {
    const last = tokens.at(-1)
    if (last && 'text' in last) tokens[tokens.length - 1] = { text: last.text + text }
    else if (text !== '') tokens.push({ text })
  }
  for (let at = 0; at < code.length; at++) {
    const stands = literalAt(code, at)
    if (stands) {
      if (stands.text !== '') literal(stands.text)
      at = stands.last
      continue
    }
    const char = code[at]!
    const lower = char.toLowerCase()
    switch (lower) {
      case '[': {
        const end = code.indexOf(']', at)
        if (end < 0) return undefined
        const inside = code.slice(at + 1, end)
        if (/^(h+|m+|s+)$/i.test(inside)) tokens.push({ part: elapsedPart(inside), size: inside.length })
        else if (inside.startsWith('$')) {
          const dash = inside.indexOf('-')
          if (dash >= 0) locale = inside.slice(dash + 1)
          literal(dash < 0 ? inside.slice(1) : inside.slice(1, dash))
        }
        at = end
        break
      }
      case 'a': {
        const half = /^(am\/pm|a\/p)/i.exec(code.slice(at, at + 5))?.[0]
        if (half === undefined) literal(char)
        else tokens.push({ part: 'p', size: half.length })
        if (half !== undefined) at += half.length - 1
        break
      }
      case 'y':
      case 'm':
      case 'd':
      case 'h':
      case 's':
      case 'e': {
        if (lower === 'e' && /[+-]/.test(code[at + 1] ?? '')) return undefined
        let end = at + 1
        while (end < code.length && code[end]!.toLowerCase() === lower) end++
        tokens.push({ part: lower === 'e' ? 'y' : lower, size: end - at })
        at = end - 1
        break
      }
      case '.':
      case ',': {
        const zeros = /^0+/.exec(code.slice(at + 1))?.[0]
        const last = tokens.at(-1)
        if (zeros === undefined || !last || !('part' in last) || !/[sS]/.test(last.part)) literal(char)
        else {
          tokens.push({ part: 'f', size: Math.min(zeros.length, 3) })
          at += zeros.length
        }
        break
      }
      case '0':
      case '#':
      case '?':
        return undefined
      // The era's name, and the section's mark of text.
      case 'g':
      case '@':
        break
      default:
        literal(char)
    }
  }
  return describe(findMinutes(tokens), locale)
}

function elapsedPart(inside: string): string {
  const letter = inside[0]!.toLowerCase()
  return letter === 'h' ? 'H' : letter === 'm' ? 'N' : 'S'
}

/** `m` behind hours or before seconds counts minutes. */
function findMinutes(tokens: readonly Token[]): Token[] {
  const isPart = (token: Token): boolean => 'part' in token
  return tokens.map((token, n) => {
    if (!('part' in token) || token.part !== 'm' || token.size > 2) return token
    const before = tokens.slice(0, n).findLast(isPart)
    const after = tokens.slice(n + 1).find(isPart)
    const near = (other: Token | undefined, parts: string): boolean =>
      other !== undefined && 'part' in other && parts.includes(other.part)
    return near(before, 'hH') || near(after, 'sS') ? { part: 'n', size: token.size } : token
  })
}

function describe(tokens: readonly Token[], locale: string): DateFormat | undefined {
  let words = false
  let from = -1
  let to = -1
  let found = ''
  let places = 0
  tokens.forEach((token, n) => {
    if (!('part' in token)) return
    const { part, size } = token
    found += part
    if (part === 'f') places = Math.max(places, size)
    if (!'ymd'.includes(part)) return
    if (part !== 'y' && size > 2) words = true
    if (from < 0) from = n
    to = n
  })
  if (found === '') return undefined
  const onlyYear = !/[md]/.test(found)
  return {
    tokens,
    locale,
    digits: words || from < 0 || onlyYear ? undefined : { from, to, days: found.includes('d') || !found.includes('y') },
    halfDays: found.includes('p'),
    elapsed: /[HNS]/.test(found),
    places,
    hasTime: /[hnspfHNS]/.test(found),
  }
}

const dayMs = 86_400_000
/** The day after 31 December 9999, the last one there is. */
const lastSerial = 2_958_466

/**
 * A serial number as its cell shows it, but years in full, and a date in digits as ISO 8601: `3/4/11` means two days,
 * and the order that the built-in formats have is that of the computer which shows them. Undefined for what is no date.
 */
export function showDate(serial: number, format: DateFormat, date1904: boolean): string | undefined {
  const { tokens, digits, elapsed, places } = format
  if (elapsed) return Math.abs(serial) < lastSerial ? showElapsed(serial, format) : undefined
  if (!(serial >= 0 && serial < lastSerial)) return undefined
  // The 1900 system counts a 29 February 1900 that never was.
  const days = date1904 ? serial + 1462 : serial < 60 ? serial + 1 : serial
  const unit = 1000 / 10 ** places
  const moment = new Date(Math.round(((days - 25_569) * dayMs) / unit) * unit)
  const midnight = format.hasTime && digits !== undefined && moment.getTime() % dayMs === 0
  let out = ''
  for (let n = 0; n < tokens.length; n++) {
    const token = tokens[n]!
    if (digits?.from === n) {
      const iso = moment.toISOString()
      // A time that is none: most programs that write dates give them one.
      if (midnight) return iso.slice(0, 10)
      out += iso.slice(0, digits.days ? 10 : 7)
      n = digits.to
      const next = tokens[n + 1]
      if (next && 'text' in next && /^[.年月日년월일]/.test(next.text)) {
        out += next.text.slice(1)
        n++
      }
    } else out += 'text' in token ? token.text : showPart(token.part, token.size, moment, format)
  }
  return out.trim()
}

function showPart(part: string, size: number, moment: Date, { tokens, locale, halfDays }: DateFormat): string {
  switch (part) {
    case 'y':
      return String(moment.getUTCFullYear())
    case 'm': {
      const month = moment.getUTCMonth()
      if (size <= 2) return String(month + 1).padStart(size, '0')
      const names = dateNames(locale)
      if (size === 3) return names.shortMonths[month]!
      const afterDay = tokens.some((token) => 'part' in token && token.part === 'd' && token.size <= 2)
      const name = (afterDay ? names.monthsAfterDay : names.months)[month]!
      return size === 5 ? name.slice(0, 1) : name
    }
    case 'd': {
      if (size <= 2) return String(moment.getUTCDate()).padStart(size, '0')
      const names = dateNames(locale)
      return (size === 3 ? names.shortWeekdays : names.weekdays)[moment.getUTCDay()]!
    }
    case 'h': {
      const hour = moment.getUTCHours()
      return String(halfDays ? hour % 12 || 12 : hour).padStart(Math.min(size, 2), '0')
    }
    case 'n':
      return String(moment.getUTCMinutes()).padStart(size, '0')
    case 's':
      return String(moment.getUTCSeconds()).padStart(Math.min(size, 2), '0')
    case 'f':
      return `.${String(moment.getUTCMilliseconds()).padStart(3, '0').slice(0, size)}`
    case 'p': {
      const half = moment.getUTCHours() < 12 ? 'AM' : 'PM'
      return size > 3 ? half : half.slice(0, 1)
    }
    default:
      return ''
  }
}

/** A span of time: the largest of its units takes all that is above it. */
function showElapsed(serial: number, { tokens, places }: DateFormat): string {
  const unit = 1000 / 10 ** places
  const all = Math.round((Math.abs(serial) * dayMs) / unit) * unit
  const seconds = Math.floor(all / 1000)
  let out = serial < 0 && all > 0 ? '-' : ''
  for (const token of tokens) {
    if ('text' in token) {
      out += token.text
      continue
    }
    const two = (value: number): string => String(value).padStart(Math.min(token.size, 2), '0')
    if (token.part === 'H') out += two(Math.floor(seconds / 3600))
    else if (token.part === 'N') out += two(Math.floor(seconds / 60))
    else if (token.part === 'S') out += two(seconds)
    else if (token.part === 'h') out += two(Math.floor(seconds / 3600) % 24)
    else if (token.part === 'n') out += two(Math.floor(seconds / 60) % 60)
    else if (token.part === 's') out += two(seconds % 60)
    else if (token.part === 'f')
      out += `.${String(all % 1000)
        .padStart(3, '0')
        .slice(0, token.size)}`
  }
  return out.trim()
}
