import { readFile } from 'node:fs/promises'
import type { Methods } from '@embedpdf/pdfium'
import { capWasmMemory } from '../wasm.ts'

/** PDFium's C functions, and the part of the module around them that is used here. */
export type Pdfium = Methods & {
  readonly pdfium: {
    /** A new view whenever the memory grew: never keep it over a call. */
    readonly HEAPU8: Uint8Array<ArrayBuffer>
    readonly wasmExports: { malloc(size: number): number; free(pointer: number): void }
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
