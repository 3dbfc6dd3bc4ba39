import { type Checkpoint, ConnectorError, defineConnector, type Entry, removed, type SourceConnector } from '@cx/core'
import { describe, expect, test } from 'vitest'
import { connectorOf, Source } from './source.ts'
import { apiKey, openWorld, summary } from './world.ts'

/** A connector that yields whatever it is given, as one without types may. */
function yields(items: () => readonly unknown[], more: object = {}): SourceConnector {
  return defineConnector({
    name: 'liar',
    title: 'Liar',
    description: 'Yields what a test says.',
    config: { type: 'object' },
    auth: {},
    connect: () => ({}),
    check: async () => ({ account: 'tester' }),
    async *list() {
      yield* items() as (Entry | Checkpoint)[]
    },
    read: async (_session, entry) => ({ body: `Text of ${entry.path}.`, mimeType: 'text/plain' }),
    ...more,
  })
}

const good = (path: string, more: object = {}): object => ({ id: path, path, version: '1', ...more })

async function indexedPaths(world: Awaited<ReturnType<typeof openWorld>>): Promise<string[]> {
  const documents = await world.documents()
  return documents.filter((document) => document.status === 'indexed').map((document) => document.entry.path)
}

describe('what a connector yields is not believed', () => {
  test('a listing cannot delete: a removal in it is reported, and nothing is swept', async () => {
    let items: unknown[] = [good('a'), good('b'), good('c')]
    const world = await openWorld(yields(() => items))
    await world.run()
    items = [good('a'), removed('b')]
    expect(await world.run()).toMatchObject({
      status: 'partial',
      progress: { deleted: 0 },
      unreadable: [{ path: '', code: 'unprocessable', message: expect.stringContaining('removal') }],
    })
    expect(await indexedPaths(world)).toEqual(['a', 'b', 'c'])
  })

  test.each([
    ['null', null],
    ['a number', 7],
    ['a word', 'a.txt'],
    ['an entry with a kind of its own', { ...good('d'), kind: 'file' }],
    ['an entry whose id is a number', { ...good('d'), id: 4 }],
    ['an entry without path', { id: 'c', version: '1' }],
  ])('%s among entries is reported; the others are indexed and nothing is swept', async (_what, item) => {
    let items: unknown[] = [good('a'), good('b'), good('c')]
    const world = await openWorld(yields(() => items))
    await world.run()
    items = [good('a'), item, good('b', { version: '2' })]
    const job = await world.run()
    expect(job).toMatchObject({ status: 'partial', progress: { indexed: 1, unchanged: 1, deleted: 0 } })
    expect(job.unreadable).toHaveLength(1)
    expect(await indexedPaths(world)).toEqual(['a', 'b', 'c'])
  })

  const circular: Record<string, unknown> = {}
  circular.self = circular
  test.each([
    ['version', { version: undefined }],
    ['version', { version: '' }],
    ['size', { size: Number.NaN }],
    ['size', { size: -1 }],
    ['title', { title: 5 }],
    ['updatedAt', { updatedAt: new Date() }],
    ['metadata', { metadata: { big: 1n } }],
    ['metadata', { metadata: circular }],
    ['ref', { ref: 1n }],
    ['acl', { acl: { allOf: 'everyone' } }],
    ['acl', { acl: { allOf: [[{ type: 'user' }]] } }],
    ['acl', { acl: { allOf: [], deny: [{ type: 'role', id: 'guest' }] } }],
  ])('a %s that cannot be one fails that entry alone, at stage list', async (field, wrong) => {
    const world = await openWorld(yields(() => [good('a'), good('bad', wrong), good('c')]))
    expect(await world.run()).toMatchObject({ status: 'partial', progress: { listed: 3, indexed: 2, failed: 1 } })
    const bad = (await world.documents()).find((document) => document.entry.path === 'bad')!
    expect(bad.error).toMatchObject({ stage: 'list', code: 'unprocessable', message: expect.stringContaining(field) })
    expect(await world.run()).toMatchObject({ progress: { listed: 3, unchanged: 2, failed: 1 } })
  })

  test('null where a field may be left out is taken as left out; functions do not survive', async () => {
    const entry = good('a', { title: null, size: null, acl: null, metadata: { call: () => 1, kept: 1 } })
    const world = await openWorld(yields(() => [entry]))
    expect(await world.run()).toMatchObject({ status: 'completed', progress: { indexed: 1 } })
    expect(await world.run()).toMatchObject({ status: 'completed', progress: { unchanged: 1 } })
  })

  test('a broken access list lets nobody in, whatever it was before', async () => {
    let acl: unknown = { allOf: [[{ type: 'anyone' }]] }
    const world = await openWorld(yields(() => [good('a', { acl })]))
    await world.run()
    acl = { allOf: [[{ type: 'anyone' }]], deny: [{ type: 'role', id: 'guest' }] }
    await world.run()
    const [document] = await world.documents()
    expect((await world.store.explainAccess(document!.id, 'someone@example.com'))?.allowed).toBe(false)
    acl = { allOf: [[{ type: 'anyone' }]] }
    await world.run()
    expect((await world.store.explainAccess(document!.id, 'someone@example.com'))?.allowed).toBe(true)
  })

  test('strings that no text file holds: NUL, lone surrogates, 100,000 characters, look-alikes of one another', async () => {
    const paths = [
      'nul\0byte',
      'lone\ud800surrogate',
      'x'.repeat(100_000),
      'é',
      'e\u0301',
      'A',
      'a',
      ' a',
      'a ',
      '/a',
      'a/',
    ]
    const title = 'ti\0tle \udfff'
    const world = await openWorld(
      yields(() => paths.map((path) => good(path, { title, metadata: { '\ud800': '\0' }, url: '\ud800' })), {
        read: async () => ({ body: 'NUL \0 and more', mimeType: 'text/plain' }),
      }),
    )
    expect(await world.run()).toMatchObject({ status: 'completed', progress: { listed: 11, indexed: 11 } })
    expect(await world.run()).toMatchObject({ status: 'completed', progress: { unchanged: 11, deleted: 0 } })
    expect(await world.search('more')).toHaveLength(11)
  })

  test('a checkpoint that is no JSON ends the run and says whose fault it is', async () => {
    const world = await openWorld(yields(() => [good('a'), { kind: 'checkpoint', cursor: 1n }]))
    expect(await world.run()).toMatchObject({
      status: 'failed',
      error: { code: 'misconfigured', message: expect.stringContaining('checkpoint') },
    })
  })

  test('a body whose chunks are no bytes fails the entry; nothing made up is stored', async () => {
    const body = () => ReadableStream.from(['text ', 'in words'])
    const world = await openWorld(
      yields(() => [good('a'), good('b')], {
        read: async (_s: unknown, { path }: Entry) => ({
          body: path === 'a' ? body() : 'fine',
          mimeType: 'text/plain',
        }),
      }),
    )
    expect(await world.run()).toMatchObject({ status: 'partial', progress: { indexed: 1, failed: 1 } })
    expect(summary(await world.documents())).toEqual({ a: 'failed:unprocessable', b: 'indexed' })
  })

  test('thousands of unreadable parts are a bounded list that keeps everything', async () => {
    const parts = Array.from({ length: 5_000 }, (_, i) => `part${i}`)
    let closed = false
    const world = await openWorld(
      yields(() => [], {
        async *list(_session: unknown, { unreadable }: { unreadable(path: unknown, error: unknown): void }) {
          if (closed) for (const path of parts) unreadable(path, new Error('No.'))
          if (closed) unreadable(undefined, undefined)
          yield good('a')
          if (!closed) yield good('z/last')
        },
      }),
    )
    await world.run()
    closed = true
    const job = await world.run()
    expect(job).toMatchObject({ status: 'partial', progress: { deleted: 0 } })
    expect(job.unreadable!.length).toBeLessThanOrEqual(1_000)
    expect(job.unreadable!.at(-1)!.path).toBe('')
  })

  test('a removal and a re-creation with the same version keep their order', async () => {
    const source = new Source()
    source.fill(5)
    const connector = connectorOf(source, { feed: true })
    const world = await openWorld(connector)
    await world.run()
    for (const path of ['docs/0001.txt', 'docs/0002.txt']) {
      const before = source.files.get(path)!
      source.remove(path)
      source.files.set(path, before)
      source.log.push({ path })
    }
    // Removed again, and back once more, in the same batch.
    source.log.push({ removed: 'docs/0002.txt' }, { path: 'docs/0002.txt' })
    expect((await world.run()).status).toBe('completed')
    expect(await indexedPaths(world)).toHaveLength(5)
    expect(await world.search('subject2')).toHaveLength(1)
  })

  test('a secret in names and log fields is masked too', async () => {
    const world = await openWorld(
      defineConnector({
        ...connectorOf(new Source()),
        async *list(_session, { log }) {
          log.warn('It broke.', { error: new Error(`GET /?key=${apiKey}`), nested: { cause: new Error(apiKey) } })
          const loop: Record<string, unknown> = { apiKey }
          loop.loop = loop
          log.warn('Round and round.', loop)
          yield { id: 'a', path: 'a', version: '1', metadata: { [`x-${apiKey}`]: 1 } }
        },
        read: async () => {
          throw new ConnectorError('not_found', 'Gone.')
        },
      }),
    )
    await world.run()
    expect(world.logged.join('\n')).toContain('GET /?key=***')
    expect(world.logged.join('\n')).not.toContain(apiKey)
    expect(JSON.stringify(await world.documents())).not.toContain(apiKey)
  })
})
