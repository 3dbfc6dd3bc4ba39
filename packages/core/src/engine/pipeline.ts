import type { SourceConnector } from '../contract/connector.ts'
import type { Acl, Checkpoint, Entry, Removed } from '../contract/entry.ts'
import type { Json } from '../contract/schema.ts'
import { abortable, iterate, settledWithin } from './abort.ts'
import { Admission } from './admission.ts'
import { Committer } from './committer.ts'
import { type Failure, failureOf } from './failure.ts'
import { fingerprint } from './fingerprint.ts'
import type { Limiter } from './limiter.ts'
import type { ObserveStage } from './observe.ts'
import type { Parser } from './parser.ts'
import {
  type Clock,
  type ConnectorRecord,
  type Job,
  type RunKey,
  type SyncStore,
  type UnreadablePart,
  Verdict,
} from './ports.ts'
import { type ProcessOptions, processEntry } from './process.ts'
import { createScope } from './scope.ts'
import type { OpenSession } from './session.ts'
import { watchListing } from './watch-listing.ts'

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
  /** Learns what each stage does; nothing is measured without it. */
  readonly observe?: ObserveStage
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

type Item = Entry | Removed | Checkpoint

/** Entries in one message to the store. */
const batchSize = 1_000
/** A slow source's half-full batch waits this long. */
const batchLingerMs = 200
const entriesInFlight = 256
/** Taken as the size of an entry whose listing gives none. */
const unknownSize = 65_536
/** How long an ending run may take to write what it has. */
const keepMs = 1_000

/** Carries entries from a listing to the store: diff in batches, reads and parses what changed within bounds, hands outcomes to the committer. */
export class Pipeline {
  readonly key: RunKey
  /** The listing the entries belong to; null when they come from elsewhere. */
  generation: number | null = null
  /** Entries that failed, in earlier attempts of this job too. */
  failed: number
  readonly #o: SyncOptions
  readonly #committer: Committer
  readonly #processing: ProcessOptions
  readonly #bytes: Admission
  readonly #count = new Admission(entriesInFlight)
  readonly #inScope: (path: string) => boolean
  readonly #bypass: boolean
  readonly #versions: { readonly pipeline: string; readonly skipPipeline: string }
  readonly #inFlight = new Map<string, Promise<void>>()
  #batch: Entry[] = []
  #batchTimer: NodeJS.Timeout | undefined
  #diffing: Promise<void> = Promise.resolve()
  #unreadable: UnreadablePart[] = []

  constructor(options: SyncOptions, paths: readonly string[] | undefined) {
    this.#o = options
    const { job, connector, record, parser, store, settings, opened, clock, limiter, observe } = options
    this.key = { jobId: job.id, connectorId: job.connectorId, attempt: job.attempt }
    this.failed = job.progress.failed
    this.#inScope = paths ? createScope(paths) : () => true
    this.#bypass = job.params.mode === 'full' || job.params.mode === 'incremental'
    const pipeline = `${parser.version}/${connector.name}@${connector.rendering ?? 1}`
    const { maxFileBytes } = record.limits
    this.#versions = { pipeline, skipPipeline: `${pipeline}/max=${maxFileBytes}` }
    this.#bytes = new Admission(settings.bytesInFlight)
    this.#committer = new Committer({ store, key: this.key, ...this.#versions, onError: options.abort, observe })
    const reads = new Admission(connector.limits?.concurrency ?? settings.concurrency)
    const { stallMs, retry } = settings
    this.#processing = { connector, opened, parser, clock, limiter, reads, maxFileBytes, stallMs, retry, observe }
  }

  /** Begins a listing or, with null, something else. Everything before must be settled. */
  begin(generation: number | null, unreadable: readonly UnreadablePart[] = []): void {
    this.generation = generation
    this.#unreadable = [...unreadable]
    this.#committer.begin(generation)
  }

  get unreadable(): readonly UnreadablePart[] {
    return this.#unreadable
  }

