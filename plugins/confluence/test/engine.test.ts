import { startEngine } from '@cx/testing'
import { expect, it } from 'vitest'
import confluence from '../src/index.ts'
import { fakeSite, token } from './drive.ts'

it('syncs 2,000 pages by the engine, then what changed; another site behind the address stops it', async () => {
  const fake = await fakeSite()
  const { model } = fake
  const pages = Array.from({ length: 2_000 }, (_, i) => model.page('ENG', `P${i}`, `<p>text ${i}</p>`))
  pages[3]!.users = ['u-bob']
  await using engine = await startEngine(confluence, {
    config: { instanceUrl: fake.instanceUrl, spaceKeys: ['ENG'] },
    credentials: { method: 'api_token', email: 'ada@example.com', token },
  })
  const sync: typeof engine.sync = (params) => {
    fake.calls.length = 0
    return engine.sync(params)
  }
  const stored = (id: string) => engine.store.documents('c').get(id)

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
  expect(engine.indexed).toBe(1_998)
})
