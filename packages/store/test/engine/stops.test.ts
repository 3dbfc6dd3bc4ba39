import { ConnectorError, defineConnector } from '@cx/core'
import type { SyncStore } from '@cx/core/engine'
import { describe, expect, test, vi } from 'vitest'
import type { Store } from '../../src/store.ts'
import { connectorOf, Source } from './source.ts'
import { openWorld, type World } from './world.ts'

const alive = async (world: World): Promise<string[]> =>
  (await world.documents()).filter((one) => one.status === 'indexed').map((one) => one.entry.path)

describe('every wait on the store ends with an abort', () => {
  const methods = [
    'connector',
    'pinTenant',
    'syncState',
    'beginListing',
    'diff',
    'commit',
    'sweepPlan',
    'sweep',
    'endListing',
    'countMissing',
  ] as const satisfies readonly (keyof SyncStore)[]
  test.each(methods)('%s', async (method) => {
    const source = new Source()
    source.fill(30)
    let hang = false
    let reached = false
    const world = await openWorld(connectorOf(source), {
      wrap: (store) =>
        new Proxy(store, {
          get: (target, name: keyof Store) => {
            const value = target[name] as (...args: unknown[]) => unknown
            if (name === method && hang)
              return () => {
                reached = true
                return new Promise(() => {})
              }
            return typeof value === 'function' ? value.bind(target) : value
          },
        }),
    })
    await world.run()
    source.put('docs/0000.txt', 'Edited.')
    source.remove('docs/0029.txt')
    hang = true
    const { id } = await world.queue(method === 'countMissing' ? { paths: ['never.txt', 'docs/0000.txt'] } : {})
    await vi.waitFor(() => expect(reached).toBe(true), 10_000)
    const started = performance.now()
    await world.engine.cancel(id)
    hang = false
    expect((await world.ended(id)).status).toBe('cancelled')
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

test.each([
  ['a full disk', 'storage_full', 'storage_full', 'The disk is full.'],
  ['whatever else', 'SQLITE_IOERR', 'internal_error', 'cx itself failed; see the log of this job.'],
])('%s ends the run with a reason, deletes nothing, and the next one goes on', async (_what, code, told, message) => {
  const source = new Source()
  source.fill(30)
  let broken = false
  const world = await openWorld(connectorOf(source), {
    wrap: (store) =>
      new Proxy(store, {
        get: (target, name: keyof Store) => {
          const value = target[name] as (...args: unknown[]) => unknown
          if (name === 'commit' && broken)
            return async () => {
              throw Object.assign(new Error('The disk is full.'), { name: 'StoreError', code })
            }
          return typeof value === 'function' ? value.bind(target) : value
        },
      }),
  })
  await world.run()
  source.put('docs/0000.txt', 'Edited.')
  source.remove('docs/0001.txt')
  broken = true
  expect(await world.run()).toMatchObject({
    status: 'failed',
    error: { code: told, message },
    progress: { deleted: 0 },
  })
  broken = false
  expect(await world.run()).toMatchObject({ status: 'completed', progress: { indexed: 1, unchanged: 28, deleted: 1 } })
})

test('a document that a person deletes while it is read stays deleted', async () => {
  const source = new Source()
  source.fill(3)
  const world = await openWorld(connectorOf(source))
  await world.run()
  source.put('docs/0001.txt', 'Edited wisdom.')
  let release = () => {}
  source.onRead = () => new Promise<void>((resolve) => (release = resolve))
  const { id } = await world.queue()
  await vi.waitFor(() => expect(source.reads().length).toBe(4), 10_000)
  const document = (await world.documents()).find((one) => one.entry.path === 'docs/0001.txt')!
  await world.store.deleteDocument(document.id)
  release()
  expect(await world.ended(id)).toMatchObject({ progress: { listed: 3, unchanged: 2, indexed: 0, skipped: 1 } })
  expect(await alive(world)).toEqual(['docs/0000.txt', 'docs/0002.txt'])
  source.onRead = () => {}
  expect(await world.run({ mode: 'full' })).toMatchObject({ progress: { indexed: 3 } })
})

test('access lists that could not be read are asked for again, and the job says so', async () => {
  const source = new Source()
  source.fill(3)
  const plain = connectorOf(source)
  let away = true
  const asked: string[] = []
  const world = await openWorld(
    defineConnector({
      ...plain,
      permissions: {
        async *acls(_session, entries) {
          asked.push(...entries.map(({ id }) => id))
          if (away) throw new ConnectorError('unavailable', 'The directory is down.')
          for (const { id } of entries) yield { id, acl: { allOf: [[{ type: 'anyone' as const }]] } }
        },
      },
    }),
  )
  expect(await world.run()).toMatchObject({
    status: 'partial',
    progress: { indexed: 3 },
    error: { code: 'unavailable', message: expect.stringContaining('The directory is down.') },
  })
  away = false
  expect(await world.run()).toMatchObject({ status: 'completed', progress: { indexed: 3, collected: 0 } })
  const [document] = await world.documents()
  expect((await world.store.explainAccess(document!.id, 'someone'))?.allowed).toBe(true)
  expect(await world.run()).toMatchObject({ status: 'completed', progress: { unchanged: 3 } })
})

test('a document that failed and then did not is unchanged afterwards, also where it has an access list', async () => {
  const source = new Source()
  source.put('a.txt', 'Text.', { acl: { allOf: [[{ type: 'anyone' }]] } })
  source.put('b.txt', 'Text.')
  const plain = connectorOf(source, { feed: true })
  const world = await openWorld(
    defineConnector({
      ...plain,
      permissions: {
        async *acls(_session, entries) {
          for (const { id } of entries) yield { id, acl: { allOf: [[{ type: 'anyone' as const }]] } }
        },
      },
    }),
  )
  source.onRead = () => {
    throw new ConnectorError('unprocessable', 'Not yet.')
  }
  await world.run()
  source.onRead = () => {}
  expect(await world.run()).toMatchObject({ status: 'completed', progress: { indexed: 2 } })
  source.expireCursors = true
  expect(await world.run()).toMatchObject({ status: 'completed', progress: { listed: 2, unchanged: 2 } })
})

describe('a permission refresh', () => {
  async function withPermissions(hooks: { acls?: () => void } = {}) {
    const source = new Source()
    source.fill(3)
    const world = await openWorld(
      defineConnector({
        ...connectorOf(source),
        permissions: {
          async *acls(_session, entries) {
            hooks.acls?.()
            for (const { id } of entries) yield { id, acl: { allOf: [[{ type: 'user' as const, id: source.tenant }]] } }
          },
          async *groups() {
            yield { id: 'staff', members: [{ type: 'user' as const, id: source.tenant }] }
          },
        },
      }),
    )
    await world.run()
    return { source, world }
  }

  test('is patient with a source that asks for it', async () => {
    let limited = 2
    const hooks: { acls?: () => void } = {}
    const { world } = await withPermissions(hooks)
    hooks.acls = () => {
      if (limited-- > 0) throw new ConnectorError('rate_limited', 'Slow down.', { retryAfterMs: 5 })
    }
    expect(await world.run({}, 'permissions')).toMatchObject({ status: 'completed', progress: { unchanged: 3 } })
  })

  test('refuses another tenant', async () => {
    const { source, world } = await withPermissions()
    source.tenant = 'tenant-2'
    expect(await world.run({}, 'permissions')).toMatchObject({
      status: 'failed',
      error: { code: 'misconfigured', message: expect.stringContaining('tenant-2') },
    })
    const [document] = await world.documents()
    expect((await world.store.explainAccess(document!.id, 'tenant-1'))?.allowed).toBe(true)
  })
})

test('a lease lost in a sleep: the job goes on under a new attempt that can be cancelled', async () => {
  const source = new Source()
  source.fill(30)
  source.onPage = (page) => (page === 1 ? new Promise(() => {}) : undefined)
  const world = await openWorld(connectorOf(source), { leaseMs: 600, pollMs: 50 })
  const { id } = await world.queue()
  await vi.waitFor(() => expect(source.calls).toContain('list'), 10_000)
  // Another process found the lease expired and gave the job back, as after a machine's sleep.
  await world.store.recover('test')
  world.engine.wake()
  await vi.waitFor(async () => expect((await world.store.job(id))!.attempt).toBe(2), 10_000)
  await vi.waitFor(() => expect(source.calls.filter((call) => call === 'list').length).toBe(2), 10_000)
  // The first attempt has learnt by now that it is fenced off.
  await new Promise((resolve) => setTimeout(resolve, 400))
  const started = performance.now()
  await world.engine.cancel(id)
  expect((await world.store.job(id))!.status).toBe('cancelled')
  expect(performance.now() - started).toBeLessThan(1_500)
})

test('a confirmation that dies after its work is done is done', async () => {
  const source = new Source()
  source.fill(60)
  let die = false
  const world = await openWorld(connectorOf(source), {
    wrap: (store) =>
      new Proxy(store, {
        get: (target, name: keyof Store) => {
          const value = target[name] as (...args: unknown[]) => unknown
          if (name === 'finish' && die) return () => new Promise(() => {})
          return typeof value === 'function' ? value.bind(target) : value
        },
      }),
  })
  await world.run()
  source.files.clear()
  source.put('left.txt', 'Left.')
  const held = await world.run()
  expect(held.status).toBe('needs_confirmation')
  die = true
  const { id } = await world.queue({ confirms: held.id }, 'confirm')
  await vi.waitFor(async () => expect((await world.store.job(id))!.progress.deleted).toBe(60), 10_000)
  await new Promise((resolve) => setTimeout(resolve, 100))
  die = false
  await world.restart()
  expect(await world.ended(id)).toMatchObject({ status: 'completed', attempt: 2, progress: { deleted: 60 } })
  expect(await alive(world)).toEqual(['left.txt'])
})
