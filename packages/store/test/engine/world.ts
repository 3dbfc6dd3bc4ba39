import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SourceConnector } from '@cx/core'
import {
  createEngine,
  type Engine,
  type EngineOptions,
  type Job,
  type JobKind,
  type JobParams,
  type Log,
  type Parser,
} from '@cx/core/engine'
import { onTestFinished } from 'vitest'
import { openSqliteStore } from '../../src/index.ts'
import type { DocumentRecord, SearchHit, Store } from '../../src/store.ts'

/** One chunk a paragraph; a document that says "unparseable" is corrupt, "hang" never ends. */
export const plainParser: Parser = {
  version: 'plain-1',
  parse: async ({ bytes }, { signal }) => {
    const text = new TextDecoder().decode(bytes)
    if (text === 'hang')
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    if (text.includes('unparseable')) return { ok: false, code: 'corrupt', message: 'Cannot be parsed.' }
    if (text === '') return { ok: false, code: 'empty', message: 'It is empty.' }
    const chunks = text.split(/(?<=\n\n)/).map((part) => ({ text: part, overlap: 0, headings: [] }))
    return { ok: true, document: { mimeType: 'text/plain', chunks } }
  },
  close: async () => {},
}

export interface World {
  readonly store: Store
  readonly file: string
  readonly engine: Engine
  readonly connectorId: string
  readonly logged: string[]
  /** Queues a job and waits for its end. */
  run(params?: JobParams, kind?: JobKind): Promise<Job>
  queue(params?: JobParams, kind?: JobKind): Promise<Job>
  ended(jobId: string): Promise<Job>
  documents(): Promise<readonly DocumentRecord[]>
  search(query: string): Promise<readonly SearchHit[]>
  /** Stops this engine and starts another on the same file. */
  restart(): Promise<void>
}

export const apiKey = 'canary-3f9c1e77-key'

/** A store in a temporary folder, an engine over it, and one connector. */
export async function openWorld(
  connector: SourceConnector,
  options: Partial<EngineOptions> & { readonly maxFileBytes?: number; readonly wrap?: (store: Store) => Store } = {},
): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'cx-engine-'))
  const file = join(folder, 'cx.db')
  let store = await openSqliteStore({ file })
  const logged: string[] = []
  const at = (message: string, fields?: object) => void logged.push(JSON.stringify({ message, ...fields }))
  const log: Log = { debug: at, info: at, warn: at, error: at }
  const waiting = new Map<string, (job: Job) => void>()
  const start = async () => {
    const wrapped = options.wrap?.(store) ?? store
    const engine = createEngine({
      parser: plainParser,
      vault: { credentials: async () => ({ method: 'key', apiKey }) },
      connectors: new Map([[connector.name, connector]]),
      log,
      owner: 'test',
      ...options,
      settings: { retry: { attempts: 3, baseMs: 1 }, stallMs: 5_000, ...options.settings },
      store: wrapped,
      queue: wrapped,
    })
    engine.onEvent(async ({ type, jobId }) => {
      if (type === 'ended') waiting.get(jobId)?.((await store.job(jobId))!)
    })
    await engine.start()
    return engine
  }
  const collection = await store.createCollection({ name: 'test', description: '', embedding: null })
  const { id: connectorId } = await store.createConnector({
    name: 'test',
    type: connector.name,
    collectionId: collection.id,
    config: {},
    enabled: true,
    activated: true,
    schedule: null,
    timezone: 'UTC',
    limits: { maxFileBytes: options.maxFileBytes ?? 1_000_000 },
  })
  let engine = await start()
  onTestFinished(async () => {
    await engine.stop({ timeoutMs: 2_000 })
    await store.close()
    await rm(folder, { recursive: true, force: true })
  })
  const world: World = {
    get store() {
      return store
    },
    get engine() {
      return engine
    },
    file,
    connectorId,
    logged,
    queue: async (params = {}, kind = 'sync') => {
      const job = await store.enqueue({ connectorId, kind, params })
      engine.wake()
      return job
    },
    ended: async (jobId) => {
      const end = new Promise<Job>((resolve) => waiting.set(jobId, resolve))
      const job = (await store.job(jobId))!
      return job.completedAt === undefined ? end : job
    },
    run: async (params, kind) => world.ended((await world.queue(params, kind)).id),
    documents: async () => (await store.documents({ connectorId }, { limit: 100_000 })).rows,
    search: async (query) => (await store.search({ query, collections: [collection.id], limit: 100, offset: 0 })).hits,
    restart: async () => {
      await engine.stop({ timeoutMs: 2_000 })
      await store.close()
      store = await openSqliteStore({ file })
      engine = await start()
    },
  }
  return world
}

/** What a person would see of the documents: no ids, no times. */
export function summary(documents: readonly DocumentRecord[]): Record<string, string> {
  return Object.fromEntries(
    documents.map(({ entry, status, error }) => [entry.path, error ? `${status}:${error.code}` : status]),
  )
}
