import { type Pdfium, pdfium } from '../src/pdf/engine.ts'

/**
 * The letters of a PDF as PDFium finds them on its pages and in what people filled in, without any look at their
 * layout; those that it cannot name and those beside the page, which nobody sees, are left out.
 */
export async function readPlain(bytes: Uint8Array): Promise<string> {
  const engine = await pdfium()
  const { wasmExports } = engine.pdfium
  const scratchAt = (bytes.length + 15) & ~15
  const pointer = wasmExports.malloc(scratchAt + 32)
  engine.pdfium.HEAPU8.set(bytes, pointer)
  const document = engine.FPDF_LoadMemDocument(pointer, bytes.length, '')
  let text = ''
  for (let index = 0; index < engine.FPDF_GetPageCount(document); index++) {
    const page = engine.FPDF_LoadPage(document, index)
    if (page === 0) continue
    text += lettersOf(engine, page, pointer + scratchAt)
    const objects = engine.FPDFPage_CountObjects(page)
    const isFlat = engine.FPDFPage_GetAnnotCount(page) > 0 && engine.FPDFPage_Flatten(page, 0) === 1
    engine.FPDF_ClosePage(page)
    if (!isFlat) continue
    const flat = engine.FPDF_LoadPage(document, index)
    for (let count = 0; count < objects; count++) engine.FPDFPage_RemoveObject(flat, engine.FPDFPage_GetObject(flat, 0))
    text += lettersOf(engine, flat, pointer + scratchAt)
    engine.FPDF_ClosePage(flat)
  }
  if (document !== 0) engine.FPDF_CloseDocument(document)
  wasmExports.free(pointer)
  return text
}

function lettersOf(engine: Pdfium, page: number, scratch: number): string {
  const { wasmExports } = engine.pdfium
  const numbers = (): Float32Array => new Float32Array(engine.pdfium.HEAPU8.buffer, scratch, 4)
  if (!engine.FPDF_GetPageBoundingBox(page, scratch)) return ''
  const [left = 0, top = 0, right = 0, bottom = 0] = numbers()
  const textPage = engine.FPDFText_LoadPage(page)
  let text = ''
  for (let index = 0; textPage !== 0 && index < engine.FPDFText_CountChars(textPage); index++) {
    wasmExports.FPDFText_GetLooseCharBox(textPage, index, scratch)
    const [l = 0, t = 0, r = 0, b = 0] = numbers()
    const isSeen = l <= right && r >= left && b <= top && t >= bottom
    if (!isSeen || wasmExports.FPDFText_HasUnicodeMapError(textPage, index) === 1) continue
    text += String.fromCharCode(wasmExports.FPDFText_GetUnicode(textPage, index))
  }
  if (textPage !== 0) engine.FPDFText_ClosePage(textPage)
  return text
}
