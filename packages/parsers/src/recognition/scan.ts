import type { Json } from '@cx/core'
import { FormatError, type FormatInput, type FormatOutput } from '../format.ts'
import { type Pdfium, pdfium, recyclePdfium, releasePdfiumMemory } from '../pdf/engine.ts'
import { readMetadata } from '../pdf/metadata.ts'
import { recognizedMarkdown } from './markdown.ts'
import { renderPage } from './page.ts'
import { leastConfidence, type PictureReader } from './pictures.ts'

/** A document whose first pages have no text is an album: it would cost as much again at every sync. */
const silentPages = 10

/** Text of a PDF without a text layer, page by page. @throws FormatError `no_text_layer` when its pages show none */
export async function readScan(reader: PictureReader, { bytes, limits }: FormatInput): Promise<FormatOutput> {
  const engine = await pdfium()
  try {
    return await readDocument(reader, engine, bytes, limits.maxOutputChars)
  } catch (error) {
    if (!(error instanceof FormatError)) recyclePdfium()
    throw error
  } finally {
    releasePdfiumMemory(engine)
  }
}

async function readDocument(
  reader: PictureReader,
  engine: Pdfium,
  bytes: Uint8Array,
  maxChars: number,
): Promise<FormatOutput> {
  const { wasmExports } = engine.pdfium
  const pointer = wasmExports.malloc(bytes.length)
  if (pointer === 0) throw new FormatError('too_large', 'The PDF does not fit into the memory a document may use.')
  engine.pdfium.HEAPU8.set(bytes, pointer)
  const document = engine.FPDF_LoadMemDocument(pointer, bytes.length, '')
  try {
    if (document === 0) throw new FormatError('corrupt', 'The PDF is damaged or cut short.')
    return await readPages(reader, engine, document, maxChars)
  } finally {
    if (document !== 0) engine.FPDF_CloseDocument(document)
    wasmExports.free(pointer)
  }
}

async function readPages(
  reader: PictureReader,
  engine: Pdfium,
  document: number,
  maxChars: number,
): Promise<FormatOutput> {
  const count = engine.FPDF_GetPageCount(document)
  const pages: { readonly markdown: string; readonly confidence: number }[] = []
  const notes: string[] = []
  for (let index = 0; index < Math.min(count, reader.maxPages); index++) {
    if (index === silentPages && pages.every(({ markdown }) => markdown === '')) break
    const page = await readPage(reader, engine, document, index, notes)
    if (page === undefined) break
    pages.push(page)
  }
  const length = pages.reduce((sum, { markdown }) => sum + markdown.length, 0)
  if (length > maxChars)
    throw new FormatError('output_too_large', `The PDF has more than ${maxChars} characters of text.`)
  if (length === 0) {
    const why = notes.length === 0 ? '' : ` (${notes.join(' ')})`
    const message = `The PDF's ${count} page(s) hold pictures only, and no text was recognised in the first ${pages.length}${why}.`
    throw new FormatError('no_text_layer', message)
  }
  if (pages.length < count) notes.push(`Of ${count} pages the first ${pages.length} were read.`)
  const pageOffsets: number[] = []
  let markdown = ''
  let weight = 0
  for (const page of pages) {
    pageOffsets.push(markdown.length)
    markdown += page.markdown
    weight += page.confidence * page.markdown.length
  }
  const metadata: Record<string, Json> = { ocr: true, ocrConfidence: Math.round(weight / length) }
  if (notes.length > 0) metadata.ocrNote = notes.join(' ')
  const silent = pages.filter((page) => page.markdown === '').length
  if (silent > 0) metadata.pagesWithoutText = silent
  return { markdown, pageOffsets, pages: count, ...readMetadata(engine, document), metadata }
}

/** Undefined once the document has had its time. A page that fails is one without text. */
async function readPage(
  reader: PictureReader,
  engine: Pdfium,
  document: number,
  index: number,
  notes: string[],
): Promise<{ readonly markdown: string; readonly confidence: number } | undefined> {
  const silent = { markdown: '', confidence: 0 }
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
