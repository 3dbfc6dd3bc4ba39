/** Accents that TeX and old fonts draw as letters of their own, before the letter they stand on. */
const marks: ReadonlyMap<number, string> = new Map([
  [0x60, '\u0300'],
  [0xb4, '\u0301'],
  [0x2c6, '\u0302'],
  [0x5e, '\u0302'],
  [0x2dc, '\u0303'],
  [0x7e, '\u0303'],
  [0xaf, '\u0304'],
  [0x2d8, '\u0306'],
  [0x2d9, '\u0307'],
  [0xa8, '\u0308'],
  [0x2da, '\u030a'],
  [0x2dd, '\u030b'],
  [0x2c7, '\u030c'],
  [0xb8, '\u0327'],
  [0x2db, '\u0328'],
])

/** One letter out of an accent and the letter under it; nothing when there is none. */
export function accented(accent: number, letter: number): string | undefined {
  const mark = marks.get(accent)
  if (mark === undefined) return undefined
  const base = letter === 0x131 ? 'i' : letter === 0x237 ? 'j' : letters(letter)
  const composed = (base + mark).normalize('NFC')
  return composed.length === 1 ? composed : undefined
}

/** Numbers behind all letters stand for up to three letters of ASCII. */
const firstLigature = 0x200000

/** One code for up to three letters of ASCII that are drawn as one. */
export function ligature(text: string): number {
  let code = 0
  for (let index = 0; index < Math.min(text.length, 3); index++) code = (code << 7) | text.charCodeAt(index)
  return firstLigature + code
}

/** Text of a letter; ligatures and forms of presentation are taken apart, so that words are found. */
export function letters(code: number): string {
  if (code < 0xfb00) return String.fromCharCode(code)
  if (code >= firstLigature) {
    const packed = code - firstLigature
    return String.fromCharCode(packed >> 14, (packed >> 7) & 0x7f, packed & 0x7f).replaceAll('\0', '')
  }
  if (code > 0x10ffff) return '\ufffd'
  const letter = String.fromCodePoint(code)
  return code <= 0xfdff || (code >= 0xfe70 && code <= 0xfeff) ? letter.normalize('NFKC') : letter
}

export function isRightToLeft(code: number): boolean {
  return (code >= 0x590 && code <= 0x8ff) || (code >= 0xfb1d && code <= 0xfdff) || (code >= 0xfe70 && code <= 0xfefc)
}

const brackets: Readonly<Record<string, string>> = { '(': ')', ')': '(', '[': ']', ']': '[', '{': '}', '}': '{' }

/** Right-to-left text whose letters were written from the left, as it is read; numbers in it stay as they are. */
export function fromRight(text: string): string {
  const turned = Array.from(text, (letter) => brackets[letter] ?? letter).reverse()
  return turned
    .join('')
    .replace(/[0-9A-Za-z\u00c0-\u024f](?:[^\u0590-\u08ff\s]*[0-9A-Za-z\u00c0-\u024f])?/g, (part) =>
      Array.from(part).reverse().join(''),
    )
}

/** Letters and digits of scripts that part words by spaces; not the marks that stand on them. */
export function isInWord(code: number): boolean {
  if (code < 128) return (code >= 48 && code <= 57) || ((code | 32) >= 97 && (code | 32) <= 122)
  return code >= 0xc0 && code < 0x590 && (code < 0x300 || code >= 0x370)
}

/** Written without spaces: lines are put together without one. */
export function isIdeograph(code: number): boolean {
  return (
    (code >= 0x2e80 && code <= 0x30ff) ||
    (code >= 0x3400 && code <= 0x9fff) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xff00 && code <= 0xffef) ||
    (code >= 0x20000 && code <= 0x3ffff)
  )
}

/** Behind a hyphen these are words of their own: `pre- and post-war`. */
const conjunction = /^(?:and|or|und|oder|bzw\.|sowie|et|ou) /

export function isConjunction(text: string): boolean {
  return conjunction.test(text)
}

/** What comes between two lines that are put together: nothing between ideographs and behind a hyphen. */
export function joint(before: string, text: string): '' | ' ' {
  const last = before.charCodeAt(before.length - 1)
  const isGlued =
    (isIdeograph(last) && isIdeograph(text.charCodeAt(0))) ||
    (last === 45 && /[\p{L}\p{N}]-$/u.test(before.slice(-3)) && !isConjunction(text))
  return isGlued ? '' : ' '
}
