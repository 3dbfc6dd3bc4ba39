import { ConnectorError, defineConnector, type SourceConnector } from '@cx/core'
import { describe, expect, test, vi } from 'vitest'
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
    await vi.waitFor(
      async () => expect((await world.store.job(id))!.progress.indexed).toBeGreaterThanOrEqual(10),
      10_000,
    )
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
  await vi.waitFor(() => expect(source.reads().length).toBeGreaterThan(0), 10_000)
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
