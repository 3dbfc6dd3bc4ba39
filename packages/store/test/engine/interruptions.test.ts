import { ConnectorError, defineConnector, type SourceConnector } from '@cx/core'
import type { SyncStore } from '@cx/core/engine'
import { describe, expect, test, vi } from 'vitest'
import type { Store } from '../../src/store.ts'
import { connectorOf, Source } from './source.ts'
import { openWorld, type World } from './world.ts'

const alive = async (world: World): Promise<string[]> =>
  (await world.documents()).filter((one) => one.status === 'indexed').map((one) => one.entry.path)

/** A source of 40 whose first sync dies on page 2, after the checkpoint of page 1. */
async function interrupted(connector: (source: Source) => SourceConnector = connectorOf) {
  const source = new Source()
  source.fill(40)
  const world = await openWorld(connector(source))
  source.onPage = (page) => {
    if (page >= 2) throw new Error('socket hang up')
  }
  expect((await world.run()).status).toBe('failed')
  source.onPage = () => {}
  return { source, world }
}

describe('an interrupted listing', () => {
  test.each([
    ['has expired', new ConnectorError('cursor_expired', 'This page token is too old.')],
    ['is refused', new ConnectorError('misconfigured', 'Unknown page token.')],
    ['is stumbled over', new TypeError('Cannot read properties of undefined')],
  ])('whose checkpoint %s is begun anew, at the latest by the next sync', async (_how, error) => {
    const { source, world } = await interrupted((own) => {
      const plain = connectorOf(own)
      return defineConnector({
        ...plain,
        async *list(session, run) {
          if (run.resume !== undefined) throw error
          yield* plain.list(session, run)
        },
      })
    })
    source.remove('docs/0000.txt')
    const next = await world.run()
    if (next.status === 'failed') await world.run()
    expect(await alive(world)).toHaveLength(39)
  })

  test('a checkpoint that expires while the source is away is begun anew in the same run', async () => {
    const source = new Source()
    source.fill(40)
    const plain = connectorOf(source)
    let broken = false
    const world = await openWorld(
      defineConnector({
        ...plain,
        async *list(session, run) {
          if (run.resume !== undefined) throw new ConnectorError('cursor_expired', 'Too old.')
          if (!broken) {
            source.onPage = (page) => {
              if (page === 2) throw new ConnectorError('unavailable', 'Away.')
            }
            broken = true
          } else source.onPage = () => {}
          yield* plain.list(session, run)
        },
      }),
    )
    expect(await world.run()).toMatchObject({ status: 'completed', progress: { listed: 40, indexed: 40 } })
  })

  test('is not gone on with under another configuration', async () => {
    const { source, world } = await interrupted()
    // What this configuration sees sorts before the checkpoint.
    await world.store.updateConnector(world.connectorId, { config: { note: 'another prefix' } })
    source.files.clear()
    source.put('a.txt', 'Alpha.')
    const lists = source.calls.filter((call) => call === 'list').length
    expect(await world.run()).toMatchObject({ status: 'completed' })
    expect(await alive(world)).toEqual(['a.txt'])
    expect(source.calls.filter((call) => call === 'list').length - lists).toBe(1)
  })

  test('of some paths is not gone on with by a sync of everything', async () => {
    const source = new Source()
    source.fill(40)
    const plain = connectorOf(source)
    const resumes: unknown[] = []
    const world = await openWorld(
      defineConnector({
        ...plain,
        async *list(session, run) {
          resumes.push([run.resume, run.paths])
          yield* plain.list(session, run)
        },
      }),
    )
    await world.run()
    source.onPage = (page) => {
      if (page >= 2) throw new Error('socket hang up')
    }
    expect((await world.run({ paths: ['docs/'] })).status).toBe('failed')
    source.onPage = () => {}
    resumes.length = 0
    await world.run()
    expect(resumes).toEqual([[undefined, undefined]])
  })

  test('begun by an earlier job does not hide what changed since in its first part', async () => {
    const { source, world } = await interrupted()
    source.put('docs/0000.txt', 'Edited before the second sync was asked for.')
    // The second sync goes on from the first one's checkpoint and is itself interrupted by a restart.
    let release = () => {}
    source.onPage = (page) => (page === 3 ? new Promise<void>((resolve) => (release = resolve)) : undefined)
    const { id } = await world.queue()
    await vi.waitFor(async () => expect((await world.store.job(id))!.progress.indexed).toBeGreaterThanOrEqual(10))
    source.onPage = () => {}
    await world.restart()
    release()
    expect(await world.ended(id)).toMatchObject({ status: 'completed', attempt: 2 })
    expect(await world.search('edited')).toHaveLength(1)
  })

  test('of some paths still finds what is gone after a bad moment', async () => {
    const source = new Source()
    source.fill(40)
    const world = await openWorld(connectorOf(source))
    await world.run()
    source.remove('docs/0035.txt')
    let bad = 1
    source.onPage = (page) => {
      if (page === 2 && bad-- > 0) throw new ConnectorError('unavailable', '503')
    }
    expect(await world.run({ paths: ['docs/'] })).toMatchObject({ status: 'completed', progress: { deleted: 1 } })
  })
})

