import { createEngine, type Job, type JobParams, type Parser } from '@cx/core/engine'
import { afterEach, expect, test } from 'vitest'
import { createTestLog } from '../src/fakes/log.ts'
import { createMemorySource, type MemorySource, memoryConfig } from '../src/fakes/memory-source.ts'
import { createMemoryStore, type MemoryStore } from '../src/fakes/memory-store.ts'

const parser: Parser = {
  version: 'plain-1',
  async parse({ bytes }) {
    const text = new TextDecoder().decode(bytes)
    return { ok: true, document: { mimeType: 'text/plain', chunks: [{ text, overlap: 0, headings: [] }] } }
  },
  async close() {},
}

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

interface Rig {
  readonly source: MemorySource
  readonly store: MemoryStore
  sync(params?: JobParams, kind?: Job['kind']): Promise<Job>
  /** Path and text of what is indexed. */
  indexed(): Record<string, string>
}

/** The real engine on the memory store and the memory source. */
async function rig(): Promise<Rig> {
  const source = createMemorySource({ pageSize: 4 })
  const record = {
    id: 'conn_1',
    type: 'memory',
    collectionId: 'col_1',
    config: memoryConfig,
    limits: { maxFileBytes: 1e6 },
  }
  const store = createMemoryStore({ connectors: [record] })
  const engine = createEngine({
    store,
    queue: store.queue,
    parser,
    vault: { credentials: async () => ({ method: 'public' }) },
    connectors: new Map([['memory', source.connector]]),
    log: createTestLog(),
    owner: 'test',
    pollMs: 50,
  })
  await engine.start()
  stops.push(() => engine.stop())
  return {
    source,
    store,
    async sync(params = {}, kind = 'sync') {
      const ended = new Promise<string>((resolve) => {
        const off = engine.onEvent(({ type, jobId }) => {
          if (type !== 'ended') return
          off()
          resolve(jobId)
        })
      })
      await store.queue.enqueue({ connectorId: 'conn_1', kind, params })
      engine.wake()
      return (await store.queue.job(await ended))!
    },
    indexed: () =>
      Object.fromEntries(
        [...store.documents('conn_1').values()]
          .filter(({ status }) => status === 'indexed')
          .map(({ entry, document }) => [entry.path, document!.chunks.map(({ text }) => text).join('')]),
      ),
  }
}

test('a first sync indexes everything, a second one does nothing, edits arrive by the feed', async () => {
  const { source, sync, indexed, store } = await rig()
  for (let n = 0; n < 10; n++) source.put(`docs/${n}.md`, `text ${n}`)
  const first = await sync()
  expect(first).toMatchObject({ status: 'completed', progress: { listed: 10, indexed: 10, collected: 10, deleted: 0 } })
  expect(Object.keys(indexed())).toHaveLength(10)

  const reads = source.state.contentReads
  expect(await sync()).toMatchObject({ status: 'completed', progress: { listed: 0, indexed: 0 } })
  expect(source.state.contentReads).toBe(reads)

  source.put('docs/3.md', 'new text')
  source.remove('docs/4.md')
  source.rename('docs/5.md', 'moved.md')
  const third = await sync()
  expect(third).toMatchObject({ status: 'completed', progress: { listed: 2, indexed: 2, collected: 1, deleted: 1 } })
  expect(indexed()).toMatchObject({ 'docs/3.md': 'new text', 'moved.md': 'text 5' })
  expect(indexed()).not.toHaveProperty('docs/4.md')
  expect(store.documents('conn_1').get('m00000005')).toMatchObject({ status: 'deleted', deletedBy: 'sweep' })
})

