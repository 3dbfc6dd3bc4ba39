import { listForms } from './list-forms.ts'

const roman: readonly (readonly [number, string])[] = [
  [1000, 'm'],
  [900, 'cm'],
  [500, 'd'],
  [400, 'cd'],
  [100, 'c'],
  [90, 'xc'],
  [50, 'l'],
  [40, 'xl'],
  [10, 'x'],
  [9, 'ix'],
  [5, 'v'],
  [4, 'iv'],
  [1, 'i'],
]

/**
 * A counter as a list shows it, by the names OOXML gives the forms (ST_NumberFormat), `decimalZero3` for three places;
 * decimal for all others.
 */
export function listLabel(count: number, format: string): string {
  if (format === 'lowerLetter') return letters(count)
  if (format === 'upperLetter') return letters(count).toUpperCase()
  if (format === 'lowerRoman') return romanNumeral(count)
  if (format === 'upperRoman') return romanNumeral(count).toUpperCase()
  if (format.startsWith('decimalZero')) return String(count).padStart(Number(format.slice(11)) || 2, '0')
  if (format === 'none') return ''
  if (format === 'ordinal') return ordinal(count)
  const form = Object.hasOwn(listForms, format) ? listForms[format] : undefined
  return form?.(count) ?? String(count)
}

/** As English has them: which language a list is in is not known here. */
function ordinal(count: number): string {
  const ending = count % 100 > 10 && count % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][count % 10] ?? 'th')
  return `${count}${ending}`
}

/** Word goes on after z with aa, bb, cc. */
function letters(count: number): string {
  if (count < 1) return String(count)
  const letter = String.fromCharCode(97 + ((count - 1) % 26))
  return letter.repeat(Math.min(20, Math.ceil(count / 26)))
}

function romanNumeral(count: number): string {
  if (count < 1 || count > 3999) return String(count)
  let rest = count
  let out = ''
  for (const [value, sign] of roman) {
    while (rest >= value) {
      out += sign
      rest -= value
    }
  }
  return out
}

const plain = /^(\d{1,9})[.)]$/

/** A list label as Markdown's marker and what must go into the text: `3.` can be said, `(a)` and `1.2` cannot. */
export function markdownMarker(label: string): { readonly marker: string; readonly prefix: string } {
  return plain.test(label) ? { marker: label, prefix: '' } : { marker: '-', prefix: label === '-' ? '' : `${label} ` }
}
