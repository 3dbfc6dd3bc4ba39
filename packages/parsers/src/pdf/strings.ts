import type { Pdfium } from './engine.ts'

/** `call` writes up to `size` bytes of UTF-16LE with an end mark and returns how many bytes there are. */
export function readString(
  engine: Pdfium,
  maxChars: number,
  call: (buffer: number, size: number) => number,
): string | undefined {
  const size = Math.min(call(0, 0), maxChars * 2)
  if (size <= 2) return undefined
  const { wasmExports } = engine.pdfium
  const buffer = wasmExports.malloc(size + 2)
  if (buffer === 0) return undefined
  const written = call(buffer, size)
  const bytes = engine.pdfium.HEAPU8.slice(buffer, buffer + Math.min(written, size) - 2)
  wasmExports.free(buffer)
  // With a buffer too small PDFium writes nothing.
  const value = written > size ? '' : new TextDecoder('utf-16le').decode(bytes).replaceAll('\u0000', '').trim()
  return value === '' ? undefined : value
}

/** The same for bytes of ASCII or UTF-8. */
export function readBytes(
  engine: Pdfium,
  maxBytes: number,
  call: (buffer: number, size: number) => number,
): string | undefined {
  const size = call(0, 0)
  if (size <= 1 || size > maxBytes) return undefined
  const { wasmExports } = engine.pdfium
  const buffer = wasmExports.malloc(size)
  if (buffer === 0) return undefined
  const written = Math.min(call(buffer, size), size)
  const bytes = engine.pdfium.HEAPU8.slice(buffer, buffer + written)
  wasmExports.free(buffer)
  const value = new TextDecoder().decode(bytes).replaceAll('\u0000', '').trim()
  return value === '' ? undefined : value
}
