import type { SourceConnector } from '../contract/connector.ts'
import type { Acl, Checkpoint, Entry, Removed } from '../contract/entry.ts'
import type { Json } from '../contract/schema.ts'
import { abortable, iterate, settledWithin } from './abort.ts'
import { Admission } from './admission.ts'
import { Committer } from './committer.ts'
import { type Failure, failureOf } from './failure.ts'
import { backoff } from './fetch.ts'
import { fingerprint } from './fingerprint.ts'
import type { Limiter } from './limiter.ts'
import type { Parser } from './parser.ts'
import {
  type Clock,
  type ConnectorRecord,
  type Job,
  type JobEnd,
  type RunKey,
  type SyncState,
  type SyncStore,
  type UnreadablePart,
  Verdict,
} from './ports.ts'
import { type ProcessOptions, processEntry, RunError } from './process.ts'
import { createScope } from './scope.ts'
import type { OpenSession } from './session.ts'

export interface SyncOptions {
  readonly store: SyncStore
  readonly parser: Parser
  readonly clock: Clock
  readonly connector: SourceConnector
  readonly record: ConnectorRecord
  readonly opened: OpenSession
  readonly limiter: Limiter
  readonly job: Job
  /** Ends every wait of the run; `opened` was made with the same. */
  readonly signal: AbortSignal
  /** Stops the run from inside: a write failed, credentials were refused while reading. */
  readonly abort: (reason: unknown) => void
  readonly settings: SyncSettings
}

export interface SyncSettings {
  /** Reads at once where the connector declares nothing. */
  readonly concurrency: number
  /** Bytes of content in memory between reading and parsing. */
  readonly bytesInFlight: number
  /** A listing at least this often, although there is a change feed. */
  readonly relistAfterMs: number
  /** A read or a body that gives nothing for so long is given up. */
  readonly stallMs: number
  readonly retry: { readonly attempts: number; readonly baseMs: number }
}

export const defaultSettings: SyncSettings = {
  concurrency: 16,
  bytesInFlight: 64 * 1024 * 1024,
  relistAfterMs: 7 * 24 * 60 * 60 * 1000,
  stallMs: 120_000,
  retry: { attempts: 4, baseMs: 500 },
}

/** Entries in one message to the store. */
const batchSize = 1_000
/** A slow source's half-full batch waits this long. */
const batchLingerMs = 200
const entriesInFlight = 256
/** How long an ending run may take to write what it has. */
const keepMs = 1_000
const sweepStep = 500
/** A sweep of more than this share of at least so many documents waits for a person. */
const valve = { share: 0.25, documents: 50 }

/** Runs one sync job and says how it ended. Throws {@link RunError} when the source could not be listed, or the signal's reason. */
export async function runSync(options: SyncOptions): Promise<JobEnd> {
  return new Sync(options).run()
}

type Item = Entry | Removed | Checkpoint

class Sync {
  readonly #o: SyncOptions
  readonly #key: RunKey
  readonly #committer: Committer
  readonly #processing: ProcessOptions
  readonly #bytes: Admission
  readonly #count = new Admission(entriesInFlight)
  readonly #bypass: boolean
  readonly #paths: readonly string[] | undefined
  readonly #inScope: (path: string) => boolean
  readonly #pipeline: string
  readonly #skipPipeline: string
  readonly #inFlight = new Map<string, Promise<void>>()
  #generation: number | null = null
  #batch: Entry[] = []
  #batchTimer: NodeJS.Timeout | undefined
  #diffing: Promise<void> = Promise.resolve()
  #unreadable: UnreadablePart[] = []
  #failed: number