test('what a cancelled sync has only heard of is not read by its name alone', async () => {
  const source = new Source()
  source.fill(20)
  const plain = connectorOf(source)
  const world = await openWorld(
    defineConnector({
      ...plain,
      async *list(session, run) {
        for await (const item of plain.list(session, run))
          yield 'kind' in item ? item : { ...item, title: 'Titled', ref: { needed: item.path } }
      },
      async read(session, entry, run) {
        if (entry.ref === undefined) throw new ConnectorError('unprocessable', 'Read without its ref.')
        return plain.read(session, entry, run)
      },
    }),
  )
  source.onRead = () => new Promise(() => {})
  const { id } = await world.queue()
  await vi.waitFor(() => expect(source.reads().length).toBeGreaterThan(0))
  await world.engine.cancel(id)
  source.onRead = () => {}
  expect(await world.run({}, 'retry')).toMatchObject({ status: 'completed', progress: { listed: 0, failed: 0 } })
  expect(await world.run()).toMatchObject({ status: 'completed', progress: { indexed: 20 } })
  expect((await world.documents()).every(({ entry }) => entry.title === 'Titled')).toBe(true)
})

describe('a cursor of a change feed', () => {
  test('does not outlive the configuration it was taken under', async () => {
    const source = new Source()
    source.fill(5)
    const plain = connectorOf(source, { feed: true })
    const world = await openWorld(
      defineConnector({
        ...plain,
        config: { type: 'object', properties: { prefix: { type: 'string', default: 'docs/' } } },
        async *list(session, run) {
          for await (const item of plain.list(session, run))
            if ('kind' in item || item.path.startsWith(String(run.config.prefix ?? 'docs/'))) yield item
        },
      }),
    )
    source.put('other/a.txt', 'Elsewhere.')
    await world.run()
    expect(await alive(world)).toHaveLength(5)
    await world.store.updateConnector(world.connectorId, { config: { prefix: 'other/' } })
    await world.run()
    expect(await alive(world)).toEqual(['other/a.txt'])
    const lists = source.calls.filter((call) => call === 'list').length
    await world.run()
    expect(source.calls.filter((call) => call === 'list').length).toBe(lists)
  })

  test('is forgotten when the source no longer has a feed', async () => {
    const source = new Source()
    source.fill(3)
    const plain = connectorOf(source, { feed: true })
    let feed = true
    const world = await openWorld(
      defineConnector({
        ...plain,
        changes: { ...plain.changes!, now: async (session, run) => (feed ? plain.changes!.now(session, run) : null) },
      }),
    )
    await world.run()
    feed = false
    await world.run({ mode: 'full' })
    source.calls.length = 0
    await world.run()
    expect(source.calls).toContain('list')
    expect(source.calls).not.toContain('since')
  })
})

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
    await vi.waitFor(() => expect(reached).toBe(true))
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
  await vi.waitFor(() => expect(source.reads().length).toBe(4))
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
  await vi.waitFor(() => expect(source.calls).toContain('list'))
  // Another process found the lease expired and gave the job back, as after a machine's sleep.
  await world.store.recover('test')
  world.engine.wake()
  await vi.waitFor(async () => expect((await world.store.job(id))!.attempt).toBe(2))
  await vi.waitFor(() => expect(source.calls.filter((call) => call === 'list').length).toBe(2))
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
  await vi.waitFor(async () => expect((await world.store.job(id))!.progress.deleted).toBe(60))
  await new Promise((resolve) => setTimeout(resolve, 100))
  die = false
  await world.restart()
  expect(await world.ended(id)).toMatchObject({ status: 'completed', attempt: 2, progress: { deleted: 60 } })
  expect(await alive(world)).toEqual(['left.txt'])
})
