import type { Line } from './blocks.ts'
import type { Pdfium } from './engine.ts'

const utf16 = new TextDecoder('utf-16le')

/** The lines of a page as PDFium writes them, without a look at where each letter stands. */
export function plainLines(engine: Pdfium, textPage: number, count: number, scratch: number): Line[] {
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
      const [, top = 0, , bottom = 0] = wasmExports.FPDFText_GetLooseCharBox(textPage, start, scratch)
        ? new Float32Array(engine.pdfium.HEAPU8.buffer, scratch, 4)
        : []
      lines.push({
        kind: 'line',
        text: line,
        left: 0,
        right: 0,
        top,
        bottom,
        size: top - bottom,
        bold: false,
        mono: false,
        rtl: false,
        hyphen: false,
        firstWord: 0,
        isSplit: false,
        tag: undefined,
      })
    }
    start = end + 1
  }
  return lines
}

/** Hyphens that PDFium found to be of line breaks only come as U+FFFE or U+0002: the word is whole again without. */
function cleanLine(line: string): string {
  let text = line
  if (text.includes('\uFFFE')) text = text.replaceAll('\uFFFE', '')
  if (text.includes('\u0002')) text = text.replaceAll('\u0002', '')
  if (text.includes('\u0000')) text = text.replaceAll('\u0000', '')
  return text.trim()
}
