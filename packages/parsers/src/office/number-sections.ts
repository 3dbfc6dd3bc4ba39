import { type FractionFormat, readFraction, showFraction } from './number-fractions.ts'
import { literalAt } from './number-literals.ts'

/** One section of a number format (ECMA-376 part 1, 18.8.31): what stands around and between the digits. */
export interface Section {
  readonly condition: ((value: number) => boolean) | undefined
  /** Strings stand as they are; numbers are the character codes of `0`, `#`, `?` and `.`; `E` is the exponent. */
  readonly parts: readonly (string | typeof zero | typeof hash | typeof question | typeof point | typeof exponent)[]
  /** As if typed: `General`. */
  readonly general: boolean
  readonly grouped: boolean
  /** Percent signs and commas at the end: what the value is multiplied with. */
  readonly factor: number
  readonly digits: number
  readonly decimals: number
  readonly exponentDigits: number
  /** Of each place behind the point: whether it shows a zero at the end. */
  readonly keepsZero: readonly boolean[]
  readonly fraction: FractionFormat | undefined
  /** Text, digits without text between them, text: the usual case. */
  readonly plain: { readonly before: string; readonly after: string; readonly least: number } | undefined
}

export const zero = 48
export const hash = 35
export const question = 63
export const point = 46
export const exponent = 69

/** Undefined for what is not read: damaged codes. The code has no date in it. */
export function readSection(code: string): Section | undefined {
  const parts: Section['parts'][number][] = []
  let condition: Section['condition']
  let general = false
  let grouped = false
  let commas = 0
  let percents = 0
  let digits = 0
  let decimals = 0
  let exponentDigits = 0
  let place: 'integer' | 'decimals' | 'exponent' = 'integer'
  const literal = (text: string): void => {
    if (typeof parts.at(-1) === 'string') parts[parts.length - 1] += text
    else parts.push(text)
  }
  for (let at = 0; at < code.length; at++) {
    const stands = literalAt(code, at)
    if (stands) {
      if (stands.text !== '') literal(stands.text)
      at = stands.last
      continue
    }
    const char = code[at]!
    switch (char) {
      case '[': {
        const end = code.indexOf(']', at)
        if (end < 0) return undefined
        const inside = code.slice(at + 1, end)
        if (inside.startsWith('$')) literal(inside.slice(1).split('-', 1)[0]!)
        else condition ??= readCondition(inside)
        at = end
        break
      }
      case '0':
      case '#':
      case '?':
        if (place === 'exponent') exponentDigits++
        else {
          grouped ||= commas > 0 && place === 'integer'
          commas = 0
          if (place === 'integer') digits++
          else decimals++
          parts.push(char === '0' ? zero : char === '#' ? hash : question)
        }
        break
      case '.':
        if (place !== 'integer') literal(char)
        else {
          place = 'decimals'
          parts.push(point)
        }
        break
      case ',':
        if (digits + decimals > 0) commas++
        break
      case '%':
        percents++
        literal(char)
        break
      case 'E':
      case 'e':
        if (digits + decimals === 0 || !/[+-]/.test(code[at + 1] ?? '')) literal(char)
        else {
          place = 'exponent'
          parts.push(exponent)
          at++
        }
        break
      case '/':
        if (digits > 0) return fractionSection(code)
        literal(char)
        break
      case 'G':
      case 'g':
        if (code.slice(at, at + 7).toLowerCase() !== 'general') literal(char)
        else {
          general = true
          parts.push(zero)
          at += 6
        }
        break
      case '@':
        general = true
        parts.push(zero)
        break
      default:
        literal(char)
    }
  }
  return {
    condition,
    parts,
    general,
    grouped,
    factor: 100 ** percents / 1000 ** commas,
    digits,
    decimals: Math.min(decimals, 20),
    exponentDigits,
    keepsZero: parts
      .slice(parts.indexOf(point))
      .flatMap((part) => (isPlace(part) && decimals > 0 ? [part === zero] : [])),
    fraction: undefined,
    plain: general || exponentDigits > 0 ? undefined : plainParts(parts),
  }
}

function isPlace(part: Section['parts'][number]): boolean {
  return part === zero || part === hash || part === question
}

/** Optional places, then those that always show a digit, then perhaps a point with places that all do. */
function plainParts(parts: Section['parts']): Section['plain'] {
  let n = 0
  const text = (): string => {
    const part = parts[n]
    if (typeof part !== 'string') return ''
    n++
    return part
  }
  const before = text()
  let least = 0
  while (parts[n] === hash) n++
  for (; parts[n] === zero; n++) least++
  if (least === 0) return undefined
  if (parts[n] === point) {
    n++
    if (parts[n] !== zero) return undefined
    while (parts[n] === zero) n++
  }
  const after = text()
  return n === parts.length ? { before: before.trimStart(), after: after.trimEnd(), least } : undefined
}

function fractionSection(code: string): Section | undefined {
  const fraction = readFraction(
    code
      .replace(/\[[^\]]*\]|\*./g, '')
      .replace(/_./g, ' ')
      .replace(/"([^"]*)"|\\(.)/g, '$1$2'),
  )
  if (!fraction) return undefined
  const none = { condition: undefined, general: false, grouped: false, factor: 1, digits: 0, decimals: 0 }
  return { ...none, parts: ['/'], exponentDigits: 0, keepsZero: [], fraction, plain: undefined }
}

