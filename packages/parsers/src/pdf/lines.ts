import type { Pdfium } from './engine.ts'

/** A line of a page as PDFium reads it, with the loose box of its first letter, in points from the page's bottom. */
export interface Line {
  readonly text: string
  readonly top: number
  readonly bottom: number
  /** Of its last letter: lines that a hyphen joins are one line here, and end lower than they began. */
  readonly end: number
}

/** FLATTEN_SUCCESS of https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/fpdf_flatten.h */
const flattened = 1

const utf16 = new TextDecoder('utf-16le')

/** Text of one page. `scratch` is at least 16 bytes of PDFium's memory. */
export function readLines(engine: Pdfium, document: number, index: number, scratch: number): Line[] {
  const page = loadFlat(engine, document, index)
  if (page === 0) return []
  const textPage = engine.FPDFText_LoadPage(page)
  try {
    return textPage === 0 ? [] : linesOf(engine, textPage, scratch)
  } finally {
    if (textPage !== 0) engine.FPDFText_ClosePage(textPage)
    engine.FPDF_ClosePage(page)
  }
}

/** What people typed into forms and boxes lies in annotations; flattened, it is text of the page like all other. */
function loadFlat(engine: Pdfium, document: number, index: number): number {
  const page = engine.FPDF_LoadPage(document, index)
  if (page === 0 || engine.FPDFPage_GetAnnotCount(page) === 0) return page
  if (engine.FPDFPage_Flatten(page, 0) !== flattened) return page
  engine.FPDF_ClosePage(page)
  return engine.FPDF_LoadPage(document, index)
}

function linesOf(engine: Pdfium, textPage: number, scratch: number): Line[] {
  const count = engine.FPDFText_CountChars(textPage)
  if (count <= 0) return []
  const { wasmExports } = engine.pdfium
  const buffer = wasmExports.malloc((count + 1) * 2)
  if (buffer === 0) throw new RangeError('out of memory')
  const written = engine.FPDFText_GetText(textPage, 0, count, buffer)
  const text = utf16.decode(engine.pdfium.HEAPU8.subarray(buffer, buffer + Math.max(written - 1, 0) * 2))
  wasmExports.free(buffer)
  const lines: Line[] = []
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start)
    const end = newline === -1 ? text.length : newline
    const line = cleanLine(text.slice(start, end))
    if (line !== '') {
      const { top, bottom } = boxAt(engine, textPage, start, scratch)
      const hyphen = lastHyphen(text, start, end)
      lines.push({
        text: line,
        top,
        bottom,
        end: hyphen === -1 ? bottom : boxAt(engine, textPage, hyphen + 1, scratch).bottom,
      })
    }
    start = end + 1
  }
  return lines
}

function boxAt(engine: Pdfium, textPage: number, textIndex: number, scratch: number): Pick<Line, 'top' | 'bottom'> {
  const index = engine.FPDFText_GetCharIndexFromTextIndex(textPage, textIndex)
  if (!engine.FPDFText_GetLooseCharBox(textPage, index < 0 ? textIndex : index, scratch)) return { top: 0, bottom: 0 }
  const [, top = 0, , bottom = 0] = new Float32Array(engine.pdfium.HEAPU8.buffer, scratch, 4)
  return { top, bottom }
}

/** Where the last of the lines that make up this one was joined to those before. */
function lastHyphen(text: string, start: number, end: number): number {
  const line = text.slice(start, end - 1)
  const at = Math.max(line.lastIndexOf('\uFFFE'), line.lastIndexOf('\u0002'))
  return at === -1 ? -1 : start + at
}

/** Hyphens that PDFium found to be of line breaks only come as U+FFFE or U+0002: the word is whole again without. */
function cleanLine(line: string): string {
  let text = line
  if (text.includes('\uFFFE')) text = text.replaceAll('\uFFFE', '')
  if (text.includes('\u0002')) text = text.replaceAll('\u0002', '')
  if (text.includes('\u0000')) text = text.replaceAll('\u0000', '')
  return text.trim()
}
