import { type Annotations, readAnnotations } from './annotations.ts'
import { type Block, blocksOf } from './blocks.ts'
import type { Pdfium } from './engine.ts'
import { putFields, undrawn } from './fields.ts'
import type { Bounds } from './glyphs.ts'
import { type PageLink, readLinks } from './links.ts'
import { plainLines } from './plain.ts'
import { type Run, readRuns } from './runs.ts'
import { withoutShadows } from './shadows.ts'
import { budgetOfLetter, readTags, type TagBudget, type Tags } from './tags.ts'

/** https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/fpdf_flatten.h */
const flattenSuccess = 1
/** A page of more letters (a full one has ten thousand) is hostile or a list: it is read line by line, as written. */
const maxLetters = 200_000
const everywhere: Bounds = {
  left: Number.NEGATIVE_INFINITY,
  right: Number.POSITIVE_INFINITY,
  top: Number.POSITIVE_INFINITY,
  bottom: Number.NEGATIVE_INFINITY,
}

/** A page as it was read. */
export interface Page {
  readonly blocks: readonly Block[]
  readonly notes: readonly string[]
}

/** Letters by where they stand, or, of a page with too many, lines as they were written. */
type Text = { readonly runs: readonly Run[] } | { readonly lines: readonly Block[] }

const noText: Text = { runs: [] }

/** One page as lines, tables and notes. `scratch` is PDFium's memory, as much as glyphs take. */
export function readPage(engine: Pdfium, document: number, index: number, scratch: number, budget: TagBudget): Page {
  const page = engine.FPDF_LoadPage(document, index)
  if (page === 0) return { blocks: [], notes: [] }
  let isFlat = false
  let objects = 0
  let text: Text
  let annotations: Annotations = { hasFields: false, isDrawn: false, notes: [], values: [] }
  try {
    const annotated = engine.FPDFPage_GetAnnotCount(page)
    const links = annotated > 0 ? readLinks(engine, document, page, scratch) : []
    text = readText(engine, page, scratch, links, readTags(engine, page, scratch, budget))
    if ('runs' in text) for (const run of text.runs) budget.left += run.text.length * budgetOfLetter
    if (annotated > 0) {
      annotations = readAnnotations(engine, page, annotated, scratch)
      objects = engine.FPDFPage_CountObjects(page)
      // What people typed into forms and boxes lies in annotations; flattened, it is drawn behind all that the page draws.
      isFlat = annotations.isDrawn && engine.FPDFPage_Flatten(page, 0) === flattenSuccess
    }
  } finally {
    engine.FPDF_ClosePage(page)
  }
  const { hasFields, notes, values } = annotations
  const drawn = isFlat ? readDrawn(engine, document, index, objects, scratch) : noText
  if ('lines' in text) return { blocks: [...text.lines, ...linesOf(drawn)], notes }
  if ('lines' in drawn) return { blocks: [...blocksOf(text.runs), ...drawn.lines], notes }
  const fields = [...drawn.runs, ...undrawn(values, drawn.runs)]
  return { blocks: blocksOf(hasFields ? putFields(text.runs, fields) : [...text.runs, ...fields]), notes }
}

/** Text of the annotations of a flattened page, whose own text may have lost its fonts by that. */
function readDrawn(engine: Pdfium, document: number, index: number, objects: number, scratch: number): Text {
  const page = engine.FPDF_LoadPage(document, index)
  if (page === 0) return noText
  try {
    if (engine.FPDFPage_CountObjects(page) <= objects) return noText
    for (let count = 0; count < objects; count++) {
      const object = engine.FPDFPage_GetObject(page, 0)
      if (object === 0 || !engine.FPDFPage_RemoveObject(page, object)) break
      engine.FPDFPageObj_Destroy(object)
    }
    return readText(engine, page, scratch, [])
  } finally {
    engine.FPDF_ClosePage(page)
  }
}

function readText(engine: Pdfium, page: number, scratch: number, links: readonly PageLink[], tags?: Tags): Text {
  const textPage = engine.FPDFText_LoadPage(page)
  if (textPage === 0) return noText
  try {
    const count = Math.max(engine.FPDFText_CountChars(textPage), 0)
    if (count > maxLetters) return { lines: plainLines(engine, textPage, count, scratch) }
    const bounds = boundsOf(engine, page, scratch)
    return { runs: withoutShadows(readRuns(engine, textPage, [0, count], scratch, links, { bounds, tags })) }
  } finally {
    engine.FPDFText_ClosePage(textPage)
  }
}

function linesOf(text: Text): readonly Block[] {
  return 'lines' in text ? text.lines : blocksOf(text.runs)
}

/** What of the page is shown; everything where it does not say. */
function boundsOf(engine: Pdfium, page: number, scratch: number): Bounds {
  if (!engine.FPDF_GetPageBoundingBox(page, scratch)) return everywhere
  const [left = 0, top = 0, right = 0, bottom = 0] = new Float32Array(engine.pdfium.HEAPU8.buffer, scratch, 4)
  return left < right && bottom < top ? { left, right, top, bottom } : everywhere
}
