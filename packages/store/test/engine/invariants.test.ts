import { ConnectorError } from '@cx/core'
import type { CommitBatch, DiffBatch } from '@cx/core/engine'
import Database from 'better-sqlite3'
import { describe, expect, test, vi } from 'vitest'
import type { Store } from '../../src/store.ts'
import { connectorOf, Source } from './source.ts'
import { apiKey, openWorld, plainParser, summary } from './world.ts'

/** The store, with some of its methods seen by the test first. */
function spy(store: Store, hooks: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const value = (hooks as Record<string | symbol, unknown>)[name] ?? (target as never)[name]
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

function dump(file: string): Record<string, unknown[]> {
  const db = new Database(file, { readonly: true })
  const tables = db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")
    .all() as { name: string }[]
  const content = tables.filter(({ name }) => /^(documents|chunks|acl)/.test(name))
  const rows = Object.fromEntries(content.map(({ name }) => [name, db.prepare(`SELECT * FROM "${name}"`).all()]))
  db.close()
  expect(Object.keys(rows).length).toBeGreaterThanOrEqual(2)
  return rows
}

test('a sync lists, reads, parses, indexes; a search finds; progress adds up', async () => {
  const source = new Source()
  source.fill(45)
  const world = await openWorld(connectorOf(source))
  const job = await world.run()
  expect(job).toMatchObject({
    status: 'completed',
    progress: { listed: 45, collected: 45, parsed: 45, indexed: 45, unchanged: 0, skipped: 0, failed: 0, deleted: 0 },
  })
  expect((await world.search('subject17')).map((hit) => hit.path)).toEqual(['docs/0017.txt'])
  source.put('docs/0017.txt', 'Now about penguins.')
  source.remove('docs/0003.txt')
  source.put('new.txt', 'Fresh.')
  const second = await world.run()
  expect(second).toMatchObject({ status: 'completed', progress: { listed: 45, indexed: 2, unchanged: 43, deleted: 1 } })
  expect(await world.search('subject17')).toEqual([])
  expect(await world.search('subject3')).toEqual([])
  expect((await world.search('penguins')).map((hit) => hit.path)).toEqual(['docs/0017.txt'])
})

describe('1: a checkpoint commits with what it covers', () => {
  test('every entry before a stored checkpoint has its outcome in the same or an earlier commit', async () => {
    const source = new Source()
    source.fill(120)
    source.put('docs/0013.txt', 'unparseable')
    // Reads end in another order than they began.
    source.onRead = (path) => new Promise((resolve) => setTimeout(resolve, path.charCodeAt(8) % 3 === 0 ? 15 : 0))
    const settled = new Set<string>()
    const checkpoints: string[] = []
    const world = await openWorld(connectorOf(source), {
      wrap: (store) =>
        spy(store, {
          commit: async (run, batch: CommitBatch) => {
            for (const outcome of batch.outcomes) if ('entry' in outcome) settled.add(outcome.entry.path)
            if (batch.checkpoint) {
              const { at } = batch.checkpoint.value as { at: string }
              const covered = [...source.files.keys()].filter((path) => path <= at)
              expect(covered.filter((path) => !settled.has(path))).toEqual([])
              checkpoints.push(at)
            }
            return store.commit(run, batch)
          },
        }),
    })
    expect((await world.run()).status).toBe('partial')
    expect(checkpoints.length).toBeGreaterThan(0)
    expect(checkpoints).toEqual([...checkpoints].sort())
    expect(checkpoints.at(-1)).toBe('docs/0119.txt')
  })

  test('a shutdown half-way goes on where it was: nothing lost, nothing doubled, progress not backwards', async () => {
    const source = new Source()
    source.fill(100)
    let release = () => {}
    source.onPage = (page) => (page === 5 ? new Promise<void>((resolve) => (release = resolve)) : undefined)
    const world = await openWorld(connectorOf(source))
    const { id } = await world.queue()
    await vi.waitFor(async () => expect((await world.store.job(id))!.progress.indexed).toBe(50), 10_000)
    source.onPage = () => {}
    const before = (await world.store.job(id))!.progress
    await world.restart()
    release()
    const job = await world.ended(id)
    expect(job).toMatchObject({
      id,
      status: 'completed',
      attempt: 2,
      progress: { listed: 100, indexed: 100, failed: 0, unchanged: 0 },
    })
    expect(before.listed).toBeLessThanOrEqual(job.progress.listed)
    expect(source.reads().length).toBe(100)
    expect((await world.documents()).length).toBe(100)
  })
})

describe('2: nothing is deleted unless the listing ended by itself', () => {
  async function indexed(count = 40) {
    const source = new Source()
    source.fill(count)
    const world = await openWorld(connectorOf(source))
    await world.run()
    return { source, world }
  }

  test('a listing that dies on page 3 deletes nothing and fails the job', async () => {
    const { source, world } = await indexed()
    source.remove('docs/0000.txt')
    source.onPage = (page) => {
      if (page >= 2) throw new Error('socket hang up')
    }
    const job = await world.run()
    expect(job).toMatchObject({
      status: 'failed',
      error: { code: 'unavailable', message: 'socket hang up' },
      progress: { deleted: 0 },
    })
    expect((await world.documents()).filter((d) => d.status === 'indexed').length).toBe(40)
    source.onPage = () => {}
    expect(await world.run()).toMatchObject({ status: 'completed', progress: { deleted: 1 } })
  })

  test('a bad moment in the middle is survived, and what is gone is still found', async () => {
    const { source, world } = await indexed()
    source.remove('docs/0000.txt')
    source.remove('docs/0035.txt')
    let bad = 1
    source.onPage = (page) => {
      if (page === 2 && bad-- > 0) throw new ConnectorError('unavailable', '503')
    }
    expect(await world.run()).toMatchObject({ status: 'completed', progress: { listed: 38, deleted: 2 } })
  })

  test('a cancelled run deletes nothing', async () => {
    const { source, world } = await indexed()
    source.remove('docs/0000.txt')
    source.onPage = (page) => (page === 3 ? new Promise(() => {}) : undefined)
    const { id } = await world.queue()
    await vi.waitFor(() => expect(source.calls.filter((call) => call === 'list').length).toBe(2), 10_000)
    await world.engine.cancel(id)
    expect(await world.ended(id)).toMatchObject({ status: 'cancelled', progress: { deleted: 0 } })
  })

  test('an unreadable part keeps what is under it, and only that', async () => {
    const source = new Source()
    source.fill(10, 'open')
    source.fill(10, 'closed')
    const world = await openWorld(connectorOf(source))
    await world.run()
    for (const path of [...source.files.keys()].filter((path) => path.startsWith('closed/'))) source.files.delete(path)
    source.files.delete('open/0004.txt')
    source.unreadable = [{ path: 'closed', error: new ConnectorError('forbidden', 'Not for you.') }]
    const job = await world.run()
    expect(job).toMatchObject({
      status: 'partial',
      progress: { deleted: 1 },
      unreadable: [{ path: 'closed', code: 'forbidden', message: 'Not for you.' }],
    })
    expect((await world.documents()).filter((d) => d.status === 'indexed').length).toBe(19)
  })

  test('a resumed pass sweeps nothing on its own word: the source is listed whole once more', async () => {
    const { source, world } = await indexed(40)
    source.onPage = (page) => (page === 2 ? new Promise(() => {}) : undefined)
    const { id } = await world.queue()
    await vi.waitFor(async () => expect((await world.store.job(id))!.progress.unchanged).toBe(20), 10_000)
    source.onPage = () => {}
    await world.restart()
    // While we were away one entry moved from the unlisted part into the listed one: no pass sees it but a whole one.
    source.files.set('docs/0000a.txt', source.files.get('docs/0030.txt')!)
    source.files.delete('docs/0030.txt')
    expect(await world.ended(id)).toMatchObject({ status: 'completed' })
    const paths = (await world.documents()).filter((d) => d.status === 'indexed').map((d) => d.entry.path)
    expect(paths).toContain('docs/0000a.txt')
    expect(paths).not.toContain('docs/0030.txt')
  })
})

describe('3: the mass-delete valve', () => {
  async function afterRemoving(total: number, gone: number) {
    const source = new Source()
    source.fill(total)
    const world = await openWorld(connectorOf(source))
    await world.run()
    for (const path of [...source.files.keys()].slice(0, gone)) source.files.delete(path)
    return { source, world, job: await world.run() }
  }

  test('more than a quarter of at least fifty waits for a person; confirm carries it out', async () => {
    const { world, job } = await afterRemoving(60, 16)
    expect(job).toMatchObject({ status: 'needs_confirmation', pendingDeletions: 16, progress: { deleted: 0 } })
    expect((await world.documents()).filter((d) => d.status === 'indexed').length).toBe(60)
    expect(await world.run({ confirms: job.id }, 'confirm')).toMatchObject({ status: 'completed' })
    expect((await world.documents()).filter((d) => d.status === 'indexed').length).toBe(44)
  })

  test('a quarter is let through, and so is everything of forty-nine', async () => {
    expect((await afterRemoving(60, 15)).job).toMatchObject({ status: 'completed', progress: { deleted: 15 } })
    expect((await afterRemoving(49, 49)).job).toMatchObject({ status: 'completed', progress: { deleted: 49 } })
  })

  test('what was held back cannot be confirmed once the source was listed again', async () => {
    const { source, world, job } = await afterRemoving(60, 30)
    source.fill(60)
    await world.run()
    expect(await world.run({ confirms: job.id }, 'confirm')).toMatchObject({ status: 'failed' })
    expect((await world.documents()).filter((d) => d.status === 'indexed').length).toBe(60)
  })

  test('confirming a targeted run stays within its paths', async () => {
    const source = new Source()
    source.fill(60, 'a')
    source.fill(60, 'b')
    const world = await openWorld(connectorOf(source))
    await world.run()
    for (const path of [...source.files.keys()].filter((p) => p.startsWith('a/'))) source.files.delete(path)
    const job = await world.run({ paths: ['a/'] })
    expect(job).toMatchObject({ status: 'needs_confirmation', pendingDeletions: 60 })
    await world.run({ confirms: job.id }, 'confirm')
    expect(
      (await world.documents()).filter((d) => d.status === 'indexed').every((d) => d.entry.path.startsWith('b/')),
    ).toBe(true)
    expect((await world.documents()).filter((d) => d.status === 'indexed').length).toBe(60)
  })
})

test('4: a body that breaks half-way fails the entry, and the old content stays searchable', async () => {
  const source = new Source()
  source.put('a.txt', 'Original wisdom.')
  const world = await openWorld(connectorOf(source))
  await world.run()
  source.put('a.txt', 'Changed entirely.')
  source.onRead = () =>
    ReadableStream.from(
      (async function* () {
        yield new TextEncoder().encode('Changed ent')
        throw new ConnectorError('unavailable', 'connection reset')
      })(),
    )
  expect(await world.run()).toMatchObject({ status: 'partial', progress: { failed: 1, indexed: 0 } })
  expect(await world.search('wisdom')).toHaveLength(1)
  expect(await world.search('changed')).toEqual([])
  source.onRead = () => {}
  expect(await world.run()).toMatchObject({ status: 'completed', progress: { indexed: 1 } })
  expect(await world.search('entirely')).toHaveLength(1)
})

test('5: one bad entry is a row with stage, code, message, attempt and next try; the rest goes on', async () => {
  const source = new Source()
  source.fill(20)
  source.put('bad.txt', 'unparseable')
  source.put('empty.txt', '')
  source.put('locked.txt', 'x')
  source.put('huge.txt', 'y'.repeat(2_000), { version: 'h' })
  source.onRead = (path) => {
    if (path === 'locked.txt') throw new ConnectorError('forbidden', 'Ask its owner.')
  }
  const world = await openWorld(connectorOf(source), { maxFileBytes: 1_000 })
  const job = await world.run()
  expect(job).toMatchObject({ status: 'partial', progress: { listed: 24, indexed: 20, failed: 3, skipped: 1 } })
  expect(summary(await world.documents())).toMatchObject({
    'bad.txt': 'failed:corrupt',
    'empty.txt': 'failed:empty',
    'locked.txt': 'failed:forbidden',
    'huge.txt': 'skipped:too_large',
  })
  const locked = (await world.documents()).find((d) => d.entry.path === 'locked.txt')!
  expect(locked.error).toMatchObject({
    stage: 'read',
    code: 'forbidden',
    message: 'Ask its owner.',
    attempts: 1,
    nextAttemptAt: expect.any(Number),
  })
  const reads = source.reads().length
  source.onRead = () => {}
  expect(await world.run()).toMatchObject({
    status: 'partial',
    progress: { listed: 24, indexed: 1, unchanged: 20, failed: 2, skipped: 1 },
  })
  // The failed ones are tried again, what is too large is not fetched again.
  expect(source.reads().slice(reads).sort()).toEqual(['bad.txt', 'empty.txt', 'locked.txt'])
})

test('6: a listing never runs far ahead of the reading', async () => {
  const source = new Source()
  source.pageSize = 500
  source.fill(4_000)
  const world = await openWorld(connectorOf(source))
  const job = await world.run()
  expect(job.progress.indexed).toBe(4_000)
  expect(source.ahead).toBeLessThan(2_500)
})

test('7: two equal listings write nothing, in whatever order the versions sort', async () => {
  const source = new Source()
  source.fill(30)
  source.put('v.txt', 'nine', { version: '9' })
  const world = await openWorld(connectorOf(source))
  await world.run()
  const before = dump(world.file)
  expect(await world.run()).toMatchObject({ progress: { unchanged: 31, collected: 0 } })
  expect(dump(world.file)).toEqual(before)
  source.put('v.txt', 'ten', { version: '10' })
  expect(await world.run()).toMatchObject({ progress: { indexed: 1, unchanged: 30 } })
  source.put('v.txt', 'eight', { version: '8' })
  expect(await world.run()).toMatchObject({ progress: { indexed: 1, unchanged: 30 } })
  expect(await world.search('eight')).toHaveLength(1)
})

describe('8: every wait ends with an abort', () => {
  test.each([
    ['the listing', (source: Source) => (source.onPage = () => new Promise(() => {})), () => {}],
    ['a read', (source: Source) => (source.onRead = () => new Promise(() => {})), () => {}],
    [
      'a body',
      (source: Source) => (source.onRead = () => new ReadableStream({ pull: () => new Promise(() => {}) })),
      () => {},
    ],
    ['the parser', () => {}, (source: Source) => source.put('hang.txt', 'hang')],
  ])('cancel ends a run within two seconds while %s hangs', async (_what, hang, also) => {
    const source = new Source()
    source.fill(5)
    hang(source)
    also(source)
    const world = await openWorld(connectorOf(source))
    const { id } = await world.queue()
    await vi.waitFor(() => expect(source.calls.length).toBeGreaterThan(0), 10_000)
    const started = performance.now()
    await world.engine.cancel(id)
    const job = await world.ended(id)
    expect(job.status).toBe('cancelled')
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  test('a hanging store does not hold a cancel back', async () => {
    const source = new Source()
    source.fill(5)
    const world = await openWorld(connectorOf(source), {
      wrap: (store) => spy(store, { diff: (_run, _batch: DiffBatch) => new Promise(() => {}) }),
    })
    const { id } = await world.queue()
    await vi.waitFor(() => expect(source.calls).toContain('list'), 10_000)
    const started = performance.now()
    await world.engine.cancel(id)
    expect((await world.ended(id)).status).toBe('cancelled')
    expect(performance.now() - started).toBeLessThan(2_500)
  })
})

test('9: secrets reach no row, log or error', async () => {
  const source = new Source()
  source.fill(3)
  source.put('leaky.txt', 'text', { version: 'v', title: `token=${apiKey}` })
  source.put('angry.txt', 'text')
  source.onRead = (path) => {
    if (path === 'angry.txt') throw new Error(`GET https://x?key=${apiKey} failed`)
  }
  source.unreadable = [{ path: 'closed', error: new Error(`denied for ${apiKey}`) }]
  const world = await openWorld(connectorOf(source))
  await world.run()
  source.onPage = () => {
    throw new ConnectorError('misconfigured', `Bad key ${apiKey}`)
  }
  expect((await world.run()).error?.message).toBe('Bad key ***')
  const db = new Database(world.file, { readonly: true })
  const tables = db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'")
    .all() as { name: string }[]
  const everything = tables.map(({ name }) => JSON.stringify(db.prepare(`SELECT * FROM "${name}"`).all())).join('\n')
  db.close()
  expect(everything).toContain('token=***')
  expect(everything).not.toContain(apiKey)
  expect(world.logged.join('\n')).not.toContain(apiKey)
})

test('10: errors are recognised by name and code, not by class', async () => {
  const source = new Source()
  source.fill(2)
  source.onRead = (path) => {
    if (path.endsWith('0000.txt'))
      throw Object.assign(new Error('No entry.'), { name: 'ConnectorError', code: 'forbidden' })
  }
  const world = await openWorld(connectorOf(source))
  await world.run()
  expect(summary(await world.documents())['docs/0000.txt']).toBe('failed:forbidden')
})

describe('11: rate limits pause the credential', () => {
  test('the same call is made again after retryAfterMs, and nothing else meanwhile', async () => {
    const source = new Source()
    source.fill(30)
    let limited = 0
    source.onPage = (page) => {
      if (page === 1 && limited++ === 0) throw new ConnectorError('rate_limited', 'Slow down.', { retryAfterMs: 7_000 })
    }
    let now = 1_000_000
    const slept: number[] = []
    const clock = {
      now: () => now,
      sleep: async (ms: number) => {
        slept.push(ms)
        now += ms
      },
    }
    const world = await openWorld(connectorOf(source), { clock })
    expect(await world.run()).toMatchObject({ status: 'completed', progress: { listed: 30 } })
    expect(slept).toEqual([7_000])
  })
})

describe('change feeds', () => {
  test('serve auto once there is a cursor, taken before the listing', async () => {
    const source = new Source()
    source.fill(20)
    // Changed while it is being listed: only a cursor from before the listing tells of it.
    source.onPage = (page) => {
      if (page === 1) source.put('docs/0000.txt', 'Edited meanwhile.')
      source.onPage = page === 1 ? () => {} : source.onPage
    }
    const world = await openWorld(connectorOf(source, { feed: true }))
    await world.run()
    source.put('new.txt', 'Fresh.')
    source.remove('docs/0007.txt')
    const job = await world.run()
    expect(source.calls.filter((call) => call === 'list').length).toBe(1)
    expect(job).toMatchObject({ status: 'completed', progress: { indexed: 2, deleted: 1 } })
    expect(await world.search('meanwhile')).toHaveLength(1)
    expect(await world.search('subject7')).toEqual([])
    expect(await world.run()).toMatchObject({ progress: { listed: 0 } })
  })

  test('an expired cursor means a whole listing', async () => {
    const source = new Source()
    source.fill(20)
    const world = await openWorld(connectorOf(source, { feed: true }))
    await world.run()
    source.expireCursors = true
    source.remove('docs/0001.txt')
    expect(await world.run()).toMatchObject({ status: 'completed', progress: { unchanged: 19, deleted: 1 } })
    source.expireCursors = false
    expect(await world.run()).toMatchObject({ progress: { listed: 0 } })
  })

  test('failed documents are tried again although the feed is silent', async () => {
    const source = new Source()
    source.fill(3)
    source.put('late.txt', 'Patience.')
    source.onRead = (path) => {
      if (path === 'late.txt') throw new ConnectorError('unprocessable', 'Not yet.')
    }
    const world = await openWorld(connectorOf(source, { feed: true }))
    expect((await world.run()).status).toBe('partial')
    source.onRead = () => {}
    expect(await world.run()).toMatchObject({ status: 'completed', progress: { indexed: 1 } })
  })

  test('an edit and a removal of the same entry keep their order', async () => {
    const source = new Source()
    source.fill(3)
    const world = await openWorld(connectorOf(source, { feed: true }))
    await world.run()
    source.put('docs/0001.txt', 'Edited, then removed.')
    const edited = source.entry('docs/0001.txt')
    source.onRead = () => new Promise((resolve) => setTimeout(resolve, 30))
    source.log.push({ removed: 'docs/0001.txt' })
    expect(edited.path).toBe('docs/0001.txt')
    await world.run()
    expect((await world.documents()).filter((d) => d.status === 'indexed').map((d) => d.entry.path)).toEqual([
      'docs/0000.txt',
      'docs/0002.txt',
    ])
  })
})

describe('modes', () => {
  test('full reads everything again; incremental only what is named, whatever is stored', async () => {
    const source = new Source()
    source.fill(20)
    const world = await openWorld(connectorOf(source))
    await world.run()
    expect(await world.run({ mode: 'full', paths: ['docs/0001.txt'] })).toMatchObject({
      progress: { listed: 20, indexed: 20, unchanged: 0 },
    })
    expect(await world.run({ mode: 'incremental', paths: ['docs/0001.txt'] })).toMatchObject({
      progress: { listed: 1, indexed: 1 },
    })
    expect(await world.run({ paths: ['docs/0001.txt', 'docs/0002.txt'] })).toMatchObject({
      progress: { listed: 2, unchanged: 2 },
    })
  })

  test('a named path that is gone is deleted, one that never was is skipped, the others stay', async () => {
    const source = new Source()
    source.fill(20)
    const world = await openWorld(connectorOf(source))
    await world.run()
    source.remove('docs/0001.txt')
    source.remove('docs/0002.txt')
    expect(await world.run({ paths: ['docs/0001.txt', 'never.txt'] })).toMatchObject({
      status: 'completed',
      progress: { listed: 1, skipped: 1, deleted: 1 },
    })
    expect((await world.documents()).filter((d) => d.status === 'indexed').length).toBe(19)
  })

  test('a tombstone made by a person is left by auto and brought back by full', async () => {
    const source = new Source()
    source.fill(3)
    const world = await openWorld(connectorOf(source))
    await world.run()
    const [document] = await world.documents()
    await world.store.deleteDocument(document!.id)
    expect(await world.search('subject0')).toEqual([])
    expect(await world.run()).toMatchObject({ progress: { listed: 3, unchanged: 2, skipped: 1 } })
    expect(await world.run({ mode: 'incremental', paths: [document!.entry.path] })).toMatchObject({
      progress: { indexed: 1 },
    })
    expect(await world.search('subject0')).toHaveLength(1)
  })

  test('another tenant behind the same connector is refused before anything is swept', async () => {
    const source = new Source()
    source.fill(3)
    const world = await openWorld(connectorOf(source))
    await world.run()
    source.tenant = 'tenant-2'
    source.files.clear()
    expect(await world.run()).toMatchObject({
      status: 'failed',
      error: { code: 'misconfigured', message: expect.stringContaining('tenant-2') },
    })
    expect((await world.documents()).filter((d) => d.status === 'indexed').length).toBe(3)
  })

  test('a parser that changed reads everything again', async () => {
    const source = new Source()
    source.fill(3)
    let version = 'plain-1'
    const parser = {
      ...plainParser,
      get version() {
        return version
      },
    }
    const world = await openWorld(connectorOf(source), { parser })
    await world.run()
    version = 'plain-2'
    expect(await world.run()).toMatchObject({ progress: { indexed: 3, unchanged: 0 } })
  })

  test('a rename under the same id and version writes metadata and reads nothing', async () => {
    const source = new Source()
    source.put('a.txt', 'Same content.', { title: 'Old name' })
    const world = await openWorld(connectorOf(source))
    await world.run()
    source.put('a.txt', 'Same content.', { title: 'New name' })
    expect(await world.run()).toMatchObject({ progress: { listed: 1, indexed: 1, collected: 0 } })
    expect((await world.search('content'))[0]!.title).toBe('New name')
    expect(source.reads()).toEqual(['a.txt'])
  })
})
