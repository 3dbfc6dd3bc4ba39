import { createEngine, type Job, type JobParams, type Parser } from '@cx/core/engine'
import { createMemoryStore, createTestLog } from '@cx/testing'
import { expect, it } from 'vitest'
import salesforce from '../src/index.ts'
import { defaults } from './drive.ts'
import { refuse } from './fake/refuse.ts'
import { FakeSalesforce } from './fake/server.ts'

const parser: Parser = {
  version: 'plain-1',
  async parse({ bytes }) {
    const text = new TextDecoder().decode(bytes)
    return { ok: true, document: { mimeType: 'text/markdown', chunks: [{ text, overlap: 0, headings: [] }] } }
  },
  async close() {},
}

it('syncs by the engine in few calls, then what changed; a bad day deletes nothing', async () => {
  const fake = await new FakeSalesforce().start()
  const { org } = fake
  fake.tokens.add('engine-access-token')
  const ids = Array.from({ length: 3_000 }, (_, n) =>
    org.insert('Account', { Name: `Account ${n}`, Description: `text ${n}` }),
  )
  org.tick(3_600)
  const config = { ...defaults, objects: ['Account'], instanceUrl: fake.url }
  const limits = { maxFileBytes: 1e6 }
  const store = createMemoryStore({ connectors: [{ id: 'c', type: 'salesforce', collectionId: 'k', config, limits }] })
  const engine = createEngine({
    store,
    queue: store.queue,
    parser,
    vault: { credentials: async () => ({ method: 'oauth', accessToken: 'engine-access-token', extra: {} }) },
    connectors: new Map([['salesforce', salesforce]]),
    log: createTestLog(),
    owner: 'test',
    pollMs: 50,
  })
  const sync = async (params: JobParams = {}): Promise<Job> => {
    const { promise, resolve } = Promise.withResolvers<string>()
    const off = engine.onEvent(({ type, jobId }) => {
      if (type !== 'ended') return
      off()
      resolve(jobId)
    })
    fake.calls.length = 0
    await store.queue.enqueue({ connectorId: 'c', kind: 'sync', params })
    engine.wake()
    return (await store.queue.job(await promise))!
  }
  const alive = () => [...store.documents('c').values()].filter((one) => one.status === 'indexed').length

  try {
    await engine.start()
    expect(await sync()).toMatchObject({ status: 'completed', progress: { listed: 3_000, indexed: 3_000, failed: 0 } })
    const shares = fake.queries(/FROM AccountShare/)
    const reads = fake.queries(/Description.* FROM Account/)
    expect(reads).toBeLessThan(100)
    expect(fake.calls.length - shares - reads).toBeLessThan(30)

    org.update('Account', ids[7]!, { Description: 'changed' })
    org.remove('Account', ids[8]!)
    org.tick(3_600)
    expect(await sync()).toMatchObject({ status: 'completed', progress: { indexed: 1, deleted: 1, failed: 0 } })
    expect(fake.calls.length).toBeLessThan(12)
    org.tick(3_600)
    expect(await sync()).toMatchObject({ status: 'completed', progress: { indexed: 0, deleted: 0 } })
    expect(fake.calls.length).toBeLessThanOrEqual(6)

    org.objects.get('account')!.info.queryable = false
    await sync({ mode: 'full' })
    expect(alive()).toBe(2_999)
    org.objects.get('account')!.info.queryable = true

    org.table('Account').clear()
    org.table('Organization').clear()
    org.insertAs('00D5g00000ZzZzZEAV', 'Organization', { Name: 'Refreshed', IsSandbox: true })
    expect(await sync({ mode: 'full' })).toMatchObject({ status: 'failed', error: { code: 'misconfigured' } })
    expect(alive()).toBe(2_999)

    fake.before = () => {
      throw refuse(401, 'INVALID_SESSION_ID', 'Session expired or invalid')
    }
    expect(await sync()).toMatchObject({ status: 'failed', error: { code: 'unauthenticated' } })
    expect(alive()).toBe(2_999)
  } finally {
    await engine.stop()
    await fake.stop()
  }
})
