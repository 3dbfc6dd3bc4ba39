import type { Json } from '../contract/schema.ts'
import { abortable, iterate } from './abort.ts'
import { type Failure, failureOf } from './failure.ts'
import { backoff } from './fetch.ts'
import { Pipeline, type SyncOptions } from './pipeline.ts'
import type { JobEnd, SweepScope, SyncState } from './ports.ts'
import { RunError } from './process.ts'

const sweepStep = 500
/** A sweep of more than this share of at least so many documents waits for a person. */
const valve = { share: 0.25, documents: 50 }

/** Runs one sync job and says how it ended. Throws {@link RunError} when the source could not be listed, or the signal's reason. */
export async function runSync(options: SyncOptions): Promise<JobEnd> {
  return new Sync(options).run()
}

class Sync {
  readonly #o: SyncOptions
  readonly #pipeline: Pipeline
  /** What `file_filter` asks for; undefined is everything. */
  readonly #paths: readonly string[] | undefined

  constructor(options: SyncOptions) {
    this.#o = options
    const { mode, paths } = options.job.params
    this.#paths = mode === 'full' || !paths?.length ? undefined : paths
    this.#pipeline = new Pipeline(options, this.#paths)
  }

  async run(): Promise<JobEnd> {
    try {
      await this.#pinTenant()
      if (this.#o.job.kind === 'retry') {
        await this.#pipeline.retryStale()
        return this.#end()
      }
      const state = await this.#o.store.syncState(this.#pipeline.key)
      if (await this.#followChanges(state)) return this.#end()
      return await this.#listing(state)
    } finally {
      await this.#pipeline.close()
    }
  }

  #end(): JobEnd {
    const { failed, unreadable } = this.#pipeline
    return { status: failed > 0 || unreadable.length > 0 ? 'partial' : 'completed' }
  }

