import type { Json } from '../contract/schema.ts'
import { abortable, untilAborted } from './abort.ts'
import { type Bookmark, readBookmark, scopeOf } from './bookmark.ts'
import { failureOf } from './failure.ts'
import type { SyncOptions } from './options.ts'
import { patiently, runFailure, waitOrFail } from './patience.ts'
import { Pipeline } from './pipeline.ts'
import type { JobEnd, SweepScope, SyncState, SyncStore } from './ports.ts'
import { RunError } from './process.ts'
import { pinTenant } from './tenant.ts'

const sweepStep = 500
/** A sweep of more than this share of at least so many documents waits for a person. */
const valve = { share: 0.25, documents: 50 }

/** Runs one sync job and says how it ended. Throws {@link RunError} when the source could not be listed, or the signal's reason. */
export async function runSync(options: SyncOptions): Promise<JobEnd> {
  return new Sync(options).run()
}

/** With these nothing is wrong with the place a listing goes on from. */
const elsewhere: ReadonlySet<string> = new Set(['unavailable', 'rate_limited', 'unauthenticated'])

class Sync {
  readonly #o: SyncOptions
  readonly #store: SyncStore
  readonly #pipeline: Pipeline
  /** What `file_filter` asks for; undefined is everything. */
  readonly #paths: readonly string[] | undefined
  readonly #scope: number
  /** The job that began the listing which this one is busy with. */
  #begunBy: string

  constructor(options: SyncOptions) {
    this.#o = options
    this.#store = untilAborted(options.store, options.signal)
    const { mode, paths } = options.job.params
    this.#paths = mode === 'full' || !paths?.length ? undefined : paths
    this.#scope = scopeOf(options.connector, options.record.config)
    this.#begunBy = options.job.id
    this.#pipeline = new Pipeline(options, this.#paths)
  }

