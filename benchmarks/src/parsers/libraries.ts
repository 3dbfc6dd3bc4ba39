import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Tool } from './tools.ts'

/** The best single library for a format by `engines.md`, each doing the least it can: text alone, no chunks. */
export const libraries: readonly Tool[] = [
  {
    name: 'PDFium alone',
    isInside: true,
    formats: ['pdf'],
    async load() {
      const { init } = await import('@embedpdf/pdfium')
      const wasm = await readFile(new URL(import.meta.resolve('@embedpdf/pdfium/pdfium.wasm')))
      const engine = await init({ wasmBinary: new Uint8Array(wasm).buffer })
      engine.FPDF_InitLibrary()
      // The package's own type leaves out what Emscripten adds to every module.
      const module = engine.pdfium as unknown as {
        readonly HEAPU8: Uint8Array
        readonly wasmExports: { malloc(size: number): number; free(pointer: number): void }
      }
      const heap = module.wasmExports
      return async (bytes) => {
        const file = heap.malloc(bytes.length)
        module.HEAPU8.set(bytes, file)
        const document = engine.FPDF_LoadMemDocument(file, bytes.length, '')
        const pages: string[] = []
        for (let n = 0; document && n < engine.FPDF_GetPageCount(document); n++) {
          const page = engine.FPDF_LoadPage(document, n)
          const text = engine.FPDFText_LoadPage(page)
          const length = Math.max(0, engine.FPDFText_CountChars(text))
          const out = heap.malloc(length * 2 + 2)
          engine.FPDFText_GetText(text, 0, length, out)
          pages.push(Buffer.from(module.HEAPU8.slice(out, out + length * 2)).toString('utf16le'))
          heap.free(out)
          engine.FPDFText_ClosePage(text)
          engine.FPDF_ClosePage(page)
        }
        engine.FPDF_CloseDocument(document)
        heap.free(file)
        return pages.join('\n')
      }
    },
  },
  {
    name: 'mdream',
    isInside: true,
    formats: ['html'],
    async load() {
      const mdream = await import('mdream/wasm')
      mdream.initSync({ module: await readFile(new URL(import.meta.resolve('mdream/wasm/mdream_edge_bg.wasm'))) })
      return async (bytes) => mdream.htmlToMarkdown(bytes.toString(), {})
    },
  },
  {
    name: 'turndown',
    formats: ['html'],
    async load() {
      const { default: Turndown } = await import('turndown')
      return async (bytes) => new Turndown().turndown(bytes.toString())
    },
  },
  {
    name: 'hucre',
    formats: ['xls', 'xlsx', 'ods'],
    async load() {
      const { readXls, readXlsx, readOds } = await import('hucre')
      return async (bytes, path) => {
        const read = path.endsWith('.xls') ? readXls : path.endsWith('.ods') ? readOds : readXlsx
        const { sheets } = await read(bytes)
        return sheets.map(({ name, rows }) => `${name}\n${rows.map((row) => row.join('\t')).join('\n')}`).join('\n')
      }
    },
  },
  {
    name: 'postal-mime',
    formats: ['eml'],
    async load() {
      const { default: PostalMime } = await import('postal-mime')
      return async (bytes) => {
        const { subject = '', text, html = '' } = await PostalMime.parse(bytes)
        return `${subject}\n${text ?? html}`
      }
    },
  },
  {
    name: 'msgreader alone',
    isInside: true,
    formats: ['msg'],
    async load() {
      const { default: MsgReader }: typeof import('@kenjiuno/msgreader', { with: { 'resolution-mode': 'require' }}) =
        createRequire(import.meta.url)('@kenjiuno/msgreader')
      return async (bytes) => {
        const data = new MsgReader(new Uint8Array(bytes).buffer as ArrayBuffer).getFileData()
        return `${data.subject ?? ''}\n${data.body ?? ''}`
      }
    },
  },
  {
    name: 'papaparse',
    formats: ['csv'],
    async load() {
      const { default: papa } = await import('papaparse')
      return async (bytes) =>
        papa
          .parse<string[]>(bytes.toString())
          .data.map((cells) => cells.join(' '))
          .join('\n')
    },
  },
  {
    name: 'word-extractor (LangChain)',
    formats: ['doc'],
    async load() {
      const { default: WordExtractor }: { default: new () => { extract(bytes: Buffer): Promise<Extracted> } } =
        // @ts-expect-error The package has no types.
        await import('word-extractor')
      return async (bytes) => {
        const text = await new WordExtractor().extract(bytes)
        return `${text.getBody()}\n${text.getFootnotes()}\n${text.getEndnotes()}`
      }
    },
  },
  {
    name: 'fast-xml-parser',
    formats: ['xml'],
    async load() {
      const { XMLParser } = await import('fast-xml-parser')
      return async (bytes) => JSON.stringify(new XMLParser().parse(bytes.toString()))
    },
  },
]

interface Extracted {
  getBody(): string
  getFootnotes(): string
  getEndnotes(): string
}
