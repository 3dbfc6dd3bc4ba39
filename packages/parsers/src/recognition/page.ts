import type { Picture } from '@cx/core/engine'
import type { Pdfium } from '../pdf/engine.ts'

/** What Tesseract was made for; at 200 it misses half as many words again, and is a tenth faster. */
const wantedDpi = 300
/** An A3 page at 300 dots an inch; larger ones are drawn smaller. */
const maxPixels = 18_000_000
const maxSide = 16_000
const pointsPerInch = 72

/** https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/fpdfview.h: FPDFBitmap_Gray, FPDF_ANNOT, FPDF_GRAYSCALE. */
const grayBitmap = 1
const asPrinted = 0x01 | 0x08
const white = 0xffffffff

/** A page as a grey picture; undefined for one that is blank or cannot be drawn. */
export function renderPage(engine: Pdfium, document: number, index: number): Picture | undefined {
  const page = engine.FPDF_LoadPage(document, index)
  if (page === 0) return undefined
  try {
    if (engine.FPDFPage_CountObjects(page) + engine.FPDFPage_GetAnnotCount(page) <= 0) return undefined
    const size = pixelsOf(engine.FPDF_GetPageWidthF(page), engine.FPDF_GetPageHeightF(page))
    if (size === undefined) return undefined
    const { width, height, dpi } = size
    const bitmap = engine.FPDFBitmap_CreateEx(width, height, grayBitmap, 0, 0)
    if (bitmap === 0) return undefined
    try {
      engine.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, white)
      engine.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, asPrinted)
      return { bytes: pgmOf(engine, bitmap, width, height), dpi }
    } finally {
      engine.FPDFBitmap_Destroy(bitmap)
    }
  } finally {
    engine.FPDF_ClosePage(page)
  }
}

function pixelsOf(
  points: number,
  pointsHigh: number,
): { readonly width: number; readonly height: number; readonly dpi: number } | undefined {
  if (!(points > 0 && pointsHigh > 0)) return undefined
  const inches = points / pointsPerInch
  const inchesHigh = pointsHigh / pointsPerInch
  const dpi = Math.min(wantedDpi, Math.sqrt(maxPixels / (inches * inchesHigh)), maxSide / Math.max(inches, inchesHigh))
  const width = Math.floor(inches * dpi)
  const height = Math.floor(inchesHigh * dpi)
  return width > 0 && height > 0 ? { width, height, dpi } : undefined
}

/** The bitmap as binary PGM, the one format that costs no encoding: https://netpbm.sourceforge.net/doc/pgm.html */
function pgmOf(engine: Pdfium, bitmap: number, width: number, height: number): Uint8Array {
  const start = engine.FPDFBitmap_GetBuffer(bitmap)
  const stride = engine.FPDFBitmap_GetStride(bitmap)
  const memory = engine.pdfium.HEAPU8
  const header = new TextEncoder().encode(`P5\n${width} ${height}\n255\n`)
  const bytes = new Uint8Array(header.length + width * height)
  bytes.set(header)
  for (let row = 0; row < height; row++) {
    const at = start + row * stride
    bytes.set(memory.subarray(at, at + width), header.length + row * width)
  }
  return bytes
}
