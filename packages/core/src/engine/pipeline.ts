import type { Checkpoint, Entry, Removed } from '../contract/entry.ts'
import type { Json } from '../contract/schema.ts'
import { abortable, iterate, settledWithin, untilAborted } from './abort.ts'
import { Access } from './access.ts'
import { Admission } from './admission.ts'
import { Committer } from './committer.ts'
import type { Failure } from './failure.ts'
import { tryFingerprint, unfinished } from './fingerprint.ts'
import type { SyncOptions } from './options.ts'
import { type DiffBatch, type RunKey, type SyncStore, type UnreadablePart, Verdict } from './ports.ts'
import { type ProcessOptions, processEntry, RunError } from './process.ts'
import { createScope } from './scope.ts'
import { isJson, isVersion, noVersion, soundEntry } from './sound.ts'
import { watchListing } from './watch-listing.ts'

type Item = Entry | Removed | Checkpoint

/** A batch as the store compares it. */
interface Columns extends Pick<DiffBatch, 'fingerprints' | 'ids' | 'paths' | 'versions'> {
  readonly entries: readonly Entry[]
}

/** Entries in one message to the store. */
const batchSize = 1_000
/** A slow source's half-full batch waits this long. */
const batchLingerMs = 200
const entriesInFlight = 256
/** Taken as the size of an entry whose listing gives none. */
const unknownSize = 65_536
/** How long an ending run may take to write what it has. */
const keepMs = 1_000
/** Unreadable parts that are told apart; with more of them, everything counts as unreadable. */
const mostParts = 1_000
/** Removals that may wait to be written. */
const mostRemovals = 1_000

/** Carries entries from a listing to the store: diff in batches, reads and parses what changed within bounds, hands outcomes to the committer. */
export class Pipeline {
  readonly key: RunKey
  /** The listing the entries belong to; null when they come from elsewhere. */
  generation: number | null = null
  /** Entries that failed, in earlier attempts of this job too. */
  failed: number
  readonly access: Access
  readonly #o: SyncOptions
  readonly #store: SyncStore
  readonly #committer: Committer
  readonly #processing: ProcessOptions
  readonly #bytes: Admission
  readonly #count = new Admission(entriesInFlight)
  readonly #inScope: (path: string) => boolean
  readonly #bypass: boolean
  readonly #versions: { readonly pipeline: string; readonly skipPipeline: string }
  readonly #inFlight = new Map<string, Promise<void>>()
  /** Removed by a change feed, perhaps not written yet. */
  readonly #removed = new Set<string>()
  #batch: Entry[] = []
  #batchTimer: NodeJS.Timeout | undefined
  #diffing: Promise<void> = Promise.resolve()
  #unreadable: UnreadablePart[] = []

