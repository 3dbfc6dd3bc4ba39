import { readFile } from 'node:fs/promises'
import type { Methods } from '@embedpdf/pdfium'
import { capWasmMemory } from '../wasm.ts'

/** What is called for every letter goes past the module's wrappers, which cost more than the functions. */
export interface Exports {
  malloc(size: number): number
  free(pointer: number): void
  FPDFText_GetUnicode(textPage: number, index: number): number
  /** Four floats: left, top, right, bottom. */
  FPDFText_GetLooseCharBox(textPage: number, index: number, rectangle: number): number
  /** Four doubles: left, right, bottom, top. */
  FPDFText_GetCharBox(textPage: number, index: number, l: number, r: number, b: number, t: number): number
  FPDFText_GetCharOrigin(textPage: number, index: number, x: number, y: number): number
  FPDFText_GetFontSize(textPage: number, index: number): number
  /** Six floats. */
  FPDFText_GetMatrix(textPage: number, index: number, matrix: number): number
  /** 1 where the letter is a code that nothing maps to one. */
  FPDFText_HasUnicodeMapError(textPage: number, index: number): number
  FPDFText_GetTextObject(textPage: number, index: number): number
  FPDFPage_GetObject(page: number, index: number): number
  FPDFPageObj_GetType(object: number): number
  FPDFPageObj_GetMarkedContentID(object: number): number
  FPDFTextObj_GetFont(object: number): number
}

/** PDFium's C functions, and the part of the module around them that is used here. */
export type Pdfium = Methods & {
  readonly pdfium: {
    /** A new view whenever the memory grew: never keep it over a call. */
    readonly HEAPU8: Uint8Array<ArrayBuffer>
    readonly wasmExports: Exports
  }
}

/** Real documents need up to 60 MB beside their own bytes; PDF bombs end here in an error that can be caught. */
const maxMemoryBytes = 512 * 1024 * 1024
/** WASM memory never shrinks: an instance that grew beyond this is dropped after its document. */
const keepMemoryBytes = 128 * 1024 * 1024

let running: Promise<Pdfium> | undefined

/** The thread's PDFium, started on first use and again after {@link recyclePdfium}. */
export function pdfium(): Promise<Pdfium> {
  running ??= start()
  return running
}

/** Call when PDFium aborted: its memory is in no known state. */
export function recyclePdfium(): void {
  running = undefined
}

/** Call after each document. */
export function releasePdfiumMemory(engine: Pdfium): void {
  if (engine.pdfium.HEAPU8.length > keepMemoryBytes) recyclePdfium()
}

async function start(): Promise<Pdfium> {
  const { init } = await import('@embedpdf/pdfium')
  const wasm = await readFile(new URL(import.meta.resolve('@embedpdf/pdfium/pdfium.wasm')))
  const quiet = { print: () => {}, printErr: () => {} }
  const options: Parameters<typeof init>[0] = Object.assign(quiet, { wasmBinary: capWasmMemory(wasm, maxMemoryBytes) })
  // The package's own type leaves out what Emscripten adds to every module.
  const engine = (await init(options)) as unknown as Pdfium
  engine.FPDF_InitLibrary()
  return engine
}
