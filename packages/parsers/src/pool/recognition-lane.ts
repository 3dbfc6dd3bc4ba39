import { hash } from 'node:crypto'
import type { ParseInput, ParseOutcome } from '@cx/core/engine'
import type { ParserPool } from '../pool.ts'
import { hasSilentPages } from '../recognition/pictures.ts'

export interface Lanes {
  readonly version: string
  /** Reads every document, and gives its bytes not away. */
  readonly ordinary: ParserPool
  /** One thread: reads those again that hold pictures, and the pictures with them. */
  readonly lane: ParserPool
}

/** Documents that are remembered to show no text, by their content. */
const mostSilent = 10_000

/**
 * Text recognition beside the ordinary threads: they never wait for a page, and whatever becomes of the recognition,
 * the document is at least what it is without.
 */
export function withRecognition({ version, ordinary, lane }: Lanes): ParserPool {
  // What failed is read again at every sync. That costs milliseconds; recognition costs minutes.
  const silent = new Map<string, ParseOutcome>()
  return {
    version,
    get queuedBytes() {
      return ordinary.queuedBytes + lane.queuedBytes
    },
    get queued() {
      return ordinary.queued + lane.queued
    },
    get busy() {
      return ordinary.busy + lane.busy
    },
    parse: async (input: ParseInput, options) => {
      const plain = await ordinary.parse(input, options)
      if (!hasPictures(plain)) return plain
      const key = plain.ok ? undefined : hash('sha256', input.bytes)
      const known = key && silent.get(key)
      if (known) return known
      const recognized = await lane.parse(input, options)
      if (recognized.ok) return recognized
      const outcome = noted(plain, recognized)
      if (key !== undefined) remember(silent, key, outcome)
      return outcome
    },
    room: (options) => ordinary.room(options),
    close: async () => {
      await Promise.all([ordinary.close(), lane.close()])
    },
  }
}

function remember(silent: Map<string, ParseOutcome>, key: string, outcome: ParseOutcome): void {
  const [oldest] = silent.keys()
  if (silent.size >= mostSilent && oldest !== undefined) silent.delete(oldest)
  silent.set(key, outcome)
}

function hasPictures(outcome: ParseOutcome): boolean {
  if (!outcome.ok) return outcome.code === 'no_text_layer'
  const { document } = outcome
  const { mimeType, children = [] } = document
  return (
    mimeType.startsWith('image/') || hasSilentPages(document) || children.some((child) => hasPictures(child.outcome))
  )
}

/** The document as it is without recognition, and what that said. */
function noted(plain: ParseOutcome, { code, message }: ParseOutcome & { readonly ok: false }): ParseOutcome {
  if (!plain.ok)
    return { ...plain, message: code === 'no_text_layer' ? message : `${plain.message} That failed: ${message}` }
  const { document } = plain
  return { ok: true, document: { ...document, metadata: { ...document.metadata, ocrNote: message } } }
}
