import type { Pdfium } from './engine.ts'
import { readString } from './strings.ts'

export interface Annotations {
  /** Some are fields of a form. */
  readonly hasFields: boolean
  /** What readers wrote beside the text, with their names. */
  readonly notes: readonly string[]
}

/** https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/fpdf_annot.h */
const widget = 20
/** Notes, marks and drawings, which may carry words; boxes of text are text of the page, and pop-ups repeat a note. */
const remarks: ReadonlySet<number> = new Set([1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
const maxAnnotations = 2_000
const maxChars = 10_000

export function readAnnotations(engine: Pdfium, page: number, count: number): Annotations {
  const notes = new Set<string>()
  let hasFields = false
  for (let index = 0; index < Math.min(count, maxAnnotations); index++) {
    const annotation = engine.FPDFPage_GetAnnot(page, index)
    if (annotation === 0) continue
    const kind = engine.FPDFAnnot_GetSubtype(annotation)
    if (kind === widget) hasFields = true
    else if (remarks.has(kind)) {
      const note = noteOf(engine, annotation)
      if (note !== undefined) notes.add(note)
    }
    engine.FPDFPage_CloseAnnot(annotation)
  }
  return { hasFields, notes: [...notes] }
}

function noteOf(engine: Pdfium, annotation: number): string | undefined {
  const read = (key: string): string | undefined =>
    readString(engine, maxChars, (buffer, size) => engine.FPDFAnnot_GetStringValue(annotation, key, buffer, size))
  const text = read('Contents')
  if (text === undefined) return undefined
  const author = read('T')
  return (author === undefined ? text : `${author}: ${text}`).replace(/\s*[\r\n]+\s*/g, ' ')
}
