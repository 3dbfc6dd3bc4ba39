import type { FormatOutput, Limits } from '../format.ts'
import type { Pdfium } from './engine.ts'
import { readString } from './strings.ts'

const maxNameChars = 500

/** Files that lie in a PDF: those of a portfolio, an invoice's XML. Bounded as the members of an archive are. */
export function readAttachments(engine: Pdfium, document: number, limits: Limits): FormatOutput['children'] {
  const count = Math.min(engine.FPDFDoc_GetAttachmentCount(document), limits.maxEntries)
  const found: { path: string; bytes: Uint8Array }[] = []
  let room = limits.maxInflatedBytes
  for (let index = 0; index < count && room > 0; index++) {
    const attachment = engine.FPDFDoc_GetAttachment(document, index)
    const bytes = attachment === 0 ? undefined : fileOf(engine, attachment, room)
    if (bytes === undefined) continue
    room -= bytes.length
    const name = readString(engine, maxNameChars, (buffer, size) =>
      engine.FPDFAttachment_GetName(attachment, buffer, size),
    )
    found.push({ path: name ?? `attachment-${index + 1}`, bytes })
  }
  return found.length > 0 ? found : undefined
}

function fileOf(engine: Pdfium, attachment: number, room: number): Uint8Array | undefined {
  const { wasmExports } = engine.pdfium
  const length = wasmExports.malloc(4)
  if (length === 0) return undefined
  const size = (): number => new DataView(engine.pdfium.HEAPU8.buffer).getUint32(length, true)
  let buffer = 0
  try {
    if (!engine.FPDFAttachment_GetFile(attachment, 0, 0, length) || size() === 0 || size() > room) return undefined
    const expected = size()
    buffer = wasmExports.malloc(expected)
    if (buffer === 0 || !engine.FPDFAttachment_GetFile(attachment, buffer, expected, length)) return undefined
    return engine.pdfium.HEAPU8.slice(buffer, buffer + Math.min(expected, size()))
  } finally {
    if (buffer !== 0) wasmExports.free(buffer)
    wasmExports.free(length)
  }
}
