import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { ConnectorError, isConnectorError } from '@cx/core'
import { abortable } from '@cx/core/http'
import { extract } from 'tar-stream'
import { blobHash, blobSha } from './git-object.ts'
import { Spool, type Spooled, type SpoolOptions } from './spool.ts'

export interface TarballOptions extends SpoolOptions {
  /** Opens the archive; called again when it breaks off. */
  open(signal: AbortSignal): Promise<ReadableStream<Uint8Array>>
  /** Whether a path can be asked for at all; the rest is not kept. */
  wanted(path: string): boolean
}

type Waiter = PromiseWithResolvers<Spooled | undefined>

/** Files up to this size are handed over as one buffer. */
const smallFile = 1 << 20
const attempts = 3

/**
 * A repository's archive as a store of contents: unpacked as it is asked for, a little ahead of the readers and no
 * further, so that an archive nobody reads costs one call and no download. It is a cache, never the listing:
 * `export-ignore` leaves files out of it and `export-subst` changes them, hence the hash that goes with each body.
 * https://docs.github.com/en/repositories/working-with-files/using-files/downloading-source-code-archives
 */
export class Tarball {
  readonly #options: TarballOptions
  readonly #spool: Spool
  readonly #waiting = new Map<string, Waiter>()
  readonly #closing = new AbortController()
  #pump: Promise<void> | undefined
  #wake = Promise.withResolvers<void>()
  /** Files dealt with, for going on after a break. */
  #passed = 0
  #last = ''
  #ordered = true
  #ended = false

  constructor(options: TarballOptions) {
    this.#options = options
    this.#spool = new Spool(options)
  }

  /** How many files have come out of it. */
  get position(): number {
    return this.#passed
  }

  /** Whether `path` lies behind: it comes at once, or never. */
  isPast(path: string): boolean {
    return this.#ended || (this.#ordered && compare(path, this.#last) <= 0)
  }

  /**
   * The file, once. Undefined when the archive has none or it was handed out already.
   *
   * @throws ConnectorError when the archive cannot be had; `not_found` when the server makes none.
   */
  async read(path: string, signal: AbortSignal): Promise<Spooled | undefined> {
    const kept = await this.#spool.take(path)
    if (kept) return kept
    // It may have come past while we looked.
    if (this.isPast(path)) return this.#spool.take(path)
    let waiter = this.#waiting.get(path)
    if (!waiter) {
      waiter = Promise.withResolvers()
      waiter.promise.catch(() => {})
      this.#waiting.set(path, waiter)
    }
    this.#wake.resolve()
    this.#pump ??= this.#run().finally(() => {
      this.#pump = undefined
    })
    try {
      return await abortable(waiter.promise, signal)
    } catch (error) {
      if (this.#waiting.get(path) === waiter) this.#waiting.delete(path)
      throw error
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#wake.resolve()
    await this.#pump
    this.#settle(undefined)
    await this.#spool.close()
  }

  async #run(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const before = this.#passed
      try {
        await this.#unpack()
        this.#ended = true
        return this.#settle(undefined)
      } catch (error) {
        if (this.#closing.signal.aborted) return this.#settle(this.#closing.signal.reason)
        if (this.#passed > before) attempt = 1
        const told = isConnectorError(error) && error.code !== 'unavailable'
        if (!told && attempt < attempts) continue
        const failure = isConnectorError(error)
          ? error
          : new ConnectorError('unavailable', 'The repository archive broke off while it was downloaded.', {
              cause: error,
            })
        return this.#settle(failure)
      }
    }
  }

  async #unpack(): Promise<void> {
    const { signal } = this.#closing
    const tar = extract()
    const body = Readable.fromWeb((await this.#options.open(signal)) as Parameters<typeof Readable.fromWeb>[0])
    const flow = pipeline(body, createGunzip(), tar, { signal })
    flow.catch(() => {})
    let index = 0
    for await (const entry of tar) {
      const { name, type, size = 0 } = entry.header
      const path = name.slice(name.indexOf('/') + 1)
      if (type !== 'file' || path === '' || index++ < this.#passed || !this.#options.wanted(path)) {
        if (type === 'file' && index > this.#passed) this.#pass(path)
        entry.resume()
        continue
      }
      await this.#room(path, size)
      await (size <= smallFile ? this.#small(path, entry) : this.#large(path, size, entry))
      this.#pass(path)
      await this.#late(path)
    }
    await flow
  }

  /** Waits while nobody asks for anything further on and enough lies ready. */
  async #room(path: string, size: number): Promise<void> {
    while (this.#waiting.size === 0 && !this.#spool.fits(size) && !this.#closing.signal.aborted) {
      this.#wake = Promise.withResolvers()
      await this.#wake.promise
    }
    this.#closing.signal.throwIfAborted()
    if (this.#ordered && compare(path, this.#last) < 0) this.#ordered = false
  }

  async #small(path: string, entry: AsyncIterable<unknown>): Promise<void> {
    const chunks: Uint8Array[] = []
    for await (const chunk of entry) chunks.push(chunk as Uint8Array)
    const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
    const sha = blobSha(body)
    const waiter = this.#waiting.get(path)
    if (!waiter) return this.#spool.keep(path, sha, body)
    this.#waiting.delete(path)
    waiter.resolve({ sha, body })
  }

  async #large(path: string, size: number, entry: AsyncIterable<unknown>): Promise<void> {
    const hash = blobHash(size)
    let start: number | undefined
    let whole = true
    for await (const chunk of entry) {
      hash.update(chunk as Uint8Array)
      const offset: number | undefined = whole ? await this.#spool.append(chunk as Uint8Array) : undefined
      start ??= offset
      whole = offset !== undefined
    }
    if (whole && start !== undefined) this.#spool.index(path, hash.digest('hex'), start, size)
  }

  /** Somebody asked while the file was being put away. */
  async #late(path: string): Promise<void> {
    const waiter = this.#waiting.get(path)
    if (!waiter) return
    this.#waiting.delete(path)
    waiter.resolve(await this.#spool.take(path))
  }

  #pass(path: string): void {
    this.#passed++
    this.#last = path
    // Files that the archive leaves out are noticed once it has gone past their place; not at each file, for speed.
    if (this.#ordered && this.#passed % 64 === 0)
      for (const [waited, waiter] of this.#waiting)
        if (compare(waited, path) <= 0) {
          this.#waiting.delete(waited)
          waiter.resolve(undefined)
        }
  }

  #settle(error: unknown): void {
    for (const waiter of this.#waiting.values())
      if (error === undefined) waiter.resolve(undefined)
      else waiter.reject(error)
    this.#waiting.clear()
  }
}

/** Git's order: bytes of the whole path. */
function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
