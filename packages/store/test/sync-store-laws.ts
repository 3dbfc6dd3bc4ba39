import type { Entry } from '@cx/core'
import {
  type CommitBatch,
  type DiffBatch,
  type Job,
  type JobKind,
  type JobParams,
  type Outcome,
  type Queue,
  type RunKey,
  type SweepScope,
  type SyncStore,
  Verdict,
} from '@cx/core/engine'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** A store under test. */
export interface OpenedStore {
  readonly store: SyncStore & Queue
  /** Makes a connector without documents and returns its id. */
  newConnector(): Promise<string>
  /** As a person does through the API. */
  deleteByPerson(connectorId: string, sourceId: string): Promise<void>
  close(): Promise<void>
}

const pipeline = { pipeline: 'p1', skipPipeline: 's1' }

interface Listed {
  readonly id: string
  readonly path?: string
  readonly version?: string
  readonly fingerprint?: number
}

function entryOf({ id, path = `${id}.txt`, version = '1' }: Listed): Entry {
  return { id, path, version }
}

function indexed(item: Listed, text = `text of ${item.id}`): Outcome {
  return {
    kind: 'indexed',
    entry: entryOf(item),
    fingerprint: item.fingerprint ?? 1,
    bytes: 10,
    contentHash: 'ab',
    document: { mimeType: 'text/plain', chunks: [{ text, overlap: 0, headings: [] }] },
  }
}

function failed(item: Listed, code = 'unavailable'): Outcome {
  const detail = { stage: 'parse', code, message: 'Broken.', retryable: true, collected: true, bytes: 5 } as const
  return { kind: 'failed', entry: entryOf(item), fingerprint: item.fingerprint ?? 1, ...detail }
}

function skipped(item: Listed): Outcome {
  const detail = { code: 'too_large', message: 'Too large.', collected: false, bytes: 0 } as const
  return { kind: 'skipped', entry: entryOf(item), fingerprint: item.fingerprint ?? 1, ...detail }
}

/** A running job on a connector of its own. */
class Running {
  readonly store: SyncStore & Queue
  readonly connectorId: string
  job: Job
  generation = 0

  constructor(store: SyncStore & Queue, connectorId: string, job: Job) {
    this.store = store
    this.connectorId = connectorId
    this.job = job
  }

  get key(): RunKey {
    return { jobId: this.job.id, connectorId: this.connectorId, attempt: this.job.attempt }
  }

  async begin(): Promise<void> {
    this.generation = await this.store.beginListing(this.key)
  }

  diff(items: readonly Listed[], more: Partial<DiffBatch> = {}): Promise<number[]> {
    const entries = items.map(entryOf)
    const batch: DiffBatch = {
      generation: this.generation,
      ids: entries.map((e) => e.id),
      paths: entries.map((e) => e.path),
      versions: entries.map((e) => e.version),
      fingerprints: items.map((item) => item.fingerprint ?? 1),
      bypass: false,
      ...pipeline,
      ...more,
    }
    return this.store.diff(this.key, batch).then((verdicts) => [...verdicts])
  }

  commit(outcomes: readonly Outcome[], more: Partial<CommitBatch> = {}): Promise<void> {
    return this.store.commit(this.key, { generation: this.generation, outcomes, ...pipeline, ...more })
  }

  /** Diffs and indexes what is to be read. */
  async take(...items: readonly Listed[]): Promise<void> {
    const verdicts = await this.diff(items)
    await this.commit(items.filter((_, i) => verdicts[i] === Verdict.read).map((item) => indexed(item)))
  }

  scope(more: Partial<SweepScope> = {}): SweepScope {
    return { generation: this.generation, unreadable: [], ...more }
  }

  async progress(): Promise<Job['progress']> {
    return (await this.store.job(this.job.id))!.progress
  }

  async end(whole = true): Promise<void> {
    await this.store.endListing(this.key, { generation: this.generation, whole })
    await this.store.finish(this.key, { status: 'completed' })
  }

