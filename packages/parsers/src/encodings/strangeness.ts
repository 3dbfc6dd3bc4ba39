const properties: readonly [pattern: RegExp, bit: number][] = [
  [/\p{L}/u, 2],
  [/\p{Script=Latin}/u, 4],
  [/\p{Lu}/u, 8],
  [/\p{Ll}/u, 16],
  [/\p{M}/u, 32],
]
const letter = property(2)
const latin = property(4)
const upper = property(8)
const lower = property(16)
const mark = property(32)
/** Of each character seen: asking an expression costs more than all the rest. */
const known = new Uint8Array(0x10000)

function property(bit: number): { test(char: string): boolean } {
  return { test: (char) => (propertiesOf(char) & bit) !== 0 }
}

function propertiesOf(char: string): number {
  const code = char.charCodeAt(0)
  if (known[code] === 0)
    known[code] = properties.reduce((bits, [pattern, bit]) => bits | (pattern.test(char) ? bit : 0), 1)
  return known[code]!
}

/** What may stand within a word. */
const joiners = new Set(['’', '‘', '´', '·', '-', '‐', '‑', '–', '—', '…', '\u00a0', '\u00ad', '/', '•', '®', '™'])
/** Words and initials of one letter. */
const loneCapitals = new Set('ÀÁÄÅÈÉÍÓÖÚÜØŠŽ')
const currencies = new Set('¢£¤¥')
/** Of DOS, where other pages have letters. */
const operators = new Set('≡≥≤≈∞∩√⌠⌡■')
const digit = /\d/

export interface Strangeness {
  /** Characters beyond ASCII. */
  readonly foreign: number
  /** Of these, letters. */
  readonly letters: number
  /** Those that do not go with their neighbours. */
  readonly strange: number
}

/**
 * How often a text has what people do not write, and a wrong encoding gives: a capital within a word (`dÕs`), a
 * quotation mark or a box within a word, two alphabets in one, controls, four letters with accents in a row.
 */
export function strangeness(text: string): Strangeness {
  let foreign = 0
  let letters = 0
  let strange = 0
  let run = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x80) {
      run = 0
      continue
    }
    foreign++
    if (letter.test(text[at]!)) letters++
    const char = text[at]!
    const before = text[at - 1] ?? ' '
    const after = text[at + 1] ?? ' '
    if (code < 0xa0 || code === 0xfffd || (code >= 0xe000 && code <= 0xf8ff)) strange++
    else if (latin.test(char)) {
      run++
      const isCapital = upper.test(char) && lower.test(before)
      const isLone = upper.test(char) && !loneCapitals.has(char) && !letter.test(before) && !letter.test(after)
      if (isCapital || isLone || run > 3 || isOther(before) || isOther(after)) strange++
    } else {
      if (char !== before) run = isOther(char) ? 0 : run + 1
      const isPrice = currencies.has(char) && !digit.test(before + text.slice(at + 1, at + 3))
      if (isPrice || run > 3 || isStrangeOther(char, before, after)) strange++
    }
  }
  return { foreign, letters, strange }
}

function isStrangeOther(char: string, before: string, after: string): boolean {
  if (letter.test(char)) return isLatin(before) || isLatin(after) || (upper.test(char) && lower.test(before))
  if (mark.test(char)) return !isOther(before) && !mark.test(before)
  if (joiners.has(char)) return false
  if (char === '“' || char === '„' || char === '‚') return letter.test(before) || after === ' '
  if (char === '”') return letter.test(after)
  if (operators.has(char)) return letter.test(before) || letter.test(after)
  return letter.test(before) && letter.test(after)
}

function isLatin(char: string): boolean {
  return letter.test(char) && latin.test(char)
}

/** A letter, or what is written over one, of an alphabet that is not Latin. */
function isOther(char: string): boolean {
  return char.charCodeAt(0) >= 0x80 && (letter.test(char) || mark.test(char)) && !latin.test(char)
}
