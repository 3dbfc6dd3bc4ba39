import { type Block, blocksOf } from './blocks.ts'
import type { Pdfium } from './engine.ts'
import { putFields } from './fields.ts'
import { readLinks } from './links.ts'
import { plainLines } from './plain.ts'
import { readRuns } from './runs.ts'

/** https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/fpdf_flatten.h */
const flattenSuccess = 1
/** https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/fpdf_annot.h */
const widget = 20
const maxAnnotations = 2_000
/** A page of more letters (a full one has ten thousand) is hostile or a list: it is read line by line, as written. */
const maxLetters = 200_000

/** One page as lines and tables. `scratch` is PDFium's memory, as much as glyphs take. */
export function readBlocks(engine: Pdfium, document: number, index: number, scratch: number): Block[] {
  let page = engine.FPDF_LoadPage(document, index)
  if (page === 0) return []
  let textPage = 0
  try {
    const annotated = engine.FPDFPage_GetAnnotCount(page)
    const links = annotated > 0 ? readLinks(engine, document, page, scratch) : []
    const before = annotated > 0 && hasFields(engine, page, annotated) ? countLetters(engine, page) : undefined
    // What people typed into forms and boxes lies in annotations; flattened, it is text behind that of the page.
    if (annotated > 0 && engine.FPDFPage_Flatten(page, 0) === flattenSuccess) {
      engine.FPDF_ClosePage(page)
      page = engine.FPDF_LoadPage(document, index)
    }
    if (page === 0) return []
    textPage = engine.FPDFText_LoadPage(page)
    const count = textPage === 0 ? 0 : engine.FPDFText_CountChars(textPage)
    if (count <= 0) return []
    if (count > maxLetters) return plainLines(engine, textPage, count, scratch)
    if (before === undefined || before >= count) return blocksOf(readRuns(engine, textPage, [0, count], scratch, links))
    const fields = readRuns(engine, textPage, [before, count], scratch, [])
    return blocksOf(putFields(readRuns(engine, textPage, [0, before], scratch, links), fields))
  } finally {
    if (textPage !== 0) engine.FPDFText_ClosePage(textPage)
    if (page !== 0) engine.FPDF_ClosePage(page)
  }
}

function hasFields(engine: Pdfium, page: number, count: number): boolean {
  for (let index = 0; index < Math.min(count, maxAnnotations); index++) {
    const annotation = engine.FPDFPage_GetAnnot(page, index)
    const isField = annotation !== 0 && engine.FPDFAnnot_GetSubtype(annotation) === widget
    if (annotation !== 0) engine.FPDFPage_CloseAnnot(annotation)
    if (isField) return true
  }
  return false
}

function countLetters(engine: Pdfium, page: number): number {
  const textPage = engine.FPDFText_LoadPage(page)
  if (textPage === 0) return 0
  const count = engine.FPDFText_CountChars(textPage)
  engine.FPDFText_ClosePage(textPage)
  return Math.max(count, 0)
}
