import { type DateFormat, readDateFormat, showDate } from './number-dates.ts'
import { plainNumber, readSection, type Section, shortNumber, showSection } from './number-sections.ts'

/** How a cell's number is to be read. */
export type NumberKind =
  | { readonly kind: 'plain' }
  | { readonly kind: 'date'; readonly format: DateFormat }
  | { readonly kind: 'number'; readonly sections: readonly Section[] }

const plain: NumberKind = { kind: 'plain' }
const mostSections = 3
const mostKnown = 1000
/** Most workbooks have the same few. */
const known = new Map<string, NumberKind>()

/** Reads a format code (ECMA-376 part 1, 18.8.31). */
export function numberKind(code: string): NumberKind {
  const before = known.get(code)
  if (before) return before
  const kind = readKind(code)
  if (known.size >= mostKnown) known.clear()
  if (code.length <= 255) known.set(code, kind)
  return kind
}

function readKind(code: string): NumberKind {
  if (code === '' || code.length > 1000 || code.toLowerCase() === 'general') return plain
  const sections = split(code)
  if (!/general/i.test(sections[0]!)) {
    const format = readDateFormat(sections[0]!)
    if (format) return { kind: 'date', format }
  }
  const read = sections.slice(0, mostSections).map(readSection)
  return read.every((section) => section !== undefined) ? { kind: 'number', sections: read } : plain
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

const builtInCodes: ReadonlyMap<number, string> = new Map<number, string>([
  [1, '0'],
  [2, '0.00'],
  [3, '#,##0'],
  [4, '#,##0.00'],
  [9, '0%'],
  [10, '0.00%'],
  [11, '0.00E+00'],
  [12, '# ?/?'],
  [13, '# ??/??'],
  [14, 'm/d/yyyy'],
  [15, 'd-mmm-yy'],
  [16, 'd-mmm'],
  [17, 'mmm-yy'],
  [18, 'h:mm AM/PM'],
  [19, 'h:mm:ss AM/PM'],
  [20, 'h:mm'],
  [21, 'h:mm:ss'],
  [22, 'm/d/yyyy h:mm'],
  // 27 to 36 and 50 to 58 are dates of East Asia, in the order of the language.
  ...[27, 28, 29, 30, 31, 34, 35, 36, 50, 51, 52, 53, 54, 55, 56, 57, 58].map((id) => [id, 'yyyy-mm-dd'] as const),
  [32, 'h:mm'],
  [33, 'h:mm:ss'],
  [37, '#,##0;(#,##0)'],
  [38, '#,##0;(#,##0)'],
  [39, '#,##0.00;(#,##0.00)'],
  [40, '#,##0.00;(#,##0.00)'],
  [41, '#,##0;-#,##0;"-"'],
  [42, '"$"#,##0;-"$"#,##0;"-"'],
  [43, '#,##0.00;-#,##0.00;"-"'],
  [44, '"$"#,##0.00;-"$"#,##0.00;"-"'],
  [45, 'mm:ss'],
  [46, '[h]:mm:ss'],
  [47, 'mm:ss.0'],
  [48, '##0.0E+0'],
])

/** The formats that files name by number alone (ECMA-376 part 1, 18.8.30). */
export function builtInKind(id: number): NumberKind {
  return numberKind(builtInCodes.get(id) ?? '')
}

/**
 * A stored number as its cell shows it, dates as {@link showDate} says; without a format, or where all of the format
 * shows nothing, as it is, without the noise of binary fractions.
 */
export function showNumber(value: number, kind: NumberKind | undefined, date1904: boolean): string {
  if (kind === undefined || kind.kind === 'plain') return Number.isFinite(value) ? plainNumber(value) : ''
  if (!Number.isFinite(value)) return ''
  if (kind.kind === 'date') return showDate(value, kind.format, date1904) ?? plainNumber(value)
  const shown = showSections(kind.sections, value)
  return shown !== '' || kind.sections.some(showsAnything) ? shown : plainNumber(value)
}

/** Zeros that stand for nothing, and exponents: `1.0` and `1E3` are shown as 1 and 1000. */
const unusual = /e|\.\d*0$|\.$|^[+-]?0\d/i

/** The same of a number that is stored as text; what is none stays as it is. */
export function showNumberText(raw: string, kind: NumberKind | undefined, date1904: boolean): string {
  if ((kind === undefined || kind.kind === 'plain') && raw.length <= shortNumber && !unusual.test(raw)) return raw
  const value = Number(raw)
  return raw === '' || !Number.isFinite(value) ? raw : showNumber(value, kind, date1904)
}

/** Formats such as `;;;` hide a cell; one that hides zeros only is meant. */
function showsAnything({ parts }: Section): boolean {
  return parts.length > 0
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
