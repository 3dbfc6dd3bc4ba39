import type { Json } from '@cx/core'
import type { ParseFailureCode } from '@cx/core/engine'

/** Hard bounds of one document; a format checks those that concern it. Bytes unless told. */
export interface Limits {
  readonly maxInputBytes: number
  /** Markdown that may come out, in UTF-16 units. */
  readonly maxOutputChars: number
  /** Sum of everything inflated out of one container. */
  readonly maxInflatedBytes: number
  /** Inflated over compressed size of one entry, once it is over a megabyte. */
  readonly maxRatio: number
  readonly maxEntries: number
  /** Nesting of elements, JSON values, containers in containers. */
  readonly maxDepth: number
  readonly maxContainerDepth: number
}

export const defaultLimits: Limits = {
  maxInputBytes: 100 * 1024 * 1024,
  maxOutputChars: 20_000_000,
  maxInflatedBytes: 512 * 1024 * 1024,
  maxRatio: 200,
  maxEntries: 10_000,
  maxDepth: 256,
  maxContainerDepth: 3,
}

export interface FormatInput {
  readonly bytes: Uint8Array
  readonly mimeType: string
  readonly filename?: string
  readonly limits: Limits
}

/** What a format makes of one document. */
export interface FormatOutput {
  readonly markdown: string
  /** Where pages, slides or sheets begin in `markdown` (UTF-16 offsets, rising); the first is usually 0. */
  readonly pageOffsets?: readonly number[]
  /** Where records begin that stand for themselves (UTF-16 offsets, rising): chunks end there, unless one is short. */
  readonly recordOffsets?: readonly number[]
  readonly title?: string
  readonly author?: string
  readonly language?: string
  readonly createdAt?: string
  readonly updatedAt?: string
  readonly pages?: number
  readonly metadata?: Readonly<Record<string, Json>>
  /** Attachments and archive members, still as bytes; the worker parses them in turn. */
  readonly children?: readonly { readonly path: string; readonly bytes: Uint8Array; readonly mimeType?: string }[]
}

/** One file a format. `parse` may throw anything; a {@link FormatError} says why, all else counts as `corrupt`. */
export interface Format {
  /** Also the file's name. */
  readonly name: string
  readonly mimeTypes: readonly string[]
  /** Lower case, without the dot. */
  readonly extensions: readonly string[]
  parse(input: FormatInput): FormatOutput | Promise<FormatOutput>
}

/** The reason why a document has no text. The message is shown to people. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
  readonly code: ParseFailureCode

  constructor(code: ParseFailureCode, message: string) {
    super(message)
    this.code = code
  }
}
