/** How text is read off pictures and scanned PDFs: in one thread of its own, one document after the other. */
export interface RecognitionOptions {
  /** URL of a module whose default export is a `RecognitionEngine` of `@cx/core/engine`. */
  readonly module: string
  /** The engine's `id`: with the languages, it is a part of the pool's version. */
  readonly id: string
  /** As the engine names them, the most likely one first. */
  readonly languages: readonly string[]
  /** Pages of one PDF that are read. Default 50. */
  readonly maxPages?: number
  /** Once a document has taken this long no further page or picture of it is begun; in milliseconds. Default 300,000. */
  readonly timeoutMs?: number
  /** What one page or picture may take, in milliseconds. Default 60,000. */
  readonly pageTimeoutMs?: number
}

export const defaultRecognition: Required<Pick<RecognitionOptions, 'maxPages' | 'timeoutMs' | 'pageTimeoutMs'>> = {
  maxPages: 50,
  timeoutMs: 300_000,
  pageTimeoutMs: 60_000,
}

/** Goes into the pool's version: what is read with other languages, or no longer, is read again. */
export function recognitionVersion({ id, languages }: RecognitionOptions): string {
  return `${id}:${languages.join('+')}`
}
