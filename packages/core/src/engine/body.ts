import { createHash } from 'node:crypto'
import type { Content } from '../contract/entry.ts'
import { ConnectorError } from '../contract/errors.ts'
import { abortable } from './abort.ts'

/** The whole body, or the news that it is larger than allowed. */
export type Body =
  | { readonly ok: true; readonly bytes: Uint8Array<ArrayBuffer>; readonly hash: string }
  | { readonly ok: false; readonly read: number }

/**
 * Reads a body whole. Stops (and cancels the stream) as soon as it passes `maxBytes`.
 *
 * @throws ConnectorError `unavailable` when no byte comes for `stallMs`; whatever the stream throws.
 */
export async function readBody(
  body: Content['body'],
  {
    maxBytes,
    stallMs,
    expected,
    signal,
  }: {
    readonly maxBytes: number
    readonly stallMs: number
    readonly expected?: number | undefined
    readonly signal: AbortSignal
  },
): Promise<Body> {
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : new Uint8Array(body)
    return bytes.length > maxBytes ? { ok: false, read: bytes.length } : { ok: true, bytes, hash: sha256(bytes) }
  }
  const hash = createHash('sha256')
  const reader = body.getReader()
  // One buffer grown by doubling: a known size costs one allocation and no copy.
  let bytes = new Uint8Array(Math.min(Math.max(expected ?? 0, 16_384), maxBytes + 1))
  let length = 0
  try {
    while (true) {
      const { done, value } = await withStall(reader.read(), stallMs, signal)
      if (done) break
      if (length + value.length > maxBytes) {
        cancel(reader)
        return { ok: false, read: length + value.length }
      }
      if (length + value.length > bytes.length) {
        const grown = new Uint8Array(Math.min(Math.max(bytes.length * 2, length + value.length), maxBytes + 1))
        grown.set(bytes.subarray(0, length))
        bytes = grown
      }
      bytes.set(value, length)
      hash.update(value)
      length += value.length
    }
  } catch (error) {
    cancel(reader, error)
    throw error
  }
  // The parser takes the buffer over: it must hold this document and nothing else.
  return { ok: true, bytes: length === bytes.length ? bytes : bytes.slice(0, length), hash: hash.digest('hex') }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function cancel(reader: ReadableStreamDefaultReader<Uint8Array>, reason?: unknown): void {
  void reader.cancel(reason).catch(() => {})
}

async function withStall<T>(promise: Promise<T>, stallMs: number, signal: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const stalled = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new ConnectorError('unavailable', `The source sent nothing for ${Math.round(stallMs / 1000)} s.`)),
      stallMs,
    )
  })
  try {
    return await abortable(Promise.race([promise, stalled]), signal)
  } finally {
    clearTimeout(timer)
  }
}