test('a listing that fails half-way deletes nothing; the next run goes on and sweeps', async () => {
  const { source, sync, indexed, store } = await rig()
  for (let n = 0; n < 12; n++) source.put(`${n}.md`, `text ${n}`)
  await sync()
  source.remove('0.md')
  source.state.epoch += 1
  // The feed's cursor has expired, and the listing that follows loses its second page for good.
  source.state.onPage = (page) => {
    if (page === 2) source.faults.inject({ kind: 'unauthenticated' }, { from: 1, to: 1000 })
  }
  expect((await sync()).status).toBe('failed')
  expect(Object.keys(indexed())).toHaveLength(12)
  source.state.onPage = undefined
  source.faults.clear()
  expect((await sync()).status).toBe('completed')
  expect(Object.keys(indexed())).toHaveLength(11)
  expect(store.documents('conn_1').get('m00000001')?.status).toBe('deleted')
})

test('what a person deleted stays deleted until it is asked for', async () => {
  const { source, sync, indexed, store } = await rig()
  source.put('a.md', 'a')
  source.put('b.md', 'b')
  await sync()
  store.deleteByPerson('conn_1', 'm00000001')
  source.put('a.md', 'a again')
  expect(await sync()).toMatchObject({ status: 'completed', progress: { listed: 1, skipped: 1 } })
  expect(indexed()).toEqual({ 'b.md': 'b' })
  await sync({ mode: 'incremental', paths: ['a.md'] })
  expect(indexed()).toEqual({ 'a.md': 'a again', 'b.md': 'b' })
})

test('a mass deletion is held back until it is confirmed', async () => {
  const { source, sync, indexed } = await rig()
  source.fill(60)
  await sync()
  for (let n = 0; n < 30; n++) source.remove(`many/${String(n).padStart(7, '0')}.md`)
  const held = await sync({ mode: 'full' })
  expect(held).toMatchObject({ status: 'needs_confirmation', pendingDeletions: 30 })
  expect(Object.keys(indexed())).toHaveLength(60)
  expect(await sync({ confirms: held.id }, 'confirm')).toMatchObject({ status: 'completed', progress: { deleted: 30 } })
  expect(Object.keys(indexed())).toHaveLength(30)
})

test('a permission refresh reads no content', async () => {
  const { source, sync, store } = await rig()
  source.put('a.md', 'a')
  await sync()
  const reads = source.state.contentReads
  source.setReaders('a.md', [{ type: 'group', id: 'team' }])
  source.state.groups.set('team', [{ type: 'user', id: 'ada' }])
  expect((await sync({}, 'permissions')).status).toBe('completed')
  expect(source.state.contentReads).toBe(reads)
  expect(store.documents('conn_1').get('m00000001')?.entry.acl).toEqual({ allOf: [[{ type: 'group', id: 'team' }]] })
  expect(store.groups('conn_1').get('team')).toEqual([{ type: 'user', id: 'ada' }])
})

test('an attempt that lost its lease is fenced off', async () => {
  let now = 0
  const store = createMemoryStore({
    clock: { now: () => now },
    connectors: [{ id: 'c', type: 'memory', collectionId: 'col', config: {}, limits: { maxFileBytes: 1 } }],
  })
  const { queue } = store
  const job = await queue.enqueue({ connectorId: 'c', kind: 'sync', params: {} })
  expect((await queue.enqueue({ connectorId: 'c', kind: 'sync', params: {} })).id).toBe(job.id)
  const first = await queue.claim('one', 100)
  await queue.enqueue({ connectorId: 'c', kind: 'permissions', params: {} })
  expect(await queue.claim('two', 100)).toBeUndefined()
  expect(await queue.recover()).toBe(0)
  now = 101
  expect(await queue.recover()).toBe(1)
  const second = await queue.claim('two', 100)
  expect(second).toMatchObject({ id: job.id, attempt: 2 })
  const stale = { jobId: job.id, connectorId: 'c', attempt: first!.attempt }
  await expect(store.beginListing(stale)).rejects.toMatchObject({ name: 'FencedError', code: 'fenced' })
  await expect(queue.heartbeat(stale, 100)).rejects.toMatchObject({ code: 'fenced' })
  await queue.requestCancel(job.id)
  expect(await queue.heartbeat({ ...stale, attempt: 2 }, 100)).toEqual({ cancelRequested: true })
})
