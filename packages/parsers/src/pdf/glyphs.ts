import type { Pdfium } from './engine.ts'
import { readBytes } from './strings.ts'

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
}

/** One letter. */
export interface Glyph extends Placed {
  code: number
  /** The text object it belongs to; 0 for what PDFium added. */
  object: number
}

interface Look {
  readonly bold: boolean
  readonly mono: boolean
}

const slab = 2048
const boxBytes = 16
/** Of PDFium's memory, for {@link readGlyphs}. */
export const scratchBytes: number = slab * boxBytes + 64
const fixedPitch = 1
const boldName = /bold|black|heavy|semibold|demi|-bd\b|cmbx/i
const monoName = /mono|courier|consol|typewriter|menlo|cmtt|fixed/i

/**
 * Calls `each` for the letters `first` up to `end` of a page in the order of PDFium, with one object that is used again. `scratch` is
 * {@link scratchBytes} of PDFium's memory, at a multiple of eight.
 */
export function readGlyphs(
  engine: Pdfium,
  textPage: number,
  [first, end]: readonly [number, number],
  scratch: number,
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
    object: 0,
  }
  let object = 0
  let size = 0
  for (let from = first; from < end; from += slab) {
    const length = Math.min(slab, end - from)
    for (let index = 0; index < length; index++)
      wasmExports.FPDFText_GetLooseCharBox(textPage, from + index, scratch + index * boxBytes)
    // Calls may let the memory grow, which ends all views of it.
    const boxes = new Float32Array(engine.pdfium.HEAPU8.buffer, scratch, length * 4).slice()
    for (let index = 0; index < length; index++) {
      const at = from + index
      glyph.code = wasmExports.FPDFText_GetUnicode(textPage, at)
      glyph.object = wasmExports.FPDFText_GetTextObject(textPage, at)
      if (glyph.object !== 0 && glyph.object !== object) {
        object = glyph.object
        const { bold, mono } = lookOf(engine, object, looks)
        glyph.bold = bold
        glyph.mono = mono
        wasmExports.FPDFText_GetMatrix(textPage, at, extra)
        const [a = 1, b = 0, c = 0, d = 1] = new Float32Array(engine.pdfium.HEAPU8.buffer, extra, 4)
        glyph.turn = turnOf(a, b)
        size = wasmExports.FPDFText_GetFontSize(textPage, at) * Math.hypot(c, d)
      }
      if (glyph.turn === 0) {
        glyph.left = boxes[index * 4]!
        glyph.top = boxes[index * 4 + 1]!
        glyph.right = boxes[index * 4 + 2]!
        glyph.bottom = boxes[index * 4 + 3]!
        resize(glyph, size)
      } else {
        // The loose box knows of no turn.
        wasmExports.FPDFText_GetCharBox(textPage, at, extra, extra + 8, extra + 16, extra + 24)
        wasmExports.FPDFText_GetCharOrigin(textPage, at, extra + 32, extra + 40)
        glyph.size = size
        turnBox(glyph, new Float64Array(engine.pdfium.HEAPU8.buffer, extra, 6))
      }
      each(glyph)
    }
  }
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
  const [left = 0, right = 0, bottom = 0, top = 0, x = 0, y = 0] = numbers
  const { turn, size } = glyph
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
  const look = {
    bold: boldName.test(name),
    mono: font !== 0 && ((engine.FPDFFont_GetFlags(font) & fixedPitch) !== 0 || monoName.test(name)),
  }
  looks.set(font, look)
  return look
}
