import type { Acl, Checkpoint, Content, Entry, Json, ListRun, Log, Removed, Run, SourceConnector } from '@cx/core'

/** What a listing or a change feed gave. */
export interface Collected<T = Entry> {
  readonly entries: readonly T[]
  /** `after`: how many entries stood before it. */
  readonly checkpoints: readonly { readonly cursor: Json; readonly after: number }[]
  readonly unreadable: readonly { readonly path: string; readonly error: unknown }[]
  /** Set when it ended by an error. */
  readonly error?: unknown
  /** It ended by itself, not by an error and not by the kit. */
  readonly whole: boolean
}

export interface CollectOptions {
  readonly resume?: Json
  readonly paths?: readonly string[]
  readonly signal?: AbortSignal
  /** Stops, as a killed process would, right after this many items (entries and checkpoints). */
  readonly stopAfter?: number
}

export function isCheckpoint(item: object): item is Checkpoint {
  return 'kind' in item && item.kind === 'checkpoint'
}

export function isRemoved(item: object): item is Removed {
  return 'kind' in item && item.kind === 'removed'
}

/** Stored and read back, as between a run and the next one. */
export function throughStore<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

interface SessionParts {
  readonly connector: SourceConnector
  readonly session: unknown
  readonly config: Readonly<Record<string, Json>>
  readonly log: Log
  readonly signal: AbortSignal
  readonly onClose: () => void
}

/** One open session of the connector, its verbs called as the engine calls them. */
export class Session {
  readonly #parts: SessionParts
  #closed = false

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  get raw(): unknown {
    return this.#parts.session
  }

  run(signal: AbortSignal = this.#parts.signal): Run<unknown> {
    return { config: this.#parts.config, log: this.#parts.log, signal }
  }

  check(signal?: AbortSignal): ReturnType<SourceConnector['check']> {
    return this.#parts.connector.check(this.raw, this.run(signal) as never)
  }

  /** Lists; errors are part of the result. */
  async tryList(options: CollectOptions = {}): Promise<Collected> {
    const unreadable: { path: string; error: unknown }[] = []
    const run = {
      ...this.run(options.signal),
      ...(options.resume === undefined ? {} : { resume: options.resume }),
      ...(options.paths === undefined ? {} : { paths: options.paths }),
      unreadable: (path: string, error: unknown) => void unreadable.push({ path, error }),
    } satisfies ListRun<unknown>
    const collected = await gather<Entry>(() => this.#parts.connector.list(this.raw, run as never), options.stopAfter)
    return { ...collected, unreadable }
  }

  /** Lists; throws what the listing threw. */
  async list(options: CollectOptions = {}): Promise<Collected> {
    return orThrow(await this.tryList(options))
  }

  async trySince(cursor: Json, options: CollectOptions = {}): Promise<Collected<Entry | Removed>> {
    const { changes } = this.#parts.connector
    if (changes === undefined) throw new TypeError('The connector has no `changes`.')
    const feed = () => changes.since(this.raw, cursor, this.run(options.signal) as never)
    return { ...(await gather<Entry | Removed>(feed, options.stopAfter)), unreadable: [] }
  }

  async since(cursor: Json, options: CollectOptions = {}): Promise<Collected<Entry | Removed>> {
    return orThrow(await this.trySince(cursor, options))
  }

  /** The cursor of this moment, as it comes back from the store. */
  async now(): Promise<Json> {
    const { changes } = this.#parts.connector
    if (changes === undefined) throw new TypeError('The connector has no `changes`.')
    return throughStore(await changes.now(this.raw, this.run() as never))
  }

  read(entry: Entry, signal?: AbortSignal): Promise<Content> {
    return this.#parts.connector.read(this.raw, entry, this.run(signal) as never)
  }

  /** The content of an entry as the store gave it back, decoded. */
  async text(entry: Entry, signal?: AbortSignal): Promise<string> {
    const { body } = await this.read(throughStore(entry), signal)
    if (typeof body === 'string') return body
    if (body instanceof Uint8Array) return new TextDecoder().decode(body)
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of body) text += decoder.decode(chunk, { stream: true })
    return text + decoder.decode()
  }

  /** Access lists by id: from `permissions` where there is such a group, else from the entries. */
  async acls(entries: readonly Entry[]): Promise<ReadonlyMap<string, Acl>> {
    const { permissions } = this.#parts.connector
    const found = new Map<string, Acl>()
    if (permissions === undefined) {
      for (const entry of entries) if (entry.acl) found.set(entry.id, entry.acl)
      return found
    }
    const stored = entries.map(throughStore)
    for await (const { id, acl } of permissions.acls(this.raw, stored, this.run() as never)) found.set(id, acl)
    return found
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#parts.onClose()
    await this.#parts.connector.close?.(this.raw)
  }
}

async function gather<T extends object>(
  open: () => AsyncIterable<T | Checkpoint>,
  stopAfter = Number.POSITIVE_INFINITY,
): Promise<Omit<Collected<T>, 'unreadable'>> {
  const entries: T[] = []
  const checkpoints: { cursor: Json; after: number }[] = []
  let items = 0
  let whole = true
  try {
    for await (const item of open()) {
      if (isCheckpoint(item)) checkpoints.push({ cursor: throughStore(item.cursor), after: entries.length })
      else entries.push(item)
      items += 1
      if (items >= stopAfter) {
        whole = false
        break
      }
    }
  } catch (error) {
    return { entries, checkpoints, error, whole: false }
  }
  return { entries, checkpoints, whole }
}

function orThrow<T>(collected: Collected<T>): Collected<T> {
  if (collected.error !== undefined) throw collected.error
  return collected
}
