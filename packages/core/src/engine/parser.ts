import type { Json } from '../contract/schema.ts'

/** Why a document has no text. Each is shown to people with a sentence; none is ever thrown past the pool. */
export type ParseFailureCode =
  | 'unsupported_type'
  | 'empty'
  | 'encrypted'
  | 'corrupt'
  | 'too_large'
  | 'timed_out'
  | 'no_text_layer'
  | 'out_of_memory'
  | 'output_too_large'
  /** The worker died on this document. */
  | 'crashed'
  /** It crashed a worker twice; not tried again until its version changes. */
  | 'quarantined'

/**
 * A piece of a document's Markdown. Chunks are exact slices and cover the whole text in order:
 * dropping each chunk's first `overlap` characters and joining them gives the Markdown back.
 */
export interface Chunk {
  readonly text: string
  /** UTF-16 units at the start of `text` that repeat the end of the chunk before. */
  readonly overlap: number
  /** Headings above it, outermost first. */
  readonly headings: readonly string[]
  /** Page, slide or sheet number (from 1), where the format has them. */
  readonly page?: number
}

/** What comes out of one document. */
export interface ParsedDocument {
  /** What the bytes turned out to be. */
  readonly mimeType: string
  readonly title?: string
  readonly author?: string
  readonly language?: string
  /** RFC 3339. */
  readonly createdAt?: string
  readonly updatedAt?: string
  readonly pages?: number
  readonly metadata?: Readonly<Record<string, Json>>
  readonly chunks: readonly Chunk[]
  /** Attachments and archive members, parsed in turn: documents of their own. */
  readonly children?: readonly ChildDocument[]
}

export interface ChildDocument {
  /** Path inside its parent, unique there. */
  readonly path: string
  readonly size: number
  readonly outcome: ParseOutcome
}

export type ParseOutcome =
  | { readonly ok: true; readonly document: ParsedDocument }
  | { readonly ok: false; readonly code: ParseFailureCode; readonly message: string; readonly mimeType?: string }

export interface ParseInput {
  /** Handed over: the buffer may be detached afterwards. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** What the source declared; bytes and extension come first. */
  readonly mimeType?: string
  readonly filename?: string
}

/** Turns bytes into text and chunks. Never throws on a document; rejects only when `signal` aborts or it is closed. */
export interface Parser {
  /** Changes when the same bytes would give other text or chunks: documents are then parsed again. */
  readonly version: string
  parse(input: ParseInput, options: { readonly signal: AbortSignal }): Promise<ParseOutcome>
  close(): Promise<void>
}
