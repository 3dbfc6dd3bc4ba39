import type { Json, SourceConnector } from '@cx/core'
import { createEngine, type Job, type JobParams, type Parser } from '@cx/core/engine'
import { configured } from './driver/schema.ts'
import { createTestLog, type TestLog } from './fakes/log.ts'
import { createMemoryStore, type MemoryStore } from './fakes/memory-store.ts'

export interface StartEngineOptions {
  readonly config: Readonly<Record<string, Json>>
  /** As a vault hands them out; `{ method: 'none' }` unless given. */
  readonly credentials?: Readonly<Record<string, Json>> & { readonly method: string }
  /** Bytes, 1 MB unless told. */
  readonly maxFileBytes?: number
}

/** The real engine over a store in memory, with one connector. */
export interface TestEngine extends AsyncDisposable {
  readonly store: MemoryStore
  readonly log: TestLog
  /** Runs one job to its end. */
  sync(params?: JobParams): Promise<Job>
  /** What is indexed at a path now. */
  text(path: string): string | undefined
  /** Documents that a search would find. */
  readonly indexed: number
}

const connectorId = 'c'

/** Takes every content for text. */
const parser: Parser = {
  version: 'plain-1',
  async parse({ bytes }) {
    const text = new TextDecoder().decode(bytes)
    return { ok: true, document: { mimeType: 'text/plain', chunks: [{ text, overlap: 0, headings: [] }] } }
  },
  async close() {},
}

/**
 * Runs whole syncs of a connector in a test, as a host does. End it with `await using`.
 *
 * @throws TypeError when the connector's own schema refuses the configuration, with every problem.
 */
export async function startEngine(
  connector: SourceConnector,
  { config: given, credentials = { method: 'none' }, maxFileBytes = 1e6 }: StartEngineOptions,
): Promise<TestEngine> {
  const config = configured(connector, given)
  const { name: type } = connector
  const store = createMemoryStore({
    connectors: [{ id: connectorId, type, collectionId: 'k', config, limits: { maxFileBytes } }],
  })
  const log = createTestLog()
  const engine = createEngine({
    store,
    queue: store.queue,
    parser,
    vault: { credentials: async () => credentials },
    connectors: new Map([[type, connector]]),
    log,
    owner: 'test',
    pollMs: 50,
  })
  await engine.start()
  const indexed = () => [...store.documents(connectorId).values()].filter(({ status }) => status === 'indexed')
  return {
    store,
    log,
    async sync(params = {}) {
      const { promise, resolve } = Promise.withResolvers<string>()
      const forget = engine.onEvent(({ type: event, jobId }) => event === 'ended' && resolve(jobId))
      await store.queue.enqueue({ connectorId, kind: 'sync', params })
      engine.wake()
      const job = await store.queue.job(await promise)
      forget()
      return job!
    },
    text: (path) =>
      indexed()
        .find(({ entry }) => entry.path === path)
        ?.document?.chunks.map(({ text }) => text)
        .join(''),
    get indexed() {
      return indexed().length
    },
    [Symbol.asyncDispose]: () => engine.stop(),
  }
}
