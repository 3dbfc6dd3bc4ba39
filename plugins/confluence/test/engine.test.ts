import { createEngine, type Job, type JobParams, type Parser } from '@cx/core/engine'
import { createMemoryStore, createTestLog } from '@cx/testing'
import { expect, it } from 'vitest'
import confluence from '../src/index.ts'
import { defaults, fakeSite, token } from './drive.ts'

const parser: Parser = {
  version: 'plain-1',
  async parse({ bytes }) {
    const text = new TextDecoder().decode(bytes)
    return { ok: true, document: { mimeType: 'text/plain', chunks: [{ text, overlap: 0, headings: [] }] } }
  },
  async close() {},
}

it('syncs 2,000 pages by the engine, then what changed; another site behind the address stops it', async () => {
  const fake = await fakeSite()
  const { model } = fake
  const pages = Array.from({ length: 2_000 }, (_, i) => model.page('ENG', `P${i}`, `<p>text ${i}</p>`))
  pages[3]!.users = ['u-bob']
  const config = { ...defaults, instanceUrl: fake.instanceUrl, spaceKeys: ['ENG'] }
  const store = createMemoryStore({
    connectors: [{ id: 'c', type: 'confluence', collectionId: 'k', config, limits: { maxFileBytes: 1e6 } }],
  })
  const engine = createEngine({
    store,
    queue: store.queue,
    parser,
    vault: { credentials: async () => ({ method: 'api_token', email: 'ada@example.com', token }) },
    connectors: new Map([['confluence', confluence]]),
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
  const stored = (id: string) => store.documents('c').get(id)

  try {
    await engine.start()
    expect(await sync()).toMatchObject({ status: 'completed', progress: { listed: 2_000, indexed: 2_000, failed: 0 } })
    const bodies = fake.calls.filter(({ query }) => query.has('body-format'))
    expect(bodies.length).toBeLessThanOrEqual(100)
    expect(stored(pages[3]!.id)?.document?.chunks[0]?.text).toBe('# P3\n\ntext 3\n')
    expect(stored(pages[3]!.id)?.entry.acl).toEqual({
      allOf: [[{ type: 'group', id: 'g-staff' }], [{ type: 'user', id: 'u-bob', email: 'bob@example.com' }]],
    })
    expect(await sync()).toMatchObject({ status: 'completed', progress: { listed: 0 } })

    model.edit(pages[0]!, { body: '<p>changed</p>' })
    model.trash(pages[1]!)
    expect(await sync()).toMatchObject({ status: 'completed', progress: { indexed: 1, deleted: 1, failed: 0 } })
    expect(stored(pages[0]!.id)?.document?.chunks[0]?.text).toContain('changed')
    expect(stored(pages[1]!.id)?.status).toBe('deleted')

    // Removed for good: no feed tells it, the next full listing does.
    model.contents.delete(pages[2]!.id)
    expect(await sync()).toMatchObject({ progress: { deleted: 0 } })
    expect(await sync({ mode: 'full' })).toMatchObject({ progress: { deleted: 1 } })

    fake.grants.clear()
    expect(await sync()).toMatchObject({ status: 'failed', error: { code: 'unauthenticated' } })
    const basic = `Basic ${Buffer.from(`ada@example.com:${token}`).toString('base64')}`
    fake.grants.set(basic, { user: 'u-ada' })
    fake.cloudId = 'cloud-2'
    expect(await sync()).toMatchObject({
      status: 'failed',
      error: { code: 'misconfigured', message: expect.stringContaining('cloud-2') },
    })
    expect([...store.documents('c').values()].filter(({ status }) => status === 'indexed')).toHaveLength(1_998)
  } finally {
    await engine.stop()
  }
})
