import type { Pdfium } from './engine.ts'
import { readBytes } from './strings.ts'
import type { Tag, Tags } from './tags.ts'
import { type Decode, decoderOf } from './unmapped.ts'

/** Where something stands on the page once its text is turned upright, and its look; points, y grows upwards. */
export interface Placed {
  left: number
  right: number
  top: number
  bottom: number
  size: number
  /** Quarter turns, clockwise, that bring its text upright. */
  turn: number
  bold: boolean
  mono: boolean
  /** What a tagged document says of it. */
  tag: Tag | undefined
}

/** One letter. */
export interface Glyph extends Placed {
  code: number
  /** The text object it belongs to; 0 for what PDFium added. */
  object: number
}

/** What is known of a page. */
export interface Sight {
  readonly bounds: Bounds
  readonly tags: Tags | undefined
}

/** What of a page is shown, in points. */
export interface Bounds {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

interface Look {
  readonly name: string
  readonly bold: boolean
  readonly mono: boolean
  /** Once a letter of it was found that nothing maps: what does, or that nothing can. */
  decode?: Decode | false
}

const slab = 2048
const boxBytes = 16
/** Of PDFium's memory, for {@link readGlyphs}. */
export const scratchBytes: number = slab * boxBytes + 64
const fixedPitch = 1
/** Those of TeX and of the free Times have names of their own. */
const boldName = /bold|black|heavy|semibold|demi|-bd\b|cmbx|sfbx|ecbx|nimbusrom\w*-medi/i
const monoName = /mono|courier|consol|typewriter|menlo|cmtt|fixed/i

/** So many letters of a font show what its codes are. */
const maxSample = 400
/** Share of height in width, or the other way round, from which on turned text is slanted. */
const slant = 0.05
const hyphen = 45
/** What PDFium puts at the end of a line. */
const newline = 13
/** What PDFium makes of a hyphen there, when it knows one. */
export const lineBreakHyphen = 2
/** A letter that nothing maps to one, and that no person could read. */
const unreadable = 0

/**
 * Calls `each` for the letters `first` up to `end` of a page in the order of PDFium, with one object that is used again;
 * letters beside the page, which nobody sees, are left out. `scratch` is {@link scratchBytes} of PDFium's memory, at a
 * multiple of eight.
 */
export function readGlyphs(
  engine: Pdfium,
  textPage: number,
  [first, end]: readonly [number, number],
  scratch: number,
  { bounds, tags }: Sight,
  each: (glyph: Glyph) => void,
): void {
  const { wasmExports } = engine.pdfium
  const looks = new Map<number, Look>()
  const extra = scratch + slab * boxBytes
  const glyph: Glyph = {
    code: 0,
    left: 0,
    right: 0,
    top: 0,
    bottom: 0,
    size: 0,
    turn: 0,
    bold: false,
    mono: false,
    tag: undefined,
    object: 0,
  }
  let object = 0
  let size = 0
  let isSlanted = false
  let look: Look | undefined
  let lead = 0
  for (let from = first; from < end; from += slab) {
    const length = Math.min(slab, end - from)
    for (let index = 0; index < length; index++)
      wasmExports.FPDFText_GetLooseCharBox(textPage, from + index, scratch + index * boxBytes)
    // Calls may let the memory grow, which ends all views of it.
    const boxes = new Float32Array(engine.pdfium.HEAPU8.buffer, scratch, length * 4).slice()
    for (let index = 0; index < length; index++) {
      const at = from + index
      glyph.code = wasmExports.FPDFText_GetUnicode(textPage, at)
      // Letters beyond the first plane come as two halves.
      if ((glyph.code & 0xfc00) === 0xd800) {
        lead = glyph.code
        continue
      }
      if ((glyph.code & 0xfc00) === 0xdc00) glyph.code = ((lead & 0x3ff) << 10) + (glyph.code & 0x3ff) + 0x10000
      glyph.object = wasmExports.FPDFText_GetTextObject(textPage, at)
      const left = boxes[index * 4]!
      const top = boxes[index * 4 + 1]!
      const right = boxes[index * 4 + 2]!
      const bottom = boxes[index * 4 + 3]!
      // White space that PDFium adds stands anywhere.
      const isBeside = left > bounds.right || right < bounds.left || bottom > bounds.top || top < bounds.bottom
      if (isBeside && (glyph.code > 32 || glyph.code === lineBreakHyphen)) continue
      if (glyph.object !== 0) {
        if (glyph.object !== object) {
          object = glyph.object
          look = lookOf(engine, object, looks)
          glyph.bold = look.bold
          glyph.mono = look.mono
          if (tags !== undefined) glyph.tag = tags.get(wasmExports.FPDFPageObj_GetMarkedContentID(object))
          wasmExports.FPDFText_GetMatrix(textPage, at, extra)
          const [a = 1, b = 0, c = 0, d = 1] = new Float32Array(engine.pdfium.HEAPU8.buffer, extra, 4)
          const given = wasmExports.FPDFText_GetFontSize(textPage, at)
          // Letters of a size below nothing are turned round.
          glyph.turn = given < 0 ? turnOf(-a, -b) : turnOf(a, b)
          isSlanted = Math.min(Math.abs(a), Math.abs(b)) > Math.max(Math.abs(a), Math.abs(b)) * slant
          size = Math.abs(given) * Math.hypot(c, d)
        }
        if (wasmExports.FPDFText_HasUnicodeMapError(textPage, at) === 1) {
          look!.decode ??= decoderAt(engine, textPage, [at, end], look!.name, extra) ?? false
          const code = look!.decode === false ? undefined : look!.decode(glyph.code)
          glyph.code = code ?? (glyph.code < 32 ? unreadable : glyph.code)
          if (code === hyphen && wasmExports.FPDFText_GetUnicode(textPage, at + 1) === newline)
            glyph.code = lineBreakHyphen
        }
      }
      glyph.left = left
      glyph.top = top
      glyph.right = right
      glyph.bottom = bottom
      if (glyph.turn === 0) resize(glyph, size)
      else {
        wasmExports.FPDFText_GetCharOrigin(textPage, at, extra, extra + 8)
        // Loose boxes of slanted letters lie over each other.
        if (isSlanted) wasmExports.FPDFText_GetCharBox(textPage, at, extra + 16, extra + 24, extra + 32, extra + 40)
        const numbers = new Float64Array(engine.pdfium.HEAPU8.buffer, extra, 6)
        if (isSlanted) [, , glyph.left = left, glyph.right = right, glyph.bottom = bottom, glyph.top = top] = numbers
        glyph.size = size
        turnBox(glyph, numbers)
      }
      each(glyph)
    }
  }
}

/** Looks at the letters of one font from `at` on. */
function decoderAt(
  engine: Pdfium,
  textPage: number,
  [at, end]: readonly [number, number],
  name: string,
  scratch: number,
): Decode | undefined {
  const { wasmExports } = engine.pdfium
  const font = wasmExports.FPDFTextObj_GetFont(wasmExports.FPDFText_GetTextObject(textPage, at))
  const codes: number[] = []
  for (let next = at; next < Math.min(end, at + maxSample * 4) && codes.length < maxSample; next++) {
    if (wasmExports.FPDFText_HasUnicodeMapError(textPage, next) !== 1) continue
    const object = wasmExports.FPDFText_GetTextObject(textPage, next)
    if (object !== 0 && wasmExports.FPDFTextObj_GetFont(object) === font)
      codes.push(wasmExports.FPDFText_GetUnicode(textPage, next))
  }
  return decoderOf(engine, font, name, codes, scratch)
}

/** The loose box is as high as the font says, which may be twice its size; drawn fonts know of no size. */
function resize(glyph: Glyph, size: number): void {
  const height = glyph.top - glyph.bottom
  if (size < height * 0.3 || size > height * 3) glyph.size = Math.max(height, (glyph.right - glyph.left) * 0.6)
  else {
    const middle = (glyph.top + glyph.bottom) / 2
    glyph.size = size
    glyph.top = middle + size / 2
    glyph.bottom = middle - size / 2
  }
}

function turnOf(a: number, b: number): number {
  if (Math.abs(a) >= Math.abs(b)) return a < 0 ? 2 : 0
  return b > 0 ? 1 : 3
}

function turnBox(glyph: Glyph, numbers: Float64Array): void {
  const [x = 0, y = 0] = numbers
  const { turn, size, left, right, bottom, top } = glyph
  glyph.left = turn === 1 ? bottom : turn === 2 ? -right : -top
  glyph.right = turn === 1 ? top : turn === 2 ? -left : -bottom
  const base = turn === 1 ? -x : turn === 2 ? -y : x
  glyph.bottom = base - size * 0.22
  glyph.top = base + size * 0.78
}

function lookOf(engine: Pdfium, object: number, looks: Map<number, Look>): Look {
  const font = engine.pdfium.wasmExports.FPDFTextObj_GetFont(object)
  const known = looks.get(font)
  if (known !== undefined) return known
  const name =
    font === 0
      ? ''
      : (readBytes(engine, 200, (buffer, size) => engine.FPDFFont_GetBaseFontName(font, buffer, size)) ?? '')
  const look: Look = {
    name,
    bold: boldName.test(name),
    mono: font !== 0 && ((engine.FPDFFont_GetFlags(font) & fixedPitch) !== 0 || monoName.test(name)),
  }
  looks.set(font, look)
  return look
}
