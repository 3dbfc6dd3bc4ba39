import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Connector, type NewConnector, openSqliteStore, type Store } from '../src/index.ts'

export interface TestStore {
  readonly store: Store
  readonly file: string
  readonly collectionId: string
  newConnector(more?: Partial<NewConnector>): Promise<Connector>
  close(): Promise<void>
}

/** A store in a folder of its own, with one collection. */
export async function openTestStore(): Promise<TestStore> {
  const folder = await mkdtemp(join(tmpdir(), 'cx-store-'))
  const file = join(folder, 'cx.db')
  const store = await openSqliteStore({ file })
  const { id: collectionId } = await store.createCollection({ name: 'default', description: '', embedding: null })
  return {
    store,
    file,
    collectionId,
    newConnector: (more = {}) =>
      store.createConnector({
        name: 'test',
        type: 'filesystem',
        collectionId,
        config: {},
        enabled: true,
        activated: true,
        schedule: null,
        timezone: 'UTC',
        limits: { maxFileBytes: 1_000_000 },
        ...more,
      }),
    async close() {
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
