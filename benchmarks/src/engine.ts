import type { Json, SourceConnector } from '@cx/core'
import { type Clock, createEngine, type Job, type Log, type Parser, type SyncSettings } from '@cx/core/engine'
import { openSqliteStore } from '@cx/store'

const quiet: Log = { debug() {}, info() {}, warn() {}, error: console.error }

/** A store, an engine and one connector, without a host. A database that has the connector already is gone on with. */
export async function createSync({
  file,
  connector,
  parser,
  config = {},
  credentials,
  settings,
  clock,
  fetch,
}: {
  readonly file: string
  readonly connector: SourceConnector
  readonly parser: Parser
  readonly config?: Readonly<Record<string, Json>>
  readonly credentials?: Readonly<Record<string, Json>> & { readonly method: string }
  readonly settings?: Partial<SyncSettings>
  readonly clock?: Clock
  readonly fetch?: typeof globalThis.fetch
}): Promise<{ run(): Promise<Job>; close(): Promise<void> }> {
  const store = await openSqliteStore({ file })
  const ends = new Map<string, () => void>()
  const engine = createEngine({
    store,
    queue: store,
    parser,
    vault: { credentials: async () => credentials },
    ...(settings && { settings }),
    ...(clock && { clock }),
    ...(fetch && { fetch: () => fetch }),
    connectors: new Map([[connector.name, connector]]),
    log: quiet,
    owner: 'bench',
  })
  engine.onEvent(({ type, jobId }) => void (type === 'ended' && ends.get(jobId)?.()))
  await engine.start()
  const found = (await store.connectors({ limit: 1 })).rows[0]
  const connectorId = found?.id ?? (await create())
  async function create(): Promise<string> {
    const { id: collectionId } = await store.createCollection({ name: 'bench', description: '', embedding: null })
    const made = await store.createConnector({
      name: 'bench',
      type: connector.name,
      collectionId,
      config,
      enabled: true,
      activated: true,
      schedule: null,
      timezone: 'UTC',
      limits: { maxFileBytes: 100 * 2 ** 20 },
    })
    return made.id
  }
  return {
    run: async () => {
      const { id } = await store.enqueue({ connectorId, kind: 'sync', params: {} })
      const ended = new Promise<void>((resolve) => ends.set(id, resolve))
      engine.wake()
      await ended
      return (await store.job(id))!
    },
    close: async () => {
      await engine.stop()
      await store.close()
    },
  }
}
