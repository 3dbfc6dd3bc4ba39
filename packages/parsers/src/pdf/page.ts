import { readAnnotations, type Value } from './annotations.ts'
import { type Block, blocksOf } from './blocks.ts'
import type { Pdfium } from './engine.ts'
import { putFields, undrawn } from './fields.ts'
import { type PageLink, readLinks } from './links.ts'
import { plainLines } from './plain.ts'
import { readRuns } from './runs.ts'

/** https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/fpdf_flatten.h */
const flattenSuccess = 1
/** A page of more letters (a full one has ten thousand) is hostile or a list: it is read line by line, as written. */
const maxLetters = 200_000

/** A page as it was read. */
export interface Page {
  readonly blocks: readonly Block[]
  readonly notes: readonly string[]
}

/** One page as lines, tables and notes. `scratch` is PDFium's memory, as much as glyphs take. */
export function readPage(engine: Pdfium, document: number, index: number, scratch: number): Page {
  let page = engine.FPDF_LoadPage(document, index)
  if (page === 0) return { blocks: [], notes: [] }
  try {
    const annotated = engine.FPDFPage_GetAnnotCount(page)
    if (annotated <= 0) return { blocks: readText(engine, page, scratch, bare), notes: [] }
    const links = readLinks(engine, document, page, scratch)
    const { hasFields, notes, values } = readAnnotations(engine, page, annotated, scratch)
    const before = hasFields ? countLetters(engine, page) : undefined
    // What people typed into forms and boxes lies in annotations; flattened, it is text behind that of the page.
    if (engine.FPDFPage_Flatten(page, 0) === flattenSuccess) {
      engine.FPDF_ClosePage(page)
      page = engine.FPDF_LoadPage(document, index)
    }
    return { blocks: page === 0 ? [] : readText(engine, page, scratch, { links, values, before }), notes }
  } finally {
    if (page !== 0) engine.FPDF_ClosePage(page)
  }
}

interface Beside {
  readonly links: readonly PageLink[]
  readonly values: readonly Value[]
  /** Letters from here on are those of a form's fields. */
  readonly before: number | undefined
}

const bare: Beside = { links: [], values: [], before: undefined }

function readText(engine: Pdfium, page: number, scratch: number, { links, values, before }: Beside): Block[] {
  const textPage = engine.FPDFText_LoadPage(page)
  if (textPage === 0) return []
  try {
    const count = Math.max(engine.FPDFText_CountChars(textPage), 0)
    if (count > maxLetters) return plainLines(engine, textPage, count, scratch)
    const own = Math.min(before ?? count, count)
    const runs = readRuns(engine, textPage, [0, own], scratch, links)
    const drawn = own < count ? readRuns(engine, textPage, [own, count], scratch, []) : []
    const fields = [...drawn, ...undrawn(values, drawn)]
    return blocksOf(fields.length === 0 ? runs : putFields(runs, fields))
  } finally {
    engine.FPDFText_ClosePage(textPage)
  }
}

function countLetters(engine: Pdfium, page: number): number {
  const textPage = engine.FPDFText_LoadPage(page)
  if (textPage === 0) return 0
  const count = engine.FPDFText_CountChars(textPage)
  engine.FPDFText_ClosePage(textPage)
  return Math.max(count, 0)
}