  /** The process died; another attempt goes on. */
  async crash(): Promise<void> {
    await this.store.release(this.key)
    this.job = (await claimOf(this.store, this.connectorId))!
  }

  async paths(): Promise<string[]> {
    return (await this.store.entries(this.key, { limit: 1_000 })).map((entry) => entry.path).sort()
  }
}

async function claimOf(store: Queue, connectorId: string): Promise<Job | undefined> {
  const job = await store.claim('laws', 60_000)
  expect(job?.connectorId).toBe(connectorId)
  return job
}

/** What the engine relies on, whichever store it is. */
export function syncStoreLaws(name: string, open: () => Promise<OpenedStore>): void {
  describe(`${name}: what the engine relies on`, () => {
    let opened: OpenedStore
    beforeAll(async () => {
      opened = await open()
    })
    afterAll(() => opened.close())

    async function start(connectorId?: string, params: JobParams = {}, kind: JobKind = 'sync'): Promise<Running> {
      const id = connectorId ?? (await opened.newConnector())
      await opened.store.enqueue({ connectorId: id, kind, params })
      const running = new Running(opened.store, id, (await claimOf(opened.store, id))!)
      if (kind === 'sync') await running.begin()
      return running
    }

    /** Runs `work` in a listing and ends it without a sweep, so that the next law finds the queue empty. */
    async function listing(work: (run: Running) => Promise<void>, connectorId?: string): Promise<string> {
      const run = await start(connectorId)
      await work(run)
      await run.end()
      return run.connectorId
    }

    test('what is new is read, what was indexed is unchanged, what changed is read again', async () => {
      const id = await listing((run) => run.take({ id: 'a' }, { id: 'b' }, { id: 'c' }))
      await listing(async (run) => {
        expect(
          await run.diff([{ id: 'a' }, { id: 'b', version: '2' }, { id: 'c', fingerprint: 2 }, { id: 'd' }]),
        ).toEqual([Verdict.unchanged, Verdict.read, Verdict.metadata, Verdict.read])
        expect(await run.progress()).toMatchObject({ listed: 4, unchanged: 1, indexed: 0 })
      }, id)
    })

    test('another pipeline and a bypass read what is unchanged', async () => {
      const id = await listing((run) => run.take({ id: 'a' }))
      await listing(async (run) => {
        expect(await run.diff([{ id: 'a' }], { pipeline: 'p2' })).toEqual([Verdict.read])
        expect(await run.diff([{ id: 'a' }], { bypass: true })).toEqual([Verdict.read])
      }, id)
    })

    test('failed is read again; quarantined only at another version; skipped while its reason holds is skipped', async () => {
      const id = await listing(async (run) => {
        const items = [{ id: 'failed' }, { id: 'quarantined' }, { id: 'skipped' }]
        await run.diff(items)
        await run.commit([failed(items[0]!), failed(items[1]!, 'quarantined'), skipped(items[2]!)])
        expect(await run.progress()).toMatchObject({ listed: 3, failed: 2, skipped: 1, collected: 2, bytes: 10 })
      })
      await listing(async (run) => {
        expect(await run.diff([{ id: 'failed' }, { id: 'quarantined' }, { id: 'skipped' }])).toEqual([
          Verdict.read,
          Verdict.quarantined,
          Verdict.skipped,
        ])
        expect(await run.progress()).toMatchObject({ listed: 3, failed: 1, skipped: 1 })
      }, id)
      await listing(async (run) => {
        const items = [{ id: 'quarantined', version: '2' }, { id: 'skipped' }]
        expect(await run.diff(items, { skipPipeline: 's2' })).toEqual([Verdict.read, Verdict.read])
      }, id)
    })

    test('an entry that a job has dealt with is settled, and counted once, also after a crash', async () => {
      const run = await start()
      await run.take({ id: 'a' })
      expect(await run.diff([{ id: 'a' }])).toEqual([Verdict.settled])
      // Seen, its outcome not written: the next attempt reads it, and has it listed already.
      expect(await run.diff([{ id: 'b' }])).toEqual([Verdict.read])
      await run.crash()
      expect(await run.diff([{ id: 'a' }, { id: 'b' }])).toEqual([Verdict.settled, Verdict.read])
      await run.commit([indexed({ id: 'b' })])
      await run.commit([indexed({ id: 'b' })])
      expect(await run.progress()).toMatchObject({ listed: 2, collected: 2, parsed: 2, indexed: 2, bytes: 20 })
      await run.end()
    })

    test('what was listed before a crash and is gone after it is counted all the same', async () => {
      const run = await start()
      await run.diff([{ id: 'a' }, { id: 'b' }])
      await run.crash()
      await run.take({ id: 'b' })
      expect(await run.store.sweep(run.key, run.scope(), 10)).toBe(0)
      await run.end()
      expect(await run.progress()).toMatchObject({ listed: 2, indexed: 1, skipped: 1 })
    })

    test('an entry that comes again in another version is read again, and counted once', async () => {
      const run = await start()
      await run.take({ id: 'a', version: '1' })
      expect(await run.diff([{ id: 'a', version: '2' }])).toEqual([Verdict.read])
      await run.commit([indexed({ id: 'a', version: '2' })])
      expect(await run.diff([{ id: 'a', version: '2' }])).toEqual([Verdict.settled])
      expect(await run.progress()).toMatchObject({ listed: 1, indexed: 1 })
      await run.end()
    })

    test('an entry that comes twice in one batch is one document, counted once', async () => {
      const run = await start()
      expect(await run.diff([{ id: 'a' }, { id: 'b' }, { id: 'a' }])).toEqual([
        Verdict.read,
        Verdict.read,
        Verdict.read,
      ])
      await run.commit([indexed({ id: 'a' }), indexed({ id: 'b' }), indexed({ id: 'a' })])
      expect(await run.diff([{ id: 'a' }, { id: 'a' }])).toEqual([Verdict.settled, Verdict.settled])
      expect(await run.progress()).toMatchObject({ listed: 2, indexed: 2 })
      expect(await run.paths()).toEqual(['a.txt', 'b.txt'])
      await run.end()
    })

    test('a sweep deletes what the listing did not see, page by page, and what comes back is read', async () => {
      const items = Array.from({ length: 25 }, (_, i) => ({ id: `d${i}` }))
      const id = await listing((run) => run.take(...items))
      const run = await start(id)
      await run.take(...items.slice(0, 2))
      expect(await run.store.sweepPlan(run.key, run.scope())).toEqual({ candidates: 23, total: 25 })
      expect(await run.store.sweep(run.key, run.scope(), 10)).toBe(10)
      expect(await run.store.sweep(run.key, run.scope(), 10)).toBe(10)
      expect(await run.store.sweep(run.key, run.scope(), 10)).toBe(3)
      expect(await run.store.sweep(run.key, run.scope(), 10)).toBe(0)
      expect(await run.progress()).toMatchObject({ deleted: 23, listed: 2 })
      expect(await run.paths()).toEqual(['d0.txt', 'd1.txt'])
      expect((await run.store.syncState(run.key)).documents).toBe(2)
      await run.end()
      await listing(async (again) => {
        expect(await again.diff([{ id: 'd0' }, { id: 'd9' }])).toEqual([Verdict.unchanged, Verdict.read])
      }, id)
    })

    test('a sweep keeps to its paths and off what was unreadable', async () => {
      const paths = ['a', 'a/1', 'a/b/2', 'ab', 'c/3', 'c/d/4', 'c/de']
      const id = await listing((run) => run.take(...paths.map((path) => ({ id: path, path }))))
      const run = await start(id)
      const candidates = async (scope: Partial<SweepScope>): Promise<number> =>
        (await run.store.sweepPlan(run.key, run.scope(scope))).candidates
      expect(await candidates({})).toBe(7)
      expect(await candidates({ paths: ['a/'] })).toBe(2)
      expect(await candidates({ paths: ['a/', 'a/1', 'a/b/', 'ab', 'ab', 'none'] })).toBe(3)
      expect(await candidates({ paths: [] })).toBe(0)
      expect(await candidates({ unreadable: [''] })).toBe(0)
      expect(await candidates({ unreadable: ['/'] })).toBe(0)
      expect(await candidates({ unreadable: ['a'] })).toBe(4)
      expect(await candidates({ unreadable: ['a/', 'c/d'] })).toBe(3)
      expect(await run.store.sweep(run.key, run.scope({ paths: ['c/'], unreadable: ['c/d'] }), 100)).toBe(2)
      expect(await run.paths()).toEqual(['a', 'a/1', 'a/b/2', 'ab', 'c/d/4'])
      await run.end()
    })

    test('what an unfinished listing had marked does not count in the next one', async () => {
      const id = await listing((run) => run.take({ id: 'a' }, { id: 'b' }))
      const run = await start(id)
      await run.take({ id: 'a' })
      await run.begin()
      expect((await run.store.sweepPlan(run.key, run.scope())).candidates).toBe(2)
      await run.end()
    })

    test('what is read is not written over what a person deleted meanwhile, unless it was asked for', async () => {
      const id = await listing((run) => run.take({ id: 'a' }, { id: 'b' }))
      const run = await start(id)
      await run.diff([
        { id: 'a', version: '2' },
        { id: 'b', version: '2' },
      ])
      await opened.deleteByPerson(id, 'a')
      await run.commit([indexed({ id: 'a', version: '2' }), indexed({ id: 'b', version: '2' })])
      expect(await run.paths()).toEqual(['b.txt'])
      expect(await run.progress()).toMatchObject({ listed: 2, indexed: 1, skipped: 1, collected: 1 })
      await run.end()
      const named = await start(id, { paths: ['a.txt'] })
      await named.take({ id: 'a', version: '2' })
      expect(await named.paths()).toEqual(['a.txt', 'b.txt'])
      await named.end(false)
    })

    test('gone: the sweep decides in a listing, else it is deleted at once', async () => {
      const id = await listing((run) => run.take({ id: 'a' }, { id: 'b' }))
      const run = await start(id)
      await run.diff([{ id: 'a', version: '2' }, { id: 'b' }])
      await run.commit([{ kind: 'gone', id: 'a' }])
      expect(await run.paths()).toEqual(['a.txt', 'b.txt'])
      expect(await run.progress()).toMatchObject({ listed: 2, skipped: 1, unchanged: 1, deleted: 0 })
      expect(await run.store.sweep(run.key, run.scope(), 10)).toBe(1)
      await run.diff([{ id: 'b', version: '2' }], { generation: null })
      await run.commit([{ kind: 'gone', id: 'b' }], { generation: null })
      expect(await run.paths()).toEqual([])
      expect(await run.progress()).toMatchObject({ listed: 2, deleted: 2 })
      await run.end()
    })

    test('removed by a change feed: deleted, and not listed', async () => {
      const id = await listing((run) => run.take({ id: 'a' }, { id: 'b' }))
      const run = await start(id, {}, 'retry')
      const outcomes: Outcome[] = [
        { kind: 'removed', id: 'a' },
        { kind: 'removed', id: 'never heard of' },
      ]
      await run.commit(outcomes, { generation: null, checkpoint: { kind: 'cursor', value: { at: 7 } } })
      await run.commit(outcomes, { generation: null })
      expect(await run.paths()).toEqual(['b.txt'])
      expect(await run.progress()).toMatchObject({ listed: 0, deleted: 1 })
      expect((await run.store.syncState(run.key)).cursor).toEqual({ at: 7 })
      await run.store.dropCursor(run.key)
      expect((await run.store.syncState(run.key)).cursor).toBeUndefined()
      await run.store.finish(run.key, { status: 'completed' })
    })

    test('removed and there again in the same job, as it was: read again, and counted once', async () => {
      const id = await listing((run) => run.take({ id: 'a' }))
      const run = await start(id, {}, 'retry')
      const feed = { generation: null }
      await run.diff([{ id: 'a' }], feed)
      await run.commit([{ kind: 'removed', id: 'a' }], feed)
      expect(await run.diff([{ id: 'a' }], feed)).toEqual([Verdict.read])
      await run.commit([indexed({ id: 'a' })], feed)
      expect(await run.paths()).toEqual(['a.txt'])
      expect(await run.progress()).toMatchObject({ listed: 1, unchanged: 1, indexed: 0, deleted: 1 })
      await run.store.finish(run.key, { status: 'completed' })
    })

    test('a checkpoint is stored with its batch and forgotten at the end', async () => {
      const run = await start()
      const part = { path: 'x', code: 'forbidden', message: 'No.' }
      await run.diff([{ id: 'a' }])
      await run.commit([indexed({ id: 'a' })], { checkpoint: { kind: 'resume', value: [3] }, unreadable: [part] })
      await run.crash()
      expect((await run.store.syncState(run.key)).unfinished).toEqual({
        generation: run.generation,
        resume: [3],
        unreadable: [part],
      })
      expect((await run.store.job(run.job.id))!.unreadable).toEqual([part])
      await run.store.endListing(run.key, { generation: run.generation, whole: true, cursor: 'c1' })
      const state = await run.store.syncState(run.key)
      expect(state).toMatchObject({ cursor: 'c1', documents: 1, listedAt: expect.any(Number) })
      expect(state.unfinished).toBeUndefined()
      await run.store.finish(run.key, { status: 'completed' })
      const partial = await start(run.connectorId)
      await partial.store.endListing(partial.key, { generation: partial.generation, whole: false, cursor: 'c2' })
      expect((await partial.store.syncState(partial.key)).cursor).toBe('c1')
      await partial.store.finish(partial.key, { status: 'completed' })
    })

    test('a held sweep can be carried out until something is listed, and spares what has come since', async () => {
      const id = await listing((run) => run.take({ id: 'a' }, { id: 'b' }))
      const run = await start(id)
      await run.take({ id: 'a' })
      await run.store.endListing(run.key, { generation: run.generation, whole: true, held: true })
      await run.store.finish(run.key, { status: 'needs_confirmation', pendingDeletions: 1 })
      const generation = (await run.store.heldGeneration(id, run.job.id))!
      expect(generation).toBe(run.generation)
      expect(await run.store.heldGeneration(id, 'another')).toBeUndefined()
      const confirm = await start(id, { confirms: run.job.id }, 'confirm')
      await confirm.diff([{ id: 'new' }], { generation: null })
      await confirm.commit([indexed({ id: 'new' })], { generation: null })
      expect((await confirm.store.sweepPlan(confirm.key, { generation, unreadable: [] })).candidates).toBe(1)
      await confirm.store.finish(confirm.key, { status: 'completed' })
      const next = await start(id)
      expect(await next.store.heldGeneration(id, run.job.id)).toBeUndefined()
      await next.end()
    })

    test('every write of an attempt that lost its job is refused', async () => {
      const run = await start()
      const { key, store } = run
      await run.crash()
      const batch = { generation: run.generation, outcomes: [], ...pipeline }
      const writes = [
        store.heartbeat(key, 1_000),
        store.finish(key, { status: 'completed' }),
        store.release(key),
        store.syncState(key),
        store.beginListing(key),
        store.diff(key, { ...batch, ids: [], paths: [], versions: [], fingerprints: [], bypass: false }),
        store.commit(key, batch),
        store.sweepPlan(key, run.scope()),
        store.sweep(key, run.scope(), 10),
        store.countMissing(key, ['a']),
        store.endListing(key, { generation: run.generation, whole: true }),
        store.dropCursor(key),
        store.setAcls(key, []),
        store.putGroups(key, []),
        store.finishGroups(key),
      ]
      for (const result of await Promise.allSettled(writes))
        expect(result).toMatchObject({ status: 'rejected', reason: { name: 'FencedError', code: 'fenced' } })
      await run.end()
    })

    test('paths that are nowhere are listed and skipped, once', async () => {
      const id = await listing((run) => run.take({ id: 'a' }, { id: 'b' }))
      const run = await start(id, { paths: ['a.txt', 'b.txt', 'x.txt', 'folder/'] })
      await run.take({ id: 'a' })
      await run.store.sweep(run.key, run.scope({ paths: run.job.params.paths! }), 10)
      await run.store.countMissing(run.key, run.job.params.paths!)
      await run.store.countMissing(run.key, run.job.params.paths!)
      expect(await run.progress()).toMatchObject({ listed: 2, unchanged: 1, skipped: 1, deleted: 1 })
      await run.end()
    })

    test('stale entries: pending, failed and made by another pipeline, by keyset', async () => {
      const id = await listing(async (run) => {
        await run.diff([{ id: 'pending' }, { id: 'failed' }, { id: 'quarantined' }])
        await run.commit([failed({ id: 'failed' }), failed({ id: 'quarantined' }, 'quarantined')])
        await run.take({ id: 'current' })
        await run.diff([{ id: 'old' }])
        await run.commit([indexed({ id: 'old' })], { pipeline: 'p0' })
      })
      const run = await start(id, {}, 'retry')
      const found: string[] = []
      for (let after: string | undefined; ; ) {
        const page = await run.store.stale(run.key, { pipeline: 'p1', limit: 2, ...(after ? { after } : {}) })
        if (page.length === 0) break
        expect(page.every(({ fingerprint }) => fingerprint === 1)).toBe(true)
        found.push(...page.map(({ entry }) => entry.id))
        after = page.at(-1)!.entry.id
      }
      // Of what is pending no more than the name is known; it is listed again.
      expect(found.sort()).toEqual(['failed', 'old'])
      await run.store.finish(run.key, { status: 'completed' })
    })

    test('access lists: changed ones are counted, and a listing without them keeps the last known', async () => {
      const acl = { allOf: [[{ type: 'user', id: 'u' } as const]] }
      const id = await listing((run) => run.take({ id: 'a' }))
      const run = await start(id, {}, 'permissions')
      expect(
        await run.store.setAcls(run.key, [
          { id: 'a', acl },
          { id: 'unknown', acl },
        ]),
      ).toBe(1)
      expect(await run.store.setAcls(run.key, [{ id: 'a', acl }])).toBe(0)
      await run.diff([{ id: 'a', version: '2' }], { generation: null })
      await run.commit([indexed({ id: 'a', version: '2' })], { generation: null })
      expect((await run.store.entries(run.key, { limit: 10 }))[0]?.acl).toEqual(acl)
      await run.store.finish(run.key, { status: 'completed' })
    })

    test('the queue: one of each kind, one running, in order, cancelled at once or at the next heartbeat', async () => {
      const { store } = opened
      const id = await opened.newConnector()
      const add = (params: JobParams): Promise<Job> => store.enqueue({ connectorId: id, kind: 'sync', params })
      const first = await add({ mode: 'auto', paths: ['b', 'a'] })
      expect((await add({ paths: ['a', 'b'], mode: 'auto' })).id).toBe(first.id)
      const second = await add({ mode: 'full' })
      expect(second.id).not.toBe(first.id)
      const running = (await store.claim('one', 60_000))!
      expect(running).toMatchObject({ id: first.id, status: 'running', attempt: 1 })
      expect(await store.claim('two', 60_000)).toBeUndefined()
      const key = { jobId: first.id, connectorId: id, attempt: 1 }
      expect(await store.heartbeat(key, 60_000)).toEqual({ cancelRequested: false })
      expect(await store.requestCancel(first.id)).toMatchObject({ status: 'running', cancelRequested: true })
      expect(await store.heartbeat(key, 60_000)).toEqual({ cancelRequested: true })
      expect(await store.requestCancel(second.id)).toMatchObject({ status: 'cancelled' })
      await store.finish(key, { status: 'cancelled' })
      expect(await store.job(first.id)).toMatchObject({ status: 'cancelled', completedAt: expect.any(Number) })
      expect(await store.claim('two', 60_000)).toBeUndefined()
      expect(await store.requestCancel('job_none')).toBeUndefined()
    })

    test('the queue: a lost lease and a restarted owner give their jobs back', async () => {
      const { store } = opened
      const id = await opened.newConnector()
      await store.enqueue({ connectorId: id, kind: 'sync', params: {} })
      await store.claim('lost', -1)
      expect(await store.recover()).toBe(1)
      expect(await store.claim('restarted', 60_000)).toMatchObject({ attempt: 2 })
      expect(await store.recover('somebody else')).toBe(0)
      expect(await store.recover('restarted')).toBe(1)
      const again = (await store.claim('restarted', 60_000))!
      expect(again.attempt).toBe(3)
      await store.finish({ jobId: again.id, connectorId: id, attempt: 3 }, { status: 'completed' })
    })

    test('whatever is listed, fails, crashes and is listed again: the store ends as the source is', async () => {
      const source = fc.dictionary(fc.constantFrom(...'abcdefgh'), fc.constantFrom('1', '2', '3', 'bad'), {
        maxKeys: 8,
      })
      const pass = fc.record({
        source,
        crashes: fc.array(fc.nat({ max: 3 }), { maxLength: 3 }),
        size: fc.integer({ min: 1, max: 4 }),
      })
      await fc.assert(
        fc.asyncProperty(fc.array(pass, { minLength: 1, maxLength: 4 }), async (passes) => {
          const id = await opened.newConnector()
          for (const step of passes) await replay(id, step)
        }),
        { numRuns: 60 },
      )
    })

    /** One job over a source of ids and versions, killed after so many batches, then left alone. */
    async function replay(
      connectorId: string,
      step: { readonly source: Record<string, string>; readonly crashes: readonly number[]; readonly size: number },
    ): Promise<void> {
      const run = await start(connectorId)
      const items = Object.entries(step.source).map(([id, version]) => ({ id, version }))
      let before = await run.progress()
      for (const crash of [...step.crashes, Number.POSITIVE_INFINITY]) {
        let batches = 0
        for (let i = 0; i < items.length; i += step.size) {
          const batch = items.slice(i, i + step.size)
          const verdicts = await run.diff(batch)
          if (batches++ >= crash) break
          const read = batch.filter((_, j) => verdicts[j] === Verdict.read)
          await run.commit(read.map((item) => (item.version === 'bad' ? failed(item) : indexed(item))))
        }
        const now = await run.progress()
        for (const key of ['listed', 'indexed', 'unchanged', 'failed', 'bytes'] as const)
          expect(now[key]).toBeGreaterThanOrEqual(before[key])
        before = now
        if (crash === Number.POSITIVE_INFINITY) break
        await run.crash()
        await run.begin()
      }
      while ((await run.store.sweep(run.key, run.scope(), 3)) === 3);
      const bad = items.filter((item) => item.version === 'bad').length
      const { listed, indexed: written, unchanged, skipped: left, failed: broken } = await run.progress()
      expect(listed).toBe(items.length)
      expect(written + unchanged + left + broken).toBe(listed)
      expect(broken).toBe(bad)
      expect(await run.paths()).toEqual(items.map((item) => `${item.id}.txt`).sort())
      expect((await run.store.syncState(run.key)).documents).toBe(items.length)
      await run.end()
    }
  })
}