  constructor(options: SyncOptions) {
    this.#o = options
    const { job, connector, record, parser, store, settings } = options
    this.#key = { jobId: job.id, connectorId: job.connectorId, attempt: job.attempt }
    this.#failed = job.progress.failed
    this.#bypass = job.params.mode === 'full' || job.params.mode === 'incremental'
    this.#paths = job.params.mode === 'full' || !job.params.paths?.length ? undefined : job.params.paths
    this.#inScope = this.#paths ? createScope(this.#paths) : () => true
    this.#pipeline = `${parser.version}/${connector.name}@${connector.rendering ?? 1}`
    this.#skipPipeline = `${this.#pipeline}/max=${record.limits.maxFileBytes}`
    this.#bytes = new Admission(settings.bytesInFlight)
    this.#committer = new Committer({
      store,
      key: this.#key,
      pipeline: this.#pipeline,
      skipPipeline: this.#skipPipeline,
      onError: options.abort,
    })
    this.#processing = {
      connector,
      opened: options.opened,
      parser,
      clock: options.clock,
      limiter: options.limiter,
      reads: new Admission(connector.limits?.concurrency ?? settings.concurrency),
      maxFileBytes: record.limits.maxFileBytes,
      stallMs: settings.stallMs,
      retry: settings.retry,
    }
  }

  async run(): Promise<JobEnd> {
    try {
      await this.#pinTenant()
      const state = await this.#o.store.syncState(this.#key)
      if (this.#o.job.kind === 'retry') {
        await this.#retryStale()
        return this.#end()
      }
      if (await this.#followChanges(state)) return this.#end()
      return await this.#listing(state)
    } catch (error) {
      // What is read and parsed already is kept; what is not will be repeated.
      await settledWithin(this.#o.signal.aborted ? this.#committer.drain() : this.#settle(), keepMs)
      throw error
    } finally {
      clearTimeout(this.#batchTimer)
      this.#committer.stop()
    }
  }

  #end(): JobEnd {
    return { status: this.#failed > 0 || this.#unreadable.length > 0 ? 'partial' : 'completed' }
  }

  /** The same kind of call as a sync makes, before anything is believed: another tenant behind the same address must not sweep this one. */
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
    if (!changes || state.cursor === undefined || this.#bypass || this.#paths || due || state.unfinished) return false
    let cursor = state.cursor
    this.#begin(null)
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#consume(changes.since(opened.session, cursor, opened.run), 'cursor', (next) => {
          cursor = next
          attempt = 1
        })
        break
      } catch (error) {
        const failure = this.#runFailure(error)
        if (failure.code === 'cursor_expired') {
          await this.#settle()
          await store.dropCursor(this.#key)
          opened.run.log.info('The change cursor has expired; listing everything again.', { jobId: job.id })
          return false
        }
        await this.#waitOrFail(failure, attempt)
      }
    }
    await this.#settle()
    await this.#retryStale()
    return true
  }

  async #listing(state: SyncState): Promise<JobEnd> {
    const { connector, opened, store, job } = this.#o
    const whole = this.#paths === undefined
    // A targeted run of another job left nothing this one could resume.
    const resume = whole || job.attempt > 1 ? state.unfinished?.resume : undefined
    let resumed = resume !== undefined
    let next: Json | undefined
    if (resume !== undefined && state.unfinished) {
      this.#begin(state.unfinished.generation)
      this.#unreadable = [...state.unfinished.unreadable]
    } else {
      next = await this.#cursorNow(whole)
      this.#begin(await store.beginListing(this.#key))
    }
    const interrupted = await this.#pass(resume)
    resumed ||= interrupted

    // What a resumed pass did not see may only have moved in between: nothing is swept on its word alone.
    const again = resumed && (connector.changes !== undefined || job.attempt === 1 || (await this.#sweepable()) > 0)
    if (again && whole) {
      opened.run.log.info('The listing was resumed half-way; listing once more before anything is deleted.', {
        jobId: job.id,
      })
      next = await this.#cursorNow(whole)
      this.#begin(await store.beginListing(this.#key))
      this.#unreadable = []
      if (await this.#pass(undefined)) {
        this.#report('', {
          code: 'unavailable',
          message: 'The listing was interrupted, so deletions could not be looked for. The next sync will.',
        })
        await this.#finishListing({ whole: false })
        return this.#end()
      }
    } else if (again) {
      await this.#finishListing({ whole: false })
      return this.#end()
    }
    return this.#sweep(next)
  }

  async #cursorNow(whole: boolean): Promise<Json | undefined> {
    const { connector, opened, signal } = this.#o
    if (!connector.changes || !whole) return undefined
    return this.#patiently(() => abortable(connector.changes!.now(opened.session, opened.run), signal))
  }

  /** One listing from `from`, over again from its last checkpoint when the source has a bad moment. True when that happened. */
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
          unreadable: (path, error) => this.#report(path, failureOf(error, 'unavailable', opened.redactor)),
        })
        await this.#consume(items, 'resume', (cursor) => {
          resume = cursor
          attempt = 1
        })
        await this.#settle()
        return interrupted
      } catch (error) {
        await this.#waitOrFail(this.#runFailure(error), attempt)
        interrupted = resume !== undefined
      }
    }
  }

  async #consume(
    items: AsyncIterable<Item>,
    kind: 'resume' | 'cursor',
    onCheckpoint: (cursor: Json) => void,
  ): Promise<void> {
    for await (const item of iterate(items, this.#o.signal)) {
      if (!('kind' in item)) {
        this.#batch.push(item)
        if (this.#batch.length >= batchSize) await this.#diff()
        else this.#batchTimer ??= setTimeout(() => void this.#diff().catch(this.#o.abort), batchLingerMs)
        continue
      }
      await this.#diff()
      if (item.kind === 'checkpoint') {
        const cursor = this.#o.opened.redactor.value(item.cursor)
        this.#committer.checkpoint(kind, cursor)
        onCheckpoint(item.cursor)
      } else {
        // Order matters within one id: what was written before it was removed must not come after.
        await this.#inFlight.get(item.id)
        this.#committer.take()({ kind: 'removed', id: item.id })
      }
      await this.#committer.room()
    }
    await this.#diff()
  }

  #diff(): Promise<void> {
    clearTimeout(this.#batchTimer)
    this.#batchTimer = undefined
    const entries = this.#batch
    this.#batch = []
    if (entries.length > 0) {
      this.#diffing = this.#diffing.then(() => this.#diffBatch(entries))
      // Awaited by whoever comes next; until then it must not count as unhandled.
      this.#diffing.catch(() => {})
    }
    return this.#diffing
  }

  async #diffBatch(listed: readonly Entry[]): Promise<void> {
    const { store, signal } = this.#o
    const entries = listed.filter((entry) => this.#usable(entry) && this.#inScope(entry.path))
    if (entries.length === 0) return
    const fingerprints = entries.map(fingerprint)
    const verdicts = await abortable(
      store.diff(this.#key, {
        generation: this.#generation,
        ids: entries.map((entry) => entry.id),
        paths: entries.map((entry) => entry.path),
        versions: entries.map((entry) => entry.version),
        fingerprints,
        pipeline: this.#pipeline,
        skipPipeline: this.#skipPipeline,
        bypass: this.#bypass,
      }),
      signal,
    )
    const changed = entries.filter((_, i) => verdicts[i] === Verdict.read || verdicts[i] === Verdict.metadata)
    const acls = changed.length > 0 ? await this.#acls(changed) : undefined
    for (const [i, listedEntry] of entries.entries()) {
      const verdict = verdicts[i]
      if (verdict === Verdict.quarantined) this.#failed++
      if (verdict !== Verdict.read && verdict !== Verdict.metadata) continue
      const acl = acls?.get(listedEntry.id)
      const entry = acl ? { ...listedEntry, acl } : listedEntry
      if (verdict === Verdict.metadata)
        this.#committer.take()({
          kind: 'metadata',
          entry: this.#o.opened.redactor.value(entry),
          fingerprint: fingerprints[i]!,
        })
      else await this.#start(entry, fingerprints[i]!)
      await this.#committer.room()
    }
  }

  /** An entry that cannot be stored is reported, and its place holds back the sweep. */
  #usable({ id, path, version }: Entry): boolean {
    const usable = [id, path, version].every((field) => typeof field === 'string' && field !== '')
    if (!usable) {
      const message = `The connector listed an entry without id, path or version (id ${JSON.stringify(id)}, path ${JSON.stringify(path)}). Please report it to the connector's author.`
      this.#report(typeof path === 'string' ? path : '', { code: 'unprocessable', message })
    }
    return usable
  }

  /** Access lists of entries that do not carry their own. One that cannot be had keeps what is stored. */
  async #acls(entries: readonly Entry[]): Promise<ReadonlyMap<string, Acl> | undefined> {
    const { connector, opened, signal } = this.#o
    const without = entries.filter((entry) => entry.acl === undefined)
    if (!connector.permissions || without.length === 0) return undefined
    const acls = new Map<string, Acl>()
    try {
      for await (const { id, acl } of iterate(connector.permissions.acls(opened.session, without, opened.run), signal))
        acls.set(id, opened.redactor.value(acl))
    } catch (error) {
      const failure = this.#runFailure(error)
      opened.run.log.warn('Access lists could not be read; the last known ones stay.', {
        code: failure.code,
        error: failure.message,
      })
    }
    return acls
  }

  async #start(entry: Entry, print: number): Promise<void> {
    const { signal } = this.#o
    // A change feed may name the same entry twice; the later one waits for the earlier.
    await this.#inFlight.get(entry.id)
    const leaveCount = await this.#count.enter(1, signal)
    const leaveBytes = await this.#bytes.enter(Math.min(entry.size ?? 65_536, this.#processing.maxFileBytes), signal)
    const hand = this.#committer.take()
    const work = processEntry(this.#processing, entry, print)
      .then((outcome) => {
        if (outcome.kind === 'failed') this.#failed++
        hand(outcome)
      })
      .catch((error: unknown) => this.#o.abort(error))
      .finally(() => {
        leaveBytes()
        leaveCount()
        this.#inFlight.delete(entry.id)
      })
    this.#inFlight.set(entry.id, work)
  }

  /** Everything begun is done and written. */
  async #settle(): Promise<void> {
    const { signal } = this.#o
    await this.#diff()
    await abortable(Promise.all(this.#inFlight.values()), signal)
    await abortable(this.#committer.drain(), signal)
    signal.throwIfAborted()
  }

  #begin(generation: number | null): void {
    this.#generation = generation
    this.#committer.begin(generation)
  }

  #report(path: string, failure: Failure): void {
    if (this.#unreadable.some((part) => part.path === path)) return
    this.#unreadable.push({ path, code: failure.code, message: failure.message })
    this.#committer.unreadable([...this.#unreadable])
  }

  #scope(): { generation: number; unreadable: string[]; paths?: readonly string[] } {
    return {
      generation: this.#generation!,
      unreadable: this.#unreadable.map((part) => part.path),
      ...(this.#paths && { paths: this.#paths }),
    }
  }

  async #sweepable(): Promise<number> {
    return (await this.#o.store.sweepPlan(this.#key, this.#scope())).candidates
  }

  async #sweep(next: Json | undefined): Promise<JobEnd> {
    const { store, signal } = this.#o
    await this.#syncGroups()
    const { candidates, total } = await store.sweepPlan(this.#key, this.#scope())
    if (total >= valve.documents && candidates > total * valve.share) {
      if (this.#unreadable.length > 0) {
        // Confirming later would have to trust a listing that was not whole.
        await this.#finishListing({ whole: false })
        return this.#end()
      }
      await this.#finishListing({ whole: this.#paths === undefined, held: true })
      return { status: 'needs_confirmation', pendingDeletions: candidates }
    }
    while ((await store.sweep(this.#key, this.#scope(), sweepStep)) === sweepStep) signal.throwIfAborted()
    const exact = this.#paths?.filter((path) => !path.endsWith('/')) ?? []
    if (exact.length > 0) await store.countMissing(this.#key, exact)
    // With a part unread, the feed would never speak of what changed there: no cursor, list again next time.
    await this.#finishListing({ whole: this.#paths === undefined && this.#unreadable.length === 0, cursor: next })
    return this.#end()
  }

  async #finishListing(end: { whole: boolean; cursor?: Json | undefined; held?: boolean }): Promise<void> {
    const { whole, cursor, held } = end
    await this.#o.store.endListing(this.#key, {
      generation: this.#generation!,
      whole,
      ...(cursor === undefined || !whole ? {} : { cursor }),
      ...(held && { held }),
    })
  }

  async #syncGroups(): Promise<void> {
    const { connector, opened, store, signal } = this.#o
    if (!connector.permissions?.groups || this.#paths) return
    try {
      for await (const group of iterate(connector.permissions.groups(opened.session, opened.run), signal))
        await store.putGroups(this.#key, [opened.redactor.value(group)])
      await store.finishGroups(this.#key)
    } catch (error) {
      const failure = this.#runFailure(error)
      opened.run.log.warn('Groups could not be read; the last known ones stay.', {
        code: failure.code,
        error: failure.message,
      })
    }
  }

  /** What a change feed will not name again: entries that failed, were never finished, or were made by another parser. */
  async #retryStale(): Promise<void> {
    this.#begin(null)
    let after: string | undefined
    while (true) {
      const page = await this.#o.store.stale(this.#key, {
        pipeline: this.#pipeline,
        limit: batchSize,
        ...(after === undefined ? {} : { after }),
      })
      if (page.length > 0) await this.#diffBatch(page)
      await this.#settle()
      if (page.length < batchSize) return
      after = page.at(-1)!.id
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
    if (failure.code === 'rate_limited') {
      limiter.pause(failure.retryAfterMs ?? backoff(attempt, 1_000))
      await limiter.turn(signal)
      return
    }
    if (failure.code !== 'unavailable' || attempt >= retry.attempts) throw new RunError(failure)
    await clock.sleep(failure.retryAfterMs ?? backoff(attempt, retry.baseMs), signal)
  }
}
