import type { Pdfium } from './engine.ts'
import { ligature } from './letters.ts'
import { openSfnt, type Sfnt } from './sfnt.ts'

/** The letter that a code without one stands for; nothing when it stays what it is. */
export type Decode = (code: number) => number | undefined

const maxFontBytes = 16 * 1024 * 1024
/** In thousandths of the size. */
const sameWidth = 12
const maxTested = 48
/** Programs that embed nothing name glyphs of these fonts by their numbers. */
const orderedFonts =
  /^(?:[a-z]{6}\+)?(?:arial|times ?new|times|helvetica|courier|verdana|tahoma|trebuchet|georgia|century)/i
const firstOrdered = 3
const upperMac = Uint8Array.from({ length: 128 }, (_, index) => index + 128)
/** Letters of the glyphs from the fourth on: ASCII, Macintosh's set without its second space, and some more. */
const order = `${String.fromCharCode(...Array.from({ length: 95 }, (_, index) => index + 32))}${new TextDecoder(
  'macintosh',
)
  .decode(upperMac)
  .replace('\u00a0', '')}ŁłŠšŽž¦ÐðÝýÞþ−×¹²³½¼¾₣ĞğİŞşĆćČčđ`
/** Ligatures of TeX's fonts, whose codes are those of signs of control. */
const texLigatures = ['ff', 'fi', 'fl', 'ffi', 'ffl']
const firstTexLigature = 11

/**
 * Letters of a font whose codes PDFium knows no letters for: what the font itself says of its glyphs, or the order
 * that nearly all fonts of office programs have. `codes` is a sample of those that stand on the page.
 */
export function decoderOf(
  engine: Pdfium,
  font: number,
  name: string,
  codes: readonly number[],
  scratch: number,
): Decode | undefined {
  if (engine.FPDFFont_GetIsEmbedded(font) === 0) {
    const isOrdered = orderedFonts.test(name) && codes.every((code) => ordered(code) !== undefined)
    return isOrdered && prefers(ordered, codes) ? ordered : undefined
  }
  const data = fontData(engine, font, scratch)
  if (data === undefined || (data[0] === 0x25 && data[1] === 0x21)) return texDecoder(codes)
  const sfnt = openSfnt(data)
  return sfnt && byGlyphs(sfnt, codes, (code) => widthOf(engine, font, code, scratch))
}

function fontData(engine: Pdfium, font: number, scratch: number): Uint8Array | undefined {
  const size = (): number => new DataView(engine.pdfium.HEAPU8.buffer).getUint32(scratch, true)
  if (!engine.FPDFFont_GetFontData(font, 0, 0, scratch)) return undefined
  const length = size()
  if (length < 4 || length > maxFontBytes) return undefined
  const { wasmExports } = engine.pdfium
  const buffer = wasmExports.malloc(length)
  if (buffer === 0) return undefined
  const isRead = engine.FPDFFont_GetFontData(font, buffer, length, scratch)
  const data = isRead ? engine.pdfium.HEAPU8.slice(buffer, buffer + length) : undefined
  wasmExports.free(buffer)
  return data
}

function widthOf(engine: Pdfium, font: number, code: number, scratch: number): number | undefined {
  if (!engine.FPDFFont_GetGlyphWidth(font, code, 1000, scratch)) return undefined
  return new DataView(engine.pdfium.HEAPU8.buffer).getFloat32(scratch, true)
}

/** Codes that are numbers of glyphs, or letters themselves; whose widths are those that the document gives decides. */
function byGlyphs(
  { glyphs, unicodes, glyphOf, advance }: Sfnt,
  sample: readonly number[],
  widthAt: (code: number) => number | undefined,
): Decode | undefined {
  const codes = [...new Set(sample)].slice(0, maxTested)
  // Some programs take the bytes of UTF-8 for codes.
  if (codes.filter((code) => code >= glyphs && utf8Pair(code) !== undefined).length * 2 > codes.length) return utf8Pair
  // Documents without widths of single letters have one for all of them.
  const areGiven = new Set(codes.map(widthAt)).size > 1
  const hasWidth = (code: number, glyph: number | undefined): boolean => {
    if (!areGiven) return glyph !== undefined
    const [own, given] = [glyph === undefined ? undefined : advance(glyph), widthAt(code)]
    return own !== undefined && given !== undefined && Math.abs(own - given) < sameWidth
  }
  const known = (code: number): number | undefined => (unicodes.size > 0 ? unicodes.get(code) : ordered(code))
  const byNumber = codes.filter((code) => code < glyphs && known(code) !== undefined && hasWidth(code, code)).length
  const byLetter = codes.filter((code) => glyphOf.has(code) && hasWidth(code, glyphOf.get(code))).length
  if (byNumber * 10 < codes.length * 7 || byNumber < byLetter) return undefined
  if (byNumber > byLetter && unicodes.size > 0) return known
  return prefers(known, sample) ? known : undefined
}

/**
 * The letter of a glyph by its number in the fonts that come with Windows and macOS: that of
 * https://developer.apple.com/fonts/TrueType-Reference-Manual/RM06/Chap6post.html, but one space in it.
 */
function ordered(glyph: number): number | undefined {
  return glyph < firstOrdered ? undefined : order.charCodeAt(glyph - firstOrdered) || undefined
}

/** Whether codes read more like text when they are decoded: text has spaces, or else letters. */
function prefers(decode: Decode, codes: readonly number[]): boolean {
  const count = (read: (code: number) => number | undefined): { spaces: number; letters: number } => {
    let spaces = 0
    let letters = 0
    for (const code of codes) {
      const letter = read(code) ?? 0
      if (letter === 32) spaces++
      else if ((letter | 32) >= 97 && (letter | 32) <= 122) letters++
    }
    return { spaces, letters }
  }
  const raw = count((code) => code)
  const decoded = count(decode)
  return decoded.spaces === raw.spaces ? decoded.letters > raw.letters : decoded.spaces > raw.spaces
}

function utf8Pair(code: number): number | undefined {
  const [lead, trail] = [code >> 8, code & 0xff]
  return lead >= 0xc2 && lead <= 0xdf && trail >= 0x80 && trail <= 0xbf
    ? ((lead & 0x1f) << 6) | (trail & 0x3f)
    : undefined
}

/** Fonts drawn for TeX, when most of their codes are letters. */
function texDecoder(codes: readonly number[]): Decode | undefined {
  const letters = codes.filter((code) => (code | 32) >= 97 && (code | 32) <= 122)
  if (letters.length * 2 < codes.length) return undefined
  return (code) => {
    const text = texLigatures[code - firstTexLigature]
    return text === undefined ? undefined : ligature(text)
  }
}