function readCondition(text: string): Section['condition'] {
  const [, operator, number] = /^([<>=]{1,2})\s*(-?[\d.]+)$/.exec(text.trim()) ?? []
  const limit = Number(number)
  if (operator === undefined || Number.isNaN(limit)) return undefined
  if (operator === '<') return (value) => value < limit
  if (operator === '<=') return (value) => value <= limit
  if (operator === '>') return (value) => value > limit
  if (operator === '>=') return (value) => value >= limit
  return operator === '<>' ? (value) => value !== limit : (value) => value === limit
}

/** `value` is not negative. Spaces that only align columns are left out at both ends. */
export function showSection(section: Section, value: number): string {
  const { parts, general, factor, decimals, exponentDigits, plain } = section
  if (section.fraction) return showFraction(section.fraction, value)
  const scaled = factor === 1 ? value : Number((value * factor).toPrecision(15))
  // Beyond what a number can be, and what any cell shows.
  if (!Number.isFinite(scaled)) return plainNumber(value)
  if (plain && scaled < 1e21) {
    const digits = rounded(scaled, decimals)
    const whole = decimals === 0 ? digits.length : digits.length - decimals - 1
    if (whole >= plain.least)
      return plain.before + (section.grouped && whole > 3 ? grouped(digits, whole) : digits) + plain.after
  }
  if (general)
    return parts
      .map((part) => (typeof part === 'string' ? part : plainNumber(scaled)))
      .join('')
      .trim()
  let power = 0
  let shown = scaled
  if (exponentDigits > 0 && scaled !== 0) {
    const step = Math.max(1, section.digits)
    power = Math.floor(Math.floor(Math.log10(scaled) + 1e-12) / step) * step
    shown = scaled / 10 ** power
    if (Number(shown.toFixed(decimals)) >= 10 ** step) {
      power += step
      shown = scaled / 10 ** power
    }
  }
  const [whole = '', fraction = ''] = rounded(shown, decimals).split('.')
  const sign = power < 0 ? '-' : '+'
  return fill(
    section,
    whole === '0' ? '' : whole,
    fraction,
    `E${sign}${String(Math.abs(power)).padStart(exponentDigits, '0')}`,
  )
}

/** Half away from zero of the decimal number that people see, not of the binary one behind it. */
function rounded(value: number, decimals: number): string {
  if (value >= 1e21) return BigInt(Math.round(value)).toString()
  return (value + value * 4e-16).toFixed(decimals)
}

/** `1234.5` with its first four characters in groups of three. */
function grouped(digits: string, whole: number): string {
  let at = whole % 3 || 3
  let out = digits.slice(0, at)
  for (; at < whole; at += 3) out += `,${digits.slice(at, at + 3)}`
  return out + digits.slice(whole)
}

/** Digits from the right into the places; the first place takes all that are left over. */
function fill(section: Section, whole: string, fraction: string, power: string): string {
  const { parts, grouped } = section
  let left = section.digits
  let taken = 0
  let decimal = 0
  // Places of `#` and `?` at the end show no zeros.
  let last = fraction.length
  while (last > 0 && !section.keepsZero[last - 1] && fraction[last - 1] === '0') last--
  let out = ''
  for (const part of parts) {
    if (typeof part === 'string') out += part
    else if (part === exponent) out += power
    else if (part === point)
      out += `${section.digits === 0 ? whole : ''}${last > 0 || section.decimals === 0 ? '.' : ''}`
    else if (left > 0) {
      left--
      const upTo = whole.length - left
      let digits = upTo > taken ? whole.slice(taken, upTo) : ''
      taken = Math.max(taken, upTo)
      if (digits === '' && part === zero) digits = '0'
      for (let n = 0; n < digits.length; n++) {
        const behind = left + digits.length - 1 - n
        out += digits[n]!
        if (grouped && behind > 0 && behind % 3 === 0) out += ','
      }
    } else if (decimal < last) out += fraction[decimal++]!
  }
  return out.trim()
}

/** Numbers of so few characters have no noise in them. */
export const shortNumber = 12
const leastNoise = 6

/**
 * Up to 15 digits, as a cell without a format shows them. Sums of binary fractions have noise in the last ones
 * (`-5891.99999999919`), behind what cells show.
 */
export function plainNumber(value: number): string {
  const text = String(value)
  if (text.length <= shortNumber) return isPlain(value) ? text : scientific(text)
  const full = text.length > 15 ? String(Number(value.toPrecision(15))) : text
  if (Number.isInteger(value)) return isPlain(value) ? full : scientific(full)
  const short = String(Number(value.toPrecision(12)))
  const shown = full.length - short.length >= leastNoise ? short : full
  return isPlain(value) ? shown : scientific(shown)
}

/** Written without an exponent. */
function isPlain(value: number): boolean {
  const size = Math.abs(value)
  return (size >= 1e-6 && size < 1e21) || size === 0
}

/** `1e-7` as sheets write it: `1E-07`. */
function scientific(text: string): string {
  return text.replace(/e([+-])(\d+)$/, (_, sign: string, digits: string) => `E${sign}${digits.padStart(2, '0')}`)
}
