/** What the font Symbol shows from 0x20 and from 0xA0 on (Unicode's mapping of Adobe's Symbol encoding). */
const symbolLow = ' !∀#∃%&∍()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼'
const symbolHigh = '€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪ 〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭'

/** The few signs of Wingdings that say something; the rest are ornaments. */
const wingdings: Readonly<Record<number, string>> = {
  74: '☺',
  76: '☹',
  111: '☐',
  113: '☐',
  114: '☐',
  120: '☒',
  168: '☐',
  223: '←',
  224: '→',
  225: '↑',
  226: '↓',
  231: '←',
  232: '→',
  240: '→',
  251: '✗',
  252: '✓',
  253: '☒',
  254: '☑',
}

/** True where {@link symbolText} has something to do. */
export const privateUse: RegExp = /[\uf020-\uf0ff]/

/**
 * Text in a symbol font as Unicode. Office keeps such characters at U+F000 and what the font has there; of fonts that
 * are not known here, and of ornaments, a bullet is left.
 */
export function symbolText(text: string, font: string | undefined): string {
  let out = ''
  for (const char of text) out += symbolChar(char.codePointAt(0)!, font)
  return out
}

/** One character, as text or as `w:sym` gives it. */
export function symbolChar(code: number, font: string | undefined): string {
  const isPrivate = code >= 0xf020 && code <= 0xf0ff
  const name = font?.toLowerCase()
  const at = isPrivate ? code - 0xf000 : code
  if (name === 'symbol' && at <= 0xff) {
    const found = at >= 0xa0 ? symbolHigh[at - 0xa0] : symbolLow[at - 0x20]
    return found ?? (isPrivate ? '•' : String.fromCodePoint(code))
  }
  if (isPrivate) return wingdings[at] ?? '•'
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ''
}
