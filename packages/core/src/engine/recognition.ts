/** A picture whose text is wanted. */
export interface Picture {
  /** A file as it is (PNG, JPEG and what else the engine reads), or a page of a document as binary PGM. */
  readonly bytes: Uint8Array
  /** How it has to be turned, as EXIF numbers it: 1 to 8. Default 1, not at all. */
  readonly orientation?: number
  /** Pixels an inch, where they are known. */
  readonly dpi?: number
}

export interface Recognized {
  /** Lines as they stand, a blank line between paragraphs. Empty where there is no text. */
  readonly text: string
  /** How sure the engine is of its words on average, from 0 to 100. */
  readonly confidence: number
}

/** Reads text off pictures, one at a time. It belongs to one thread. */
export interface TextRecognizer {
  /**
   * `timeoutMs` is for the engine to heed: it holds its thread, so nothing else can tell it. Who waits no longer ends the
   * thread. Throws when the picture cannot be read or its time is over, and reads the next one all the same.
   */
  recognize(picture: Picture, options: { readonly timeoutMs: number }): Promise<Recognized>
}

/** The default export of a package that adds text recognition, such as `@cx/ocr-tesseract`. */
export interface RecognitionEngine {
  /** Name and version. When it changes, documents are read again. */
  readonly id: string
  /**
   * Called once at start, in the main thread: nothing heavy is loaded. `languages` are codes such as `eng` or `chi_sim`.
   * Throws an error that says what to install where something is missing.
   */
  check(languages: readonly string[]): void | Promise<void>
  /** Called in the thread that reads. The engine may take `maxMemoryBytes` and fails on its own beyond. */
  open(options: { readonly languages: readonly string[]; readonly maxMemoryBytes: number }): Promise<TextRecognizer>
}
