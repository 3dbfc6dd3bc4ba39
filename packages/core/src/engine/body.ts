import { createHash, randomUUID } from 'node:crypto'
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
  await using sink: Sink = expected === undefined ? new Spill() : new Memory(expected, maxBytes)
  let length = 0
  try {
    while (true) {
      const { done, value } = await withStall(reader.read(), stallMs, signal)
      if (done) break
      if (!(value instanceof Uint8Array))
        throw new ConnectorError(
          'unprocessable',
          `The body came as ${typeof value}s, not as bytes. Please report it to the connector's author.`,
        )
      length += value.length
      if (length > maxBytes) {
        cancel(reader)
        return { ok: false, read: length }
      }
      hash.update(value)
      await sink.write(value)
    }
  } catch (error) {
    cancel(reader, error)
    throw error
  }
  return { ok: true, bytes: await sink.whole(), hash: hash.digest('hex') }
}

/** Where a body is put together. */
interface Sink extends AsyncDisposable {
  write(chunk: Uint8Array): void | Promise<void>
  /** The parser takes the buffer over: it holds this document and nothing else. */
  whole(): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>
}

/** One buffer grown by doubling: a known size costs one allocation and no copy. */
class Memory implements Sink {
  readonly #most: number
  #bytes: Uint8Array<ArrayBuffer>
  length = 0

  constructor(expected: number, maxBytes: number) {
    this.#most = maxBytes
    this.#bytes = new Uint8Array(Math.min(expected > 0 ? expected : 16_384, maxBytes))
  }

  write(chunk: Uint8Array): void {
    const length = this.length + chunk.length
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(Math.max(this.#bytes.length * 2, length), this.#most))
      grown.set(this.#bytes.subarray(0, this.length))
      this.#bytes = grown
    }
    this.#bytes.set(chunk, this.length)
    this.length = length
  }

  whole(): Uint8Array<ArrayBuffer> {
    return this.length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.length)
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** What is held in memory of a body whose size nobody told. */
const spillBytes = 8 * 1024 * 1024

/** A body that may turn out too large waits in a file: only one that may be parsed is ever in memory whole. */
class Spill implements Sink {
  readonly #memory = new Memory(0, spillBytes)
  #file: FileHandle | undefined
  #length = 0

  async write(chunk: Uint8Array): Promise<void> {
    if (!this.#file && this.#memory.length + chunk.length <= spillBytes) return this.#memory.write(chunk)
    this.#file ??= await this.#open()
    await this.#file.write(chunk)
    this.#length += chunk.length
  }

  async #open(): Promise<FileHandle> {
    const path = join(tmpdir(), `cx-${randomUUID()}`)
    const file = await open(path, 'wx+', 0o600)
    // Without a name it is gone with the process, whatever ends it.
    await unlink(path)
    const begun = this.#memory.whole()
    await file.write(begun)
    this.#length = begun.length
    return file
  }

  async whole(): Promise<Uint8Array<ArrayBuffer>> {
    if (!this.#file) return this.#memory.whole()
    const bytes = new Uint8Array(this.#length)
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await this.#file.read(bytes, at, bytes.length - at, at)
      if (bytesRead === 0) throw new Error('The temporary file ended early.')
      at += bytesRead
    }
    return bytes
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close()
  }
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
