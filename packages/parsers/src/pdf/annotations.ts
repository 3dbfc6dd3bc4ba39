import type { Pdfium } from './engine.ts'
import type { Run } from './runs.ts'
import { readString } from './strings.ts'

export interface Annotations {
  /** Some are fields of a form. */
  readonly hasFields: boolean
  /** Some may be drawn with text of their own: links and pop-ups are not. */
  readonly isDrawn: boolean
  /** What was filled in; of fields that nobody has drawn yet it is in no text of the page. */
  readonly values: readonly Value[]
  /** What readers wrote beside the text, with their names. */
  readonly notes: readonly string[]
}

/** What stands in a field, where its first line would be. */
export interface Value {
  readonly run: Run
  /** Of the field. */
  readonly top: number
  readonly bottom: number
}

/** https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/fpdf_annot.h */
const link = 2
const freeText = 3
const popup = 16
const widget = 20
/** Notes, marks and drawings, which may carry words; boxes of text are text of the page, and pop-ups repeat a note. */
const remarks: ReadonlySet<number> = new Set([1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
const maxAnnotations = 2_000
const maxChars = 10_000
/** FPDF_OBJECT_STRING of https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/fpdfview.h */
const stringValue = 3
/** Annotations that are hidden or not for the screen (PDF 32000-1, 12.5.3), and fields for passwords (12.7.4.3). */
const unseen = 2 | 32
const passwordFlag = 1 << 13
/** Points. */
const fieldSize = 10

/** `scratch` is 16 bytes of PDFium's memory. */
export function readAnnotations(engine: Pdfium, page: number, count: number, scratch: number): Annotations {
  const values: Value[] = []
  const notes = new Set<string>()
  let hasFields = false
  let isDrawn = count > maxAnnotations
  for (let index = 0; index < Math.min(count, maxAnnotations); index++) {
    const annotation = engine.FPDFPage_GetAnnot(page, index)
    if (annotation === 0) continue
    const kind = engine.FPDFAnnot_GetSubtype(annotation)
    if (kind !== link && kind !== popup) isDrawn = true
    if (kind === widget) {
      hasFields = true
      const value = filledIn(engine, annotation, scratch)
      if (value !== undefined) values.push(value)
    } else if (kind === freeText) {
      const value = written(engine, annotation, scratch)
      if (value !== undefined) values.push(value)
    } else if (remarks.has(kind)) {
      const note = noteOf(engine, annotation)
      if (note !== undefined) notes.add(note)
    }
    engine.FPDFPage_CloseAnnot(annotation)
  }
  return { hasFields, isDrawn, values, notes: [...notes] }
}

function filledIn(engine: Pdfium, annotation: number, scratch: number): Value | undefined {
  if (engine.FPDFAnnot_GetValueType(annotation, 'V') !== stringValue) return undefined
  if ((engine.FPDFAnnot_GetFlags(annotation) & unseen) !== 0 || isPassword(engine, annotation, scratch))
    return undefined
  return textAt(engine, annotation, 'V', scratch)
}

/** A box of text that nobody has drawn yet. */
function written(engine: Pdfium, annotation: number, scratch: number): Value | undefined {
  if ((engine.FPDFAnnot_GetFlags(annotation) & unseen) !== 0) return undefined
  return textAt(engine, annotation, 'Contents', scratch)
}

function textAt(engine: Pdfium, annotation: number, key: string, scratch: number): Value | undefined {
  const text = stringOf(engine, annotation, key)?.replace(/\s+/g, ' ')
  if (text === undefined || !engine.FPDFAnnot_GetRect(annotation, scratch)) return undefined
  const [left = 0, top = 0, right = 0, bottom = 0] = new Float32Array(engine.pdfium.HEAPU8.buffer, scratch, 4)
  const middle = (top + bottom) / 2
  const run: Run = {
    text,
    left,
    right,
    top: middle + fieldSize / 2,
    bottom: middle - fieldSize / 2,
    size: fieldSize,
    turn: 0,
    tag: undefined,
    bold: false,
    mono: false,
    rtl: false,
    spaced: true,
    hyphen: false,
    firstWord: right - left,
    spaces: [],
  }
  return { run, top: Math.max(top, bottom), bottom: Math.min(top, bottom) }
}

function isPassword(engine: Pdfium, annotation: number, scratch: number): boolean {
  if (!engine.FPDFAnnot_GetNumberValue(annotation, 'Ff', scratch)) return false
  const [flags = 0] = new Float32Array(engine.pdfium.HEAPU8.buffer, scratch, 1)
  return (flags & passwordFlag) !== 0
}

function stringOf(engine: Pdfium, annotation: number, key: string): string | undefined {
  return readString(engine, maxChars, (buffer, size) => engine.FPDFAnnot_GetStringValue(annotation, key, buffer, size))
}

function noteOf(engine: Pdfium, annotation: number): string | undefined {
  const text = stringOf(engine, annotation, 'Contents')
  if (text === undefined) return undefined
  const author = stringOf(engine, annotation, 'T')
  return (author === undefined ? text : `${author}: ${text}`).replace(/\s*[\r\n]+\s*/g, ' ')
}
