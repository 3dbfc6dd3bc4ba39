import { crc32, deflateSync } from 'node:zlib'
import { pdfium } from '../../parsers/src/pdf/engine.ts'
import { renderPage } from '../../parsers/src/recognition/page.ts'
import { makePdf, makePdfOf } from '../../parsers/test/make-pdf.ts'

/** A grey picture, one byte a pixel. */
export interface Grey {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

/** A page with these lines as a scanner sees it, at 150 dots an inch. */
export async function scanned(lines: readonly string[]): Promise<Grey> {
  const bytes = makePdf([lines.map((text, index) => ({ text, size: 12, y: 700 - index * 20 }))])
  const engine = await pdfium()
  const pointer = engine.pdfium.wasmExports.malloc(bytes.length)
  engine.pdfium.HEAPU8.set(bytes, pointer)
  const document = engine.FPDF_LoadMemDocument(pointer, bytes.length, '')
  const { bytes: pgm } = renderPage(engine, document, 0)!
  engine.FPDF_CloseDocument(document)
  engine.pdfium.wasmExports.free(pointer)
  const header = Buffer.from(pgm.subarray(0, 30)).toString('latin1').split(/\s/, 4)
  const [width, height] = [Number(header[1]), Number(header[2])]
  return halved({ width, height, pixels: pgm.subarray(pgm.length - width * height) })
}

function halved({ width, height, pixels }: Grey): Grey {
  const half = { width: width >> 1, height: height >> 1 }
  const small = new Uint8Array(half.width * half.height)
  for (let y = 0; y < half.height; y++)
    for (let x = 0; x < half.width; x++) {
      const at = y * 2 * width + x * 2
      small[y * half.width + x] = (pixels[at]! + pixels[at + 1]! + pixels[at + width]! + pixels[at + width + 1]!) >> 2
    }
  return { ...half, pixels: small }
}

/** Turned clockwise by a quarter. */
export function aside({ width, height, pixels }: Grey): Grey {
  const turned = new Uint8Array(pixels.length)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) turned[x * height + (height - 1 - y)] = pixels[y * width + x]!
  return { width: height, height: width, pixels: turned }
}

/** A PDF with a picture a page, or a line of text where a page is given as one. */
export function scanPdf(pages: readonly (Grey | string)[]): Uint8Array<ArrayBuffer> {
  return makePdfOf(
    pages.map((page) => {
      if (typeof page === 'string') return `BT /F1 12 Tf 72 700 Td (${page}) Tj ET`
      const picture = Buffer.from(page.pixels).toString('latin1')
      return `q 612 0 0 792 0 0 cm BI /W ${page.width} /H ${page.height} /CS /G /BPC 8 ID ${picture} EI Q`
    }),
    '/Title (Letter of the harbour master)',
  )
}

/** https://www.w3.org/TR/png-3/ */
export function png(
  { width, height, pixels }: Grey,
  declared: { readonly height?: number } = {},
): Uint8Array<ArrayBuffer> {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(declared.height ?? height, 4)
  header[8] = 8
  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y++) rows.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1)
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]
  return new Uint8Array(Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...parts]))
}

function chunk(name: string, data: Buffer): Buffer {
  const out = Buffer.alloc(data.length + 12)
  out.writeUInt32BE(data.length, 0)
  out.write(name, 4, 'latin1')
  data.copy(out, 8)
  out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8)
  return out
}