  constructor(options: SyncOptions, paths: readonly string[] | undefined) {
    this.#o = options
    this.#store = untilAborted(options.store, options.signal)
    this.access = new Access(options)
    const { job, connector, record, parser, store, settings, opened, clock, limiter, observe } = options
    this.key = { jobId: job.id, connectorId: job.connectorId, attempt: job.attempt }
    this.failed = job.progress.failed
    this.#inScope = paths ? createScope(paths) : () => true
    this.#bypass = job.params.mode === 'full' || job.params.mode === 'incremental'
    const pipeline = `${parser.version}/${connector.name}@${connector.rendering ?? 1}`
    const { maxFileBytes } = record.limits
    this.#versions = { pipeline, skipPipeline: `${pipeline}/max=${maxFileBytes}` }
    this.#bytes = new Admission(settings.bytesInFlight)
    this.#committer = new Committer({
      store,
      key: this.key,
      ...this.#versions,
      onError: options.abort,
      onRefused: (error, { path }) => {
        this.failed++
        opened.run.log.error('A document could not be stored.', {
          path,
          error: error instanceof Error ? error.message : String(error),
        })
      },
      observe,
    })
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
  report(part: string, failure: Failure): void {
    const known = this.#unreadable.length
    const many = known === mostParts - 1
    const path = many || typeof part !== 'string' ? '' : this.#o.opened.redactor.text(part)
    if (known === mostParts || this.#unreadable.some((other) => other.path === path)) return
    const message = many
      ? `More parts than can be listed could not be read; the last one: ${failure.message}`
      : failure.message
    this.#unreadable.push({ path, code: failure.code, message })
    this.#o.observe?.({ stage: 'list', ms: 0, items: 0, bytes: 0, code: failure.code })
    this.#committer.unreadable([...this.#unreadable])
  }

  /**
   * Takes on everything a listing or a change feed yields. `onCheckpoint` returns what is stored for each of them.
   * Throws what the source throws.
   */
  async consume(
    items: AsyncIterable<Item>,
    kind: 'resume' | 'cursor',
    onCheckpoint: (cursor: Json) => Json,
  ): Promise<void> {
    for await (const item of watchListing(iterate(items, this.#o.signal), this.#o)) {
      if (typeof item !== 'object' || item === null)
        this.#distrust(`${item === null ? 'null' : typeof item} among its entries`)
      else if (!('kind' in item)) {
        this.#batch.push(item)
        if (this.#batch.length >= batchSize) await this.#diffBehind()
        else this.#batchTimer ??= setTimeout(() => void this.#diff().catch(this.#o.abort), batchLingerMs)
      } else if (item.kind === 'checkpoint') {
        if (!isJson(item.cursor))
          throw new RunError({
            code: 'misconfigured',
            message: `The connector yielded a checkpoint that is not JSON. Please report it to the connector's author.`,
          })
        const kept = this.#o.opened.redactor.value(onCheckpoint(item.cursor))
        await this.#diffBehind(() => this.#committer.checkpoint(kind, kept))
      } else if (item.kind === 'removed' && kind === 'cursor' && typeof item.id === 'string')
        await this.#diffBehind(() => this.#remove(item.id))
      else
        this.#distrust(
          item.kind === 'removed'
            ? 'a removal in its listing'
            : `a "${String((item as Item & { kind: unknown }).kind)}" among its entries`,
        )
    }
    await this.#diff()
  }

  /** What the connector yielded is not taken for anything: as nobody knows what it stood for, nothing is swept. */
  #distrust(what: string): void {
    const message = `The connector yielded ${what}, which is ignored; nothing is deleted by this sync. Please report it to the connector's author.`
    this.report('', { code: 'unprocessable', message })
  }

  async #remove(id: string): Promise<void> {
    if (this.#removed.size >= mostRemovals) await this.#writeRemovals()
    // Order matters within one id: what was read before it was removed must not be written after.
    await this.#inFlight.get(id)
    this.#removed.add(id)
    this.#committer.take()({ kind: 'removed', id: this.#o.opened.redactor.text(id) })
    await this.#room()
  }

  async #writeRemovals(): Promise<void> {
    await abortable(this.#committer.drain(), this.#o.signal)
    this.#removed.clear()
  }

  #room(): Promise<void> {
    return abortable(this.#committer.room(), this.#o.signal)
  }

  /** Takes on what a change feed will not name again: entries that failed, or were made by another parser. */
  async retryStale(): Promise<void> {
    this.begin(null, this.#unreadable)
    const { retries } = this.#o.job.params
    let after: string | undefined
    while (true) {
      const page = await this.#store.stale(this.key, {
        pipeline: this.#versions.pipeline,
        limit: batchSize,
        ...(after === undefined ? {} : { after }),
        ...(retries === undefined ? {} : { failedIn: retries }),
      })
      const prints = new Map(page.map(({ entry, fingerprint }) => [entry, fingerprint]))
      if (page.length > 0)
        await this.#diffBatch(this.#columns([...prints.keys()], (entry) => prints.get(entry) ?? unfinished))
      await this.settle()
      if (page.length < batchSize) return
      after = page.at(-1)!.entry.id
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
    const listed = this.#batch
    this.#batch = []
    if (listed.length > 0) {
      // Worked out now, while the store compares the batch before.
      const batch = this.#columns(listed)
      this.#diffing = this.#diffing.then(() => this.#diffBatch(batch))
    }
    if (then) this.#diffing = this.#diffing.then(async () => void (await then()))
    // Awaited by whoever comes next; until then it must not count as unhandled.
    this.#diffing.catch(() => {})
    return this.#diffing
  }

  #columns(listed: readonly Entry[], printOf: (entry: Entry) => number = tryFingerprint): Columns {
    const entries = listed.filter((entry) => this.#usable(entry) && this.#inScope(entry.path))
    const { redactor } = this.#o.opened
    return {
      entries,
      fingerprints: entries.map(printOf),
      ids: entries.map((entry) => redactor.text(entry.id)),
      paths: entries.map((entry) => redactor.text(entry.path)),
      versions: entries.map(({ version }) => redactor.text(isVersion(version) ? version : noVersion)),
    }
  }

  async #diffBatch({ entries, ...columns }: Columns): Promise<void> {
    if (entries.length === 0) return
    // What was removed and is here again must be compared with the removal, not with what was there before it.
    if (this.#removed.size > 0 && entries.some(({ id }) => this.#removed.has(id))) await this.#writeRemovals()
    const { fingerprints } = columns
    const { redactor } = this.#o.opened
    const verdicts = await this.#store.diff(this.key, {
      generation: this.generation,
      ...columns,
      bypass: this.#bypass,
      ...this.#versions,
    })
    const changed: { readonly entry: Entry; readonly verdict: Verdict; readonly print: number }[] = []
    for (const [i, listed] of entries.entries()) {
      const verdict = verdicts[i]
      if (verdict === Verdict.quarantined) this.failed++
      if (verdict !== Verdict.read && verdict !== Verdict.metadata) continue
      const print = fingerprints[i]!
      const { entry, problem } = soundEntry(listed)
      if (problem === undefined) changed.push({ entry, verdict, print })
      else await this.#refuse(entry, print, problem)
    }
    const { acls, later } = await this.access.lists(changed.map(({ entry }) => entry))
    for (const { entry, verdict, print } of changed) {
      const acl = acls.get(entry.id)
      const whole = acl ? { ...entry, acl } : entry
      const fingerprint = later && whole.acl === undefined ? unfinished : print
      if (verdict === Verdict.read) await this.#start(whole, fingerprint)
      else this.#committer.take()({ kind: 'metadata', entry: redactor.value(whole), fingerprint })
      await this.#room()
    }
  }

  /** An entry that cannot be stored as it was listed; what is indexed of it stays. */
  async #refuse(entry: Entry, fingerprint: number, message: string): Promise<void> {
    await this.#inFlight.get(entry.id)
    const { redactor } = this.#o.opened
    this.failed++
    this.#committer.take()({
      kind: 'failed',
      entry: redactor.value(entry),
      fingerprint,
      stage: 'list',
      code: 'unprocessable',
      message: redactor.text(message),
      retryable: false,
      collected: false,
      bytes: 0,
    })
    await this.#room()
  }

  /** Whether it can be told which document is meant; what is wrong besides concerns that one alone. */
  #usable({ id, path }: Entry): boolean {
    const usable = [id, path].every((field) => typeof field === 'string' && field !== '')
    if (!usable) this.#distrust(`an entry without id or path (id ${String(id)}, path ${String(path)})`)
    return usable
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
