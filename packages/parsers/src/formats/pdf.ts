import type { Format, FormatInput, FormatOutput } from '../format.ts'
import { FormatError } from '../format.ts'
import { readAttachments } from '../pdf/attachments.ts'
import type { Block } from '../pdf/blocks.ts'
import { type Pdfium, pdfium, recyclePdfium, releasePdfiumMemory } from '../pdf/engine.ts'
import { scratchBytes } from '../pdf/glyphs.ts'
import { pageMarkdown } from '../pdf/layout.ts'
import { type Metadata, readMetadata } from '../pdf/metadata.ts'
import { type Outline, readOutline } from '../pdf/outline.ts'
import { type Page, readPage } from '../pdf/page.ts'
import { styleOf } from '../pdf/style.ts'
import { firstBudget } from '../pdf/tags.ts'
import { titleOf } from '../pdf/title.ts'

/** FPDF_GetLastError: https://pdfium.googlesource.com/pdfium/+/refs/heads/main/public/fpdfview.h */
const passwordNeeded = 4
const unsupportedSecurity = 5

export const pdf: Format = {
  name: 'pdf',
  mimeTypes: ['application/pdf', 'application/x-pdf'],
  extensions: ['pdf'],
  async parse(input): Promise<FormatOutput> {
    const engine = await pdfium()
    try {
      return read(engine, input)
    } catch (error) {
      if (error instanceof FormatError) throw error
      recyclePdfium()
      throw asFormatError(error, engine)
    } finally {
      releasePdfiumMemory(engine)
    }
  },
}

function read(engine: Pdfium, { bytes, limits }: FormatInput): FormatOutput {
  const { wasmExports } = engine.pdfium
  // Behind the file itself, aligned, room for what calls write their answers to.
  const scratchAt = (bytes.length + 15) & ~15
  const pointer = wasmExports.malloc(scratchAt + scratchBytes)
  if (pointer === 0) throw new FormatError('too_large', 'The PDF does not fit into the memory a document may use.')
  const scratch = pointer + scratchAt
  engine.pdfium.HEAPU8.set(bytes, pointer)
  const document = engine.FPDF_LoadMemDocument(pointer, bytes.length, '')
  try {
    if (document === 0) throw openError(engine.FPDF_GetLastError())
    const count = engine.FPDF_GetPageCount(document)
    if (count === 0) throw new FormatError('corrupt', 'The PDF has no pages that can be read.')
    const pages: Page[] = []
    let length = 0
    let noted = 0
    const budget = { left: firstBudget }
    for (let index = 0; index < count; index++) {
      const page = readPage(engine, document, index, scratch, budget)
      for (const block of page.blocks) length += lengthOf(block)
      for (const note of page.notes) noted += note.length + 4
      if (length + noted > limits.maxOutputChars) {
        throw new FormatError('output_too_large', `The PDF has more than ${limits.maxOutputChars} characters of text.`)
      }
      pages.push(page)
    }
    const children = readAttachments(engine, document, limits)
    if (length === 0 && children === undefined) {
      throw new FormatError(
        'no_text_layer',
        `The PDF's ${count} page(s) hold pictures only: it has to be run through text recognition first.`,
      )
    }
    return {
      ...assemble(pages, readOutline(engine, document), readMetadata(engine, document)),
      ...(children !== undefined && { children }),
    }
  } finally {
    if (document !== 0) engine.FPDF_CloseDocument(document)
    wasmExports.free(pointer)
  }
}

function lengthOf(block: Block): number {
  if (block.kind === 'line') return block.text.length + 1
  return block.rows.reduce((sum, row) => row.reduce((all, cell) => all + cell.length + 3, sum), 0)
}

function assemble(pages: readonly Page[], outline: Outline, { title: given, ...facts }: Metadata): FormatOutput {
  const texts = pages.map(({ blocks }) => blocks)
  const style = styleOf(texts)
  const title = titleOf(given, texts, style)
  const parts: string[] = []
  const pageOffsets: number[] = []
  let offset = 0
  for (const [index, { blocks, notes }] of pages.entries()) {
    pageOffsets.push(offset)
    // A page without text stays empty for text recognition to see, whatever readers wrote on it.
    const remarks = blocks.length === 0 ? '' : notes.map((note) => `> ${note}\n\n`).join('')
    const text = pageMarkdown(blocks, style, outline.get(index)) + remarks
    parts.push(text)
    offset += text.length
  }
  const silent = pages.filter(({ blocks }) => blocks.length === 0).length
  return {
    ...facts,
    ...(title !== undefined && { title }),
    markdown: parts.join(''),
    pageOffsets,
    pages: pages.length,
    ...(silent > 0 && { metadata: { pagesWithoutText: silent } }),
  }
}

function openError(code: number): FormatError {
  if (code === passwordNeeded) return new FormatError('encrypted', 'The PDF opens with a password only.')
  if (code === unsupportedSecurity)
    return new FormatError('encrypted', 'The PDF is encrypted in a way that cannot be read.')
  return new FormatError('corrupt', 'The PDF is damaged or cut short.')
}

function asFormatError(error: unknown, engine: Pdfium): FormatError {
  const full = engine.pdfium.HEAPU8.length > 400 * 1024 * 1024
  const reason = error instanceof Error ? error.message : String(error)
  return full || reason.includes('memory') || reason.includes('OOM')
    ? new FormatError('out_of_memory', 'Reading the PDF takes more memory than a document may use.')
    : new FormatError('corrupt', 'The PDF is damaged: its reader gave up on it.')
}
