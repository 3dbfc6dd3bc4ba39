import type { Json } from '@cx/core'
import { FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { type Pdfium, pdfium, recyclePdfium, releasePdfiumMemory } from '../pdf/engine.ts'
import { readMetadata } from '../pdf/metadata.ts'
import { recognizedMarkdown } from './markdown.ts'
import { renderPage } from './page.ts'
import { leastConfidence, type PictureReader } from './pictures.ts'

/** A document whose first scanned pages show no text is an album: the rest would cost as much and show as little. */
const silentPages = 10

interface Page {
  readonly markdown: string
  readonly confidence: number
}

/**
 * Text of a PDF's pages that have none. `plain` is what its text layer gave, if there is one.
 * @throws FormatError `no_text_layer` when there is no `plain` and its pages show no text
 */
export async function readScan(
  reader: PictureReader,
  { bytes, limits }: FormatInput,
  plain?: FormatOutput,
): Promise<FormatOutput> {
  const engine = await pdfium()
  const { wasmExports } = engine.pdfium
  let pointer = 0
  let document = 0
  try {
    pointer = wasmExports.malloc(bytes.length)
    if (pointer === 0) throw new FormatError('too_large', 'The PDF does not fit into the memory a document may use.')
    engine.pdfium.HEAPU8.set(bytes, pointer)
    document = engine.FPDF_LoadMemDocument(pointer, bytes.length, '')
    if (document === 0) throw new FormatError('corrupt', 'The PDF is damaged or cut short.')
    const output = await readPages(reader, engine, document, plain ?? readMetadata(engine, document))
    if (output.markdown.length > limits.maxOutputChars)
      throw new FormatError('output_too_large', `The PDF has more than ${limits.maxOutputChars} characters of text.`)
    return output
  } catch (error) {
    if (!(error instanceof FormatError)) recyclePdfium()
    throw error
  } finally {
    if (document !== 0) engine.FPDF_CloseDocument(document)
    if (pointer !== 0) wasmExports.free(pointer)
    releasePdfiumMemory(engine)
  }
}

async function readPages(
  reader: PictureReader,
  engine: Pdfium,
  document: number,
  plain: Partial<FormatOutput>,
): Promise<FormatOutput> {
  const { markdown: known = '', pageOffsets: starts = [] } = plain
  const count = engine.FPDF_GetPageCount(document)
  const texts = Array.from({ length: count }, (_, index) =>
    known.slice(starts[index] ?? known.length, starts[index + 1]),
  )
  const scans = texts.flatMap((text, index) => (text.trim() === '' ? [index] : []))
  const notes: string[] = []
  let read = 0
  let length = 0
  let weight = 0
  for (const index of scans.slice(0, reader.maxPages)) {
    if (read === silentPages && length === 0) break
    const page = await readPage(reader, engine, document, index, notes)
    if (page === undefined) break
    texts[index] = page.markdown
    read++
    length += page.markdown.length
    weight += page.confidence * page.markdown.length
  }
  if (length === 0) return withoutText(plain, count, read, notes)
  if (read < scans.length) notes.push(`Of ${scans.length} pages without text the first ${read} were read.`)
  const metadata: Record<string, Json> = { ...plain.metadata, ocr: true, ocrConfidence: Math.round(weight / length) }
  if (notes.length > 0) metadata.ocrNote = notes.join(' ')
  const silent = texts.filter((text) => text.trim() === '').length
  if (silent > 0) metadata.pagesWithoutText = silent
  else delete metadata.pagesWithoutText
  let markdown = ''
  const pageOffsets = texts.map((text) => {
    markdown += text
    return markdown.length - text.length
  })
  return { ...plain, markdown, pageOffsets, pages: count, metadata }
}

function withoutText(
  plain: Partial<FormatOutput>,
  count: number,
  read: number,
  notes: readonly string[],
): FormatOutput {
  const { markdown } = plain
  if (markdown !== undefined) return { ...plain, markdown }
  const why = notes.length === 0 ? '' : ` (${notes.join(' ')})`
  const message = `The PDF's ${count} page(s) hold pictures only, and no text was recognised in the first ${read}${why}.`
  throw new FormatError('no_text_layer', message)
}

/** Undefined once the document has had its time. A page that fails is one without text. */
async function readPage(
  reader: PictureReader,
  engine: Pdfium,
  document: number,
  index: number,
  notes: string[],
): Promise<Page | undefined> {
  const silent: Page = { markdown: '', confidence: 0 }
  const picture = renderPage(engine, document, index)
  if (picture === undefined) return silent
  try {
    const recognized = await reader.read(picture)
    if (recognized === undefined) return undefined
    const { text, confidence } = recognized
    const markdown = confidence < leastConfidence ? '' : recognizedMarkdown(text)
    return markdown === '' ? silent : { markdown: `${markdown}\n\n`, confidence }
  } catch (error) {
    notes.push(`Page ${index + 1}: ${error instanceof Error ? error.message : String(error)}`)
    return silent
  }
}
