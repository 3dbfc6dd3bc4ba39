import { pdfium } from '../src/pdf/engine.ts'
import { scratchBytes } from '../src/pdf/glyphs.ts'
import { plainLines } from '../src/pdf/plain.ts'

/** The text of a PDF as PDFium writes it, filled fields included, without any look at its layout. */
export async function readPlain(bytes: Uint8Array): Promise<string> {
  const engine = await pdfium()
  const { wasmExports } = engine.pdfium
  const scratchAt = (bytes.length + 15) & ~15
  const pointer = wasmExports.malloc(scratchAt + scratchBytes)
  engine.pdfium.HEAPU8.set(bytes, pointer)
  const document = engine.FPDF_LoadMemDocument(pointer, bytes.length, '')
  let text = ''
  for (let index = 0; index < engine.FPDF_GetPageCount(document); index++) {
    let page = engine.FPDF_LoadPage(document, index)
    if (engine.FPDFPage_GetAnnotCount(page) > 0 && engine.FPDFPage_Flatten(page, 0) === 1) {
      engine.FPDF_ClosePage(page)
      page = engine.FPDF_LoadPage(document, index)
    }
    const textPage = engine.FPDFText_LoadPage(page)
    const count = textPage === 0 ? 0 : engine.FPDFText_CountChars(textPage)
    if (count > 0) for (const line of plainLines(engine, textPage, count, pointer + scratchAt)) text += `${line.text}\n`
    if (textPage !== 0) engine.FPDFText_ClosePage(textPage)
    if (page !== 0) engine.FPDF_ClosePage(page)
  }
  if (document !== 0) engine.FPDF_CloseDocument(document)
  wasmExports.free(pointer)
  return text
}