  async run(): Promise<JobEnd> {
    try {
      // Before anything is believed: another tenant behind the same address must not sweep this one.
      await pinTenant(this.#o)
      if (this.#o.job.kind === 'retry') {
        await this.#pipeline.retryStale()
        return this.#end()
      }
      const state = await this.#store.syncState(this.#pipeline.key)
      if (await this.#followChanges(state)) return this.#end()
      return await this.#listing(state)
    } finally {
      await this.#pipeline.close()
    }
  }

  #end(): JobEnd {
    const { failed, unreadable, access } = this.#pipeline
    const { trouble } = access
    const partial = failed > 0 || unreadable.length > 0 || trouble !== undefined
    return { status: partial ? 'partial' : 'completed', ...(trouble && { error: trouble }) }
  }

  /** True when the change feed has served this run. */
  async #followChanges(state: SyncState): Promise<boolean> {
    const { connector, opened, clock, settings, job } = this.#o
    const { changes } = connector
    // Either way: a clock that was put back must not put a listing off for as long.
    const due = state.listedAt === undefined || Math.abs(clock.now() - state.listedAt) >= settings.relistAfterMs
    const everything = (job.params.mode ?? 'auto') === 'auto' && !this.#paths
    const stored = readBookmark(state.cursor, this.#scope)
    if (!changes || !everything || due || state.unfinished || stored === undefined || stored.at === null) return false
    let cursor: Json = stored.at
    this.#pipeline.begin(null)
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#pipeline.consume(changes.since(opened.session, cursor, opened.run), 'cursor', (next) => {
          cursor = next
          attempt = 1
          return this.#bookmark(next)
        })
        break
      } catch (error) {
        const failure = runFailure(this.#o, error)
        // A cursor that is handed back must be stored: to some sources it means that we have what lies before it.
        await this.#pipeline.settle()
        if (failure.code !== 'cursor_expired') await waitOrFail(this.#o, failure, attempt)
        else {
          await this.#store.dropCursor(this.#pipeline.key)
          opened.run.log.info('The change cursor has expired; listing everything again.')
          return false
        }
      }
    }
    await this.#pipeline.settle()
    await this.#pipeline.retryStale()
    return true
  }

  #bookmark(at: Json): Json {
    return { scope: this.#scope, job: this.#begunBy, whole: this.#paths === undefined, at }
  }

  /** Where an unfinished listing of the same things is gone on with; of some paths only the job's own. */
  #resumable(state: SyncState): Bookmark | undefined {
    const bookmark = readBookmark(state.unfinished?.resume, this.#scope)
    const same = this.#paths === undefined ? bookmark?.whole : bookmark?.job === this.#o.job.id
    return same ? bookmark : undefined
  }

  async #listing(state: SyncState): Promise<JobEnd> {
    const { connector, opened, job } = this.#o
    const from = this.#resumable(state)
    let next: Json | undefined
    if (from && state.unfinished) {
      this.#begunBy = from.job
      this.#pipeline.begin(state.unfinished.generation, state.unfinished.unreadable)
    } else next = await this.#begin()
    const first = await this.#pass(from?.at)
    if (first === 'whole' && !from) return this.#sweep(next)
    // What a resumed pass did not see may only have moved meanwhile: nothing is swept on its word alone. And what
    // changed before its beginning, if that was another job's, or in no cursor taken now, is missed.
    const nothingMissed = from === undefined || (this.#begunBy === job.id && connector.changes === undefined)
    const seenAll = first === 'whole' || first === 'interrupted'
    if (seenAll && nothingMissed && (await this.#sweepPlan()).candidates === 0) return this.#sweep(next)
    opened.run.log.info('The listing was resumed half-way; listing once more before anything is deleted.')
    next = await this.#begin()
    const again = await this.#pass(undefined)
    if (again === 'whole') return this.#sweep(next)
    if (again !== 'interrupted') throw again
    const message = 'The listing was interrupted, so deletions could not be looked for. The next sync will.'
    this.#pipeline.report('', { code: 'unavailable', message })
    await this.#endListing({ whole: false })
    return this.#end()
  }

  /** Begins a listing; returns the change cursor of the moment before it. */
  async #begin(): Promise<Json | undefined> {
    const { connector, opened, signal } = this.#o
    const { changes } = connector
    const next =
      changes && !this.#paths
        ? await patiently(this.#o, () => abortable(changes.now(opened.session, opened.run), signal))
        : undefined
    this.#begunBy = this.#o.job.id
    this.#pipeline.begin(await this.#store.beginListing(this.#pipeline.key))
    return next
  }

  /**
   * One listing from `from`; from its last checkpoint again when the source has a bad moment: then it was
   * `interrupted`. Returns the error when the source no longer knows the checkpoint.
   */
  async #pass(from: Json | undefined): Promise<'whole' | 'interrupted' | RunError> {
    const { connector, opened } = this.#o
    let resume = from
    let interrupted = false
    for (let attempt = 1; ; attempt++) {
      try {
        const items = connector.list(opened.session, {
          ...opened.run,
          ...(resume === undefined ? {} : { resume }),
          ...(this.#paths === undefined ? {} : { paths: this.#paths }),
          unreadable: (path, error) => this.#pipeline.report(path, failureOf(error, 'unavailable', opened.redactor)),
        })
        await this.#pipeline.consume(items, 'resume', (cursor) => {
          resume = cursor
          attempt = 1
          return this.#bookmark(cursor)
        })
        await this.#pipeline.settle()
        return interrupted ? 'interrupted' : 'whole'
      } catch (error) {
        const failure = runFailure(this.#o, error)
        const stored = from !== undefined && resume === from
        if (resume !== undefined && (failure.code === 'cursor_expired' || (stored && !elsewhere.has(failure.code)))) {
          await this.#pipeline.settle()
          return new RunError(failure)
        }
        try {
          await waitOrFail(this.#o, failure, attempt)
        } catch (end) {
          // A stored checkpoint that leads nowhere must not be tried by every sync to come.
          if (stored && end instanceof RunError) {
            // What it was busy with is in no change feed: the next sync lists.
            if (connector.changes) await this.#store.dropCursor(this.#pipeline.key)
            await this.#endListing({ whole: false })
          }
          throw end
        }
        interrupted = resume !== undefined
      }
    }
  }

  async #sweep(next: Json | undefined): Promise<JobEnd> {
    const { signal } = this.#o
    const whole = this.#paths === undefined
    if (whole) await this.#pipeline.access.groups(this.#pipeline.key)
    const { candidates, total } = await this.#sweepPlan()
    if (total >= valve.documents && candidates > total * valve.share) {
      // Confirming later would have to trust a listing that was not whole.
      const held = this.#pipeline.unreadable.length === 0
      await this.#endListing({ whole: whole && held, held })
      return held ? { status: 'needs_confirmation', pendingDeletions: candidates } : this.#end()
    }
    // To look for nothing takes as long as to count it did.
    if (candidates > 0)
      while ((await this.#store.sweep(this.#pipeline.key, this.#sweepScope(), sweepStep)) === sweepStep)
        signal.throwIfAborted()
    const exact = this.#paths?.filter((path) => !path.endsWith('/')) ?? []
    if (exact.length > 0) await this.#store.countMissing(this.#pipeline.key, exact)
    // With a part unread, the feed would never speak of what changed there: no cursor, list again next time.
    const all = whole && this.#pipeline.unreadable.length === 0
    const hasFeed = next !== undefined && next !== null
    if (all && this.#o.connector.changes && !hasFeed) await this.#store.dropCursor(this.#pipeline.key)
    await this.#endListing({ whole: all, ...(all && hasFeed && { cursor: this.#bookmark(next) }) })
    return this.#end()
  }

  #sweepScope(): SweepScope {
    return {
      generation: this.#pipeline.generation!,
      unreadable: this.#pipeline.unreadable.map((part) => part.path),
      ...(this.#paths && { paths: this.#paths }),
    }
  }

  #sweepPlan(): Promise<{ readonly candidates: number; readonly total: number }> {
    return this.#store.sweepPlan(this.#pipeline.key, this.#sweepScope())
  }

  async #endListing(end: { readonly whole: boolean; readonly cursor?: Json; readonly held?: boolean }): Promise<void> {
    await this.#store.endListing(this.#pipeline.key, { generation: this.#pipeline.generation!, ...end })
  }
}
