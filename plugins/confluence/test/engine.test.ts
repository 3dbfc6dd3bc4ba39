import { startEngine } from '@cx/testing'
import { expect, it } from 'vitest'
import confluence from '../src/index.ts'
import { fakeSite, reads, token } from './drive.ts'

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

it('keeps what it knows of one hidden group and one closed space, and takes all others as they are now', async () => {
  const fake = await fakeSite()
  const { model } = fake
  model.group('g-hidden', 'hidden', ['u-cy'])
  const hr = model.space('HR', { permissions: [reads('group', 'g-hidden')] })
  const [page, closed] = [model.page('ENG', 'A', ''), model.page('HR', 'B', '')]
  await using engine = await startEngine(confluence, {
    config: { instanceUrl: fake.instanceUrl, spaceKeys: ['ENG', 'HR'] },
    credentials: { method: 'api_token', email: 'ada@example.com', token },
  })
  const readers = (id: string) => engine.store.documents('c').get(id)?.entry.acl?.allOf
  const members = (id: string) =>
    engine.store
      .groups('c')
      .get(id)
      ?.map((one) => 'id' in one && one.id)
  expect(await engine.sync()).toMatchObject({ status: 'completed' })
  expect([members('g-staff'), members('g-hidden')]).toEqual([['u-ada', 'u-bob'], ['u-cy']])

  fake.intercept = ({ path }) =>
    path === '/rest/api/group/g-hidden/membersByGroupId' || path === `/api/v2/spaces/${hr.id}/permissions`
      ? new Response('', { status: 403 })
      : undefined
  model.groups.find(({ id }) => id === 'g-staff')!.members = ['u-ada']
  page.users = ['u-ada']
  closed.users = ['u-cy']
  const { promise, resolve } = Promise.withResolvers<void>()
  const job = await engine.store.queue.enqueue({ connectorId: 'c', kind: 'permissions', params: {} })
  const poll = setInterval(async () => {
    const { status } = (await engine.store.queue.job(job.id))!
    if (status !== 'queued' && status !== 'running') resolve()
  }, 20)
  await promise
  clearInterval(poll)
  expect(await engine.store.queue.job(job.id)).toMatchObject({ status: 'partial', error: { code: 'forbidden' } })
  expect([members('g-staff'), members('g-hidden')]).toEqual([['u-ada'], ['u-cy']])
  expect(readers(page.id)).toEqual([
    [{ type: 'group', id: 'g-staff' }],
    [{ type: 'user', id: 'u-ada', email: 'ada@example.com' }],
  ])
  expect(readers(closed.id)).toEqual([[{ type: 'group', id: 'g-hidden' }]])
})
