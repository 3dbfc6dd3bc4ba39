import { createReadStream } from 'node:fs'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'

/** One file out of an archive, whole and hashed. */
export interface Spooled {
  /** As Git names the bytes. */
  readonly sha: string
  readonly body: Uint8Array | ReadableStream<Uint8Array>
}

type Kept = { readonly sha: string } & (
  | { readonly bytes: Uint8Array }
  | { readonly offset: number; readonly size: number }
)

export interface SpoolOptions {
  /** Bytes kept in memory; more goes to one temporary file. */
  readonly memory?: number
  /** Bytes in that file; what comes after is not kept. */
  readonly disk?: number
}

/** Files that came out of an archive before somebody asked for them. Bounded; the temporary file is gone after `close`. */
export class Spool {
  readonly #kept = new Map<string, Kept>()
  readonly #memoryLimit: number
  readonly #diskLimit: number
  #memory = 0
  #end = 0
  #folder: string | undefined
  #file: FileHandle | undefined

  constructor({ memory = 16 << 20, disk = 2 ** 31 }: SpoolOptions = {}) {
    this.#memoryLimit = memory
    this.#diskLimit = disk
  }

  /** Whether another file of this size fits without the disk. */
  fits(size: number): boolean {
    return this.#memory + size <= this.#memoryLimit
  }

  async keep(path: string, sha: string, bytes: Uint8Array): Promise<void> {
    if (this.fits(bytes.length)) {
      this.#memory += bytes.length
      this.#kept.set(path, { sha, bytes })
      return
    }
    const offset = await this.append(bytes)
    if (offset !== undefined) this.index(path, sha, offset, bytes.length)
  }

  /** Writes to the temporary file; undefined when that is full. */
  async append(bytes: Uint8Array): Promise<number | undefined> {
    if (this.#end + bytes.length > this.#diskLimit) return undefined
    if (!this.#file) {
      this.#folder = await mkdtemp(join(tmpdir(), 'cx-github-'))
      this.#file = await open(join(this.#folder, 'spool'), 'wx', 0o600)
    }
    const offset = this.#end
    this.#end += bytes.length
    await this.#file.write(bytes, 0, bytes.length, offset)
    return offset
  }

  /** Names a range of the temporary file. */
  index(path: string, sha: string, offset: number, size: number): void {
    this.#kept.set(path, { sha, offset, size })
  }

  /** Hands a file out, once. */
  async take(path: string): Promise<Spooled | undefined> {
    const kept = this.#kept.get(path)
    if (!kept) return undefined
    this.#kept.delete(path)
    if ('bytes' in kept) {
      this.#memory -= kept.bytes.length
      return { sha: kept.sha, body: kept.bytes }
    }
    const { sha, offset, size } = kept
    if (size <= 1 << 20) {
      const bytes = new Uint8Array(size)
      await this.#file!.read(bytes, 0, size, offset)
      return { sha, body: bytes }
    }
    const stream = createReadStream(join(this.#folder!, 'spool'), { start: offset, end: offset + size - 1 })
    return { sha, body: Readable.toWeb(stream) as ReadableStream<Uint8Array> }
  }

  async close(): Promise<void> {
    this.#kept.clear()
    await this.#file?.close()
    this.#file = undefined
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true })
    this.#folder = undefined
  }
}
