import type { Entry } from '@cx/core'
import type { Outcome, RunKey } from '@cx/core/engine'
import { openSqliteStore, type Store } from '@cx/store'

export const versions = { pipeline: 'bench', skipPipeline: 'bench' }

/** A store that is filled through its writer, without an engine. */
export interface Filled {
  readonly store: Store
  readonly collectionId: string
  newConnector(type?: string): Promise<string>
  /** Queues and claims a job. */
  job(connectorId: string): Promise<RunKey>
  close(): Promise<void>
}

export async function openFilled(file: string): Promise<Filled> {
  const store = await openSqliteStore({ file })
  const { id: collectionId } = await store.createCollection({ name: 'bench', description: '', embedding: null })
  return {
    store,
    collectionId,
    newConnector: async (type = 'generated') => {
      const { id } = await store.createConnector({
        name: type,
        type,
        collectionId,
        config: {},
        enabled: true,
        activated: true,
        schedule: null,
        timezone: 'UTC',
        limits: { maxFileBytes: 1 },
      })
      return id
    },
    job: async (connectorId) => {
      await store.enqueue({ connectorId, kind: 'sync', params: {} })
      const { id, attempt } = (await store.claim('bench', 3_600_000))!
      return { jobId: id, connectorId, attempt }
    },
    close: () => store.close(),
  }
}

/** What came of an entry with these chunks. */
export function indexed(entry: Entry, texts: readonly string[], mimeType = 'text/plain'): Outcome {
  const chunks = texts.map((text) => ({ text, overlap: 0, headings: [] }))
  return { kind: 'indexed', entry, fingerprint: 1, bytes: 1, contentHash: '', document: { mimeType, chunks } }
}