  /** A part that could not be listed; nothing under it is swept. */
  report(path: string, failure: Failure): void {
    if (this.#unreadable.some((part) => part.path === path)) return
    this.#unreadable.push({ path, code: failure.code, message: failure.message })
    this.#o.observe?.({ stage: 'list', ms: 0, items: 0, bytes: 0, code: failure.code })
    this.#committer.unreadable([...this.#unreadable])
  }

  /** Takes on everything a listing or a change feed yields. Throws what the source throws. */
  async consume(
    items: AsyncIterable<Item>,
    kind: 'resume' | 'cursor',
    onCheckpoint: (cursor: Json) => void,
  ): Promise<void> {
    for await (const item of watchListing(iterate(items, this.#o.signal), this.#o)) {
      if (!('kind' in item)) {
        this.#batch.push(item)
        if (this.#batch.length >= batchSize) await this.#diffBehind()
        else this.#batchTimer ??= setTimeout(() => void this.#diff().catch(this.#o.abort), batchLingerMs)
      } else if (item.kind === 'checkpoint') {
        const cursor = this.#o.opened.redactor.value(item.cursor)
        await this.#diffBehind(() => this.#committer.checkpoint(kind, cursor))
        onCheckpoint(item.cursor)
      } else
        await this.#diffBehind(async () => {
          // Order matters within one id: what was read before it was removed must not be written after.
          await this.#inFlight.get(item.id)
          this.#committer.take()({ kind: 'removed', id: item.id })
          await this.#committer.room()
        })
    }
    await this.#diff()
  }

  /** Takes on what a change feed will not name again: entries that failed, were never finished, or were made by another parser. */
  async retryStale(): Promise<void> {
    this.begin(null, this.#unreadable)
    const { retries } = this.#o.job.params
    let after: string | undefined
    while (true) {
      const page = await this.#o.store.stale(this.key, {
        pipeline: this.#versions.pipeline,
        limit: batchSize,
        ...(after === undefined ? {} : { after }),
        ...(retries === undefined ? {} : { failedIn: retries }),
      })
      if (page.length > 0) await this.#diffBatch(page)
      await this.settle()
      if (page.length < batchSize) return
      after = page.at(-1)!.id
    }
  }

  /** Everything begun is done and written. */
  async settle(): Promise<void> {
    const { signal } = this.#o
    await this.#diff()
    await abortable(Promise.all(this.#inFlight.values()), signal)
    await abortable(this.#committer.drain(), signal)
    signal.throwIfAborted()
  }

  /** Ends it: what is read and parsed is still written, within a second; what is not will be repeated. */
  async close(): Promise<void> {
    await settledWithin(this.#o.signal.aborted ? this.#committer.drain() : this.settle(), keepMs)
    clearTimeout(this.#batchTimer)
    this.#committer.stop()
  }

  /** Sends the batch on its way and waits for the one before: the source lists on while the store compares. */
  async #diffBehind(then?: () => unknown): Promise<void> {
    const before = this.#diffing
    void this.#diff(then)
    await before
  }

  #diff(then?: () => unknown): Promise<void> {
    clearTimeout(this.#batchTimer)
    this.#batchTimer = undefined
    const entries = this.#batch
    this.#batch = []
    if (entries.length > 0) this.#diffing = this.#diffing.then(() => this.#diffBatch(entries))
    if (then) this.#diffing = this.#diffing.then(async () => void (await then()))
    // Awaited by whoever comes next; until then it must not count as unhandled.
    this.#diffing.catch(() => {})
    return this.#diffing
  }

  async #diffBatch(listed: readonly Entry[]): Promise<void> {
    const { store, signal, opened } = this.#o
    const entries = listed.filter((entry) => this.#usable(entry) && this.#inScope(entry.path))
    if (entries.length === 0) return
    const fingerprints = entries.map(fingerprint)
    const { redactor } = opened
    const verdicts = await abortable(
      store.diff(this.key, {
        generation: this.generation,
        ids: entries.map((entry) => redactor.text(entry.id)),
        paths: entries.map((entry) => redactor.text(entry.path)),
        versions: entries.map((entry) => redactor.text(entry.version)),
        fingerprints,
        bypass: this.#bypass,
        ...this.#versions,
      }),
      signal,
    )
    const changed = entries.filter((_, i) => verdicts[i] === Verdict.read || verdicts[i] === Verdict.metadata)
    const acls = await this.#acls(changed)
    for (const [i, { id }] of entries.entries()) {
      const verdict = verdicts[i]
      if (verdict === Verdict.quarantined) this.failed++
      if (verdict !== Verdict.read && verdict !== Verdict.metadata) continue
      const acl = acls?.get(id)
      const entry = acl ? { ...entries[i]!, acl } : entries[i]!
      if (verdict === Verdict.read) await this.#start(entry, fingerprints[i]!)
      else
        this.#committer.take()({
          kind: 'metadata',
          entry: opened.redactor.value(entry),
          fingerprint: fingerprints[i]!,
        })
      await this.#committer.room()
    }
  }

  /** An entry that cannot be stored is reported, and its place holds back the sweep. */
  #usable({ id, path, version }: Entry): boolean {
    const usable = [id, path, version].every((field) => typeof field === 'string' && field !== '')
    if (!usable) {
      const message = `The connector listed an entry without id, path or version (id ${JSON.stringify(id)}, path ${JSON.stringify(path)}). Please report it to the connector's author.`
      this.report(typeof path === 'string' ? path : '', { code: 'unprocessable', message })
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
      if (signal.aborted) throw signal.reason
      const { code, message } = failureOf(error, 'unavailable', opened.redactor)
      opened.run.log.warn('Access lists could not be read; the last known ones stay.', { code, error: message })
    }
    return acls
  }

  async #start(entry: Entry, print: number): Promise<void> {
    const { signal, abort } = this.#o
    // A change feed may name the same entry twice; the later one waits for the earlier.
    await this.#inFlight.get(entry.id)
    const leaveCount = await this.#count.enter(1, signal)
    const leaveBytes = await this.#bytes.enter(
      Math.min(entry.size ?? unknownSize, this.#processing.maxFileBytes),
      signal,
    )
    const hand = this.#committer.take()
    const work = processEntry(this.#processing, entry, print)
      .then((outcome) => {
        if (outcome.kind === 'failed') this.failed++
        hand(outcome)
      })
      .catch(abort)
      .finally(() => {
        leaveBytes()
        leaveCount()
        this.#inFlight.delete(entry.id)
      })
    this.#inFlight.set(entry.id, work)
  }
}