  /** Before anything is believed: another tenant behind the same address must not sweep this one. */
  async #pinTenant(): Promise<void> {
    const { connector, opened, store, signal, record } = this.#o
    const { tenant } = await this.#patiently(() => abortable(connector.check(opened.session, opened.run), signal))
    if (tenant === undefined) return
    const pinned = await store.pinTenant(record.id, tenant)
    if (pinned !== tenant)
      throw new RunError({
        code: 'misconfigured',
        message: `The credentials now lead to ${tenant}, but this connector holds documents of ${pinned}. Restore the old credentials, or delete the connector and create a new one.`,
      })
  }

  /** True when the change feed has served this run. */
  async #followChanges(state: SyncState): Promise<boolean> {
    const { connector, opened, clock, settings, store, job } = this.#o
    const { changes } = connector
    const due = state.listedAt === undefined || clock.now() - state.listedAt >= settings.relistAfterMs
    const everything = (job.params.mode ?? 'auto') === 'auto' && !this.#paths
    if (!changes || !everything || due || state.unfinished || state.cursor === undefined || state.cursor === null)
      return false
    let cursor: Json = state.cursor
    this.#pipeline.begin(null)
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#pipeline.consume(changes.since(opened.session, cursor, opened.run), 'cursor', (next) => {
          cursor = next
          attempt = 1
        })
        break
      } catch (error) {
        const failure = this.#runFailure(error)
        // A cursor that is handed back must be stored: to some sources it means that we have what lies before it.
        await this.#pipeline.settle()
        if (failure.code !== 'cursor_expired') await this.#waitOrFail(failure, attempt)
        else {
          await store.dropCursor(this.#pipeline.key)
          opened.run.log.info('The change cursor has expired; listing everything again.')
          return false
        }
      }
    }
    await this.#pipeline.settle()
    await this.#pipeline.retryStale()
    return true
  }

  async #listing(state: SyncState): Promise<JobEnd> {
    const { connector, opened, job } = this.#o
    const whole = this.#paths === undefined
    // What another job's targeted run left unfinished is not this one's to resume.
    const unfinished = whole || job.attempt > 1 ? state.unfinished : undefined
    let next: Json | undefined
    if (unfinished?.resume !== undefined) this.#pipeline.begin(unfinished.generation, unfinished.unreadable)
    else next = await this.#begin()
    const interrupted = await this.#pass(unfinished?.resume)

    const resumed = interrupted || unfinished?.resume !== undefined
    if (!resumed) return this.#sweep(next)
    // What a resumed pass did not see may only have moved meanwhile: nothing is swept on its word alone. And what
    // changed before its beginning is in no cursor taken now.
    const nothingMissed = job.attempt > 1 && connector.changes === undefined
    if (nothingMissed && (await this.#sweepPlan()).candidates === 0) return this.#sweep(undefined)
    if (whole) {
      opened.run.log.info('The listing was resumed half-way; listing once more before anything is deleted.')
      next = await this.#begin()
      if (!(await this.#pass(undefined))) return this.#sweep(next)
    }
    const message = 'The listing was interrupted, so deletions could not be looked for. The next sync will.'
    this.#pipeline.report('', { code: 'unavailable', message })
    await this.#endListing({ whole: false })
    return this.#end()
  }

  /** Begins a listing; returns the change cursor of the moment before it. */
  async #begin(): Promise<Json | undefined> {
    const { connector, opened, signal, store } = this.#o
    const { changes } = connector
    const next =
      changes && !this.#paths
        ? await this.#patiently(() => abortable(changes.now(opened.session, opened.run), signal))
        : undefined
    this.#pipeline.begin(await store.beginListing(this.#pipeline.key))
    return next
  }

  /** One listing from `from`; from its last checkpoint again when the source has a bad moment. True when that happened. */
  async #pass(from: Json | undefined): Promise<boolean> {
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
        })
        await this.#pipeline.settle()
        return interrupted
      } catch (error) {
        await this.#waitOrFail(this.#runFailure(error), attempt)
        interrupted = resume !== undefined
      }
    }
  }

  async #sweep(next: Json | undefined): Promise<JobEnd> {
    const { store, signal } = this.#o
    const whole = this.#paths === undefined
    await this.#syncGroups()
    const { candidates, total } = await this.#sweepPlan()
    if (total >= valve.documents && candidates > total * valve.share) {
      // Confirming later would have to trust a listing that was not whole.
      const held = this.#pipeline.unreadable.length === 0
      await this.#endListing({ whole: whole && held, held })
      return held ? { status: 'needs_confirmation', pendingDeletions: candidates } : this.#end()
    }
    while ((await store.sweep(this.#pipeline.key, this.#scope(), sweepStep)) === sweepStep) signal.throwIfAborted()
    const exact = this.#paths?.filter((path) => !path.endsWith('/')) ?? []
    if (exact.length > 0) await store.countMissing(this.#pipeline.key, exact)
    // With a part unread, the feed would never speak of what changed there: no cursor, list again next time.
    await this.#endListing({ whole: whole && this.#pipeline.unreadable.length === 0, cursor: next })
    return this.#end()
  }

  #scope(): SweepScope {
    return {
      generation: this.#pipeline.generation!,
      unreadable: this.#pipeline.unreadable.map((part) => part.path),
      ...(this.#paths && { paths: this.#paths }),
    }
  }

  #sweepPlan(): Promise<{ readonly candidates: number; readonly total: number }> {
    return this.#o.store.sweepPlan(this.#pipeline.key, this.#scope())
  }

  async #endListing({
    whole,
    cursor,
    held = false,
  }: {
    whole: boolean
    cursor?: Json | undefined
    held?: boolean
  }): Promise<void> {
    await this.#o.store.endListing(this.#pipeline.key, {
      generation: this.#pipeline.generation!,
      whole,
      ...(cursor === undefined || cursor === null || !whole || held ? {} : { cursor }),
      ...(held && { held }),
    })
  }

  async #syncGroups(): Promise<void> {
    const { connector, opened, store, signal } = this.#o
    if (!connector.permissions?.groups || this.#paths) return
    try {
      for await (const group of iterate(connector.permissions.groups(opened.session, opened.run), signal))
        await store.putGroups(this.#pipeline.key, [opened.redactor.value(group)])
      await store.finishGroups(this.#pipeline.key)
    } catch (error) {
      const { code, message } = this.#runFailure(error)
      opened.run.log.warn('Groups could not be read; the last known ones stay.', { code, error: message })
    }
  }

  /** Calls again while the source asks for patience. */
  async #patiently<T>(call: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call()
      } catch (error) {
        await this.#waitOrFail(this.#runFailure(error), attempt)
      }
    }
  }

  #runFailure(error: unknown): Failure {
    const { signal, opened } = this.#o
    if (signal.aborted) throw signal.reason
    // Ours, not the source's: nothing to repeat.
    if (error instanceof RunError || (error as { name?: unknown } | null)?.name === 'FencedError') throw error
    return failureOf(error, 'unavailable', opened.redactor)
  }

  async #waitOrFail(failure: Failure, attempt: number): Promise<void> {
    const { clock, limiter, signal, settings } = this.#o
    const { retry } = settings
    if (failure.code === 'rate_limited')
      return limiter.wait(failure.retryAfterMs ?? backoff(attempt, 1_000), signal)
    if (failure.code !== 'unavailable' || attempt >= retry.attempts) throw new RunError(failure)
    await clock.sleep(failure.retryAfterMs ?? backoff(attempt, retry.baseMs), signal)
  }
}
