import type { Json } from '@cx/core'
import type { Picture, Recognized } from '@cx/core/engine'

/** What reads the pictures of one document, and of those inside it. */
export interface PictureReader {
  /** Pages of a PDF that are read at most. */
  readonly maxPages: number
  /** Undefined once the document has had its time. */
  read(picture: Picture): Promise<Recognized | undefined>
}

/** Below this it is no text: what Tesseract makes of photographs and drawings is mostly between 0 and 40. */
export const leastConfidence = 40

/** Whether pages of a PDF are scans, or blank. */
export function hasSilentPages({ metadata }: { readonly metadata?: Readonly<Record<string, Json>> }): boolean {
  return metadata?.pagesWithoutText !== undefined
}
