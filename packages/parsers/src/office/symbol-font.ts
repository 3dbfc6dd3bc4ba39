/** The Symbol font's characters from 0x20 (Adobe's Symbol encoding), in two halves. */
const low = ' !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼'
const high = '€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪ 〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭'

const dings = new Map([
  [0x4a, '☺'],
  [0xdf, '←'],
  [0xe0, '→'],
  [0xe8, '➔'],
  [0xfb, '✗'],
  [0xfc, '✓'],
  [0xfd, '☒'],
  [0xfe, '☑'],
])

const pictures = /^(wingdings|webdings|zapf ?dingbats|monotype sorts|marlett)/i

/** Whether a font shows other things than the letters its text is made of. */
export function isSymbolFont(name: string): boolean {
  return /^symbol$/i.test(name) || pictures.test(name)
}

/** What a symbol font shows for a byte (or its place in the private area): Greek and mathematics, or a picture's nearest sign. */
export function symbolChar(font: string, code: number): string {
  const byte = code & 0xff
  if (pictures.test(font)) return dings.get(byte) ?? '•'
  return (byte < 0xa0 ? low[byte - 0x20] : high[byte - 0xa0]) ?? '•'
}
