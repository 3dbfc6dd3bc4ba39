import type { Lookup, SourceConnector } from '../contract/connector.ts'
import { abortable, settledWithin, untilAborted } from './abort.ts'
import { systemClock } from './clock.ts'
import { confirm } from './confirm.ts'
import { cancelled, endOf, isFenced, shutdown } from './end.ts'
import { describe, failureOf } from './failure.ts'
import { createRateLimits, type RateLimits } from './limiter.ts'
import { type Observe, observeJob, type TellJob } from './observe.ts'
import { defaultSettings, type SyncOptions, type SyncSettings } from './options.ts'
import type { Parser } from './parser.ts'
import { refreshPermissions } from './permissions.ts'
import type { Clock, Job, JobEnd, Log, Queue, RunKey, SyncStore, Vault } from './ports.ts'
import { RunError } from './process.ts'
import { Redactor } from './redact.ts'
import type { OpenSession } from './session.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { runSync } from './sync.ts'
import { withFields } from './with-fields.ts'

export interface EngineOptions {
  readonly store: SyncStore
  readonly queue: Queue
  readonly parser: Parser
  readonly vault: Vault
  /** By type; a map, or what loads them when they are needed. */
  readonly connectors: {
    get(type: string): SourceConnector | undefined | Promise<SourceConnector | undefined>
  }
  /** The `fetch` of one connector, with the host's egress rules; the global one unless told. */
  readonly fetch?: (connectorId: string) => typeof globalThis.fetch
  /** For connectors whose drivers open sockets of their own: looks names up by the host's egress rules. */
  readonly lookup?: Lookup
  /** Of its own unless told; those of a host that opens sessions in another thread are told. */
  readonly rateLimits?: RateLimits
  readonly clock?: Clock
  readonly log: Log
  /** Who claims the jobs; after a restart under the same name they go on at once, without waiting for their leases. */
  readonly owner: string
  /** Jobs at once. */
  readonly jobs?: number
  readonly leaseMs?: number
  /** How often an idle engine looks for jobs that another process queued. */
  readonly pollMs?: number
  readonly settings?: Partial<SyncSettings>
  /** Learns what jobs and their stages do, for metrics and traces; nothing is measured without it. */
  readonly observe?: Observe
}

/** Something that happened to a job in this process. */
export interface EngineEvent {
  readonly jobId: string
  readonly connectorId: string
  readonly type: 'started' | 'ended' | 'released'
  readonly end?: JobEnd
}

export interface Engine extends Sessions {
  /** Takes up what an earlier process left running, then claims jobs until {@link Engine.stop}. */
  start(): Promise<void>
  /** Call after queueing a job: it is claimed at once. */
  wake(): void
  /** Ends the job as `cancelled` within two seconds; undefined when there is none. */
  cancel(jobId: string): Promise<Job | undefined>
  onEvent(listener: (event: EngineEvent) => void): () => void
  /** Stops claiming, gives running jobs back with what they have written; the next start goes on. */
  stop(options?: { readonly timeoutMs?: number }): Promise<void>
}

interface Running {
  readonly job: Job
  readonly controller: AbortController
  readonly done: Promise<void>
}

/** Makes the engine; nothing runs before {@link Engine.start}. */
export function createEngine(options: EngineOptions): Engine {
  return new JobRunner(options)
}

class JobRunner implements Engine {
  readonly #o: EngineOptions & {
    readonly clock: Clock
    readonly jobs: number
    readonly leaseMs: number
    readonly pollMs: number
  }
  readonly #running = new Map<string, Running>()
  readonly #rateLimits: RateLimits
  readonly #sessions: Sessions
  readonly #listeners = new Set<(event: EngineEvent) => void>()
  #stopped = true
  #claiming: Promise<void> | undefined
  #again = false
  #poll: NodeJS.Timeout | undefined

  constructor(options: EngineOptions) {
    this.#o = {
      ...options,
      clock: options.clock ?? systemClock,
      jobs: options.jobs ?? 4,
      leaseMs: options.leaseMs ?? 15_000,
      pollMs: options.pollMs ?? 1_000,
    }
    this.#rateLimits = options.rateLimits ?? createRateLimits(this.#o.clock)
    this.#sessions = createSessions({ ...this.#o, rateLimits: this.#rateLimits })
  }

  async start(): Promise<void> {
    const { queue, owner, log, pollMs } = this.#o
    this.#stopped = false
    const recovered = await queue.recover(owner)
    if (recovered > 0) log.info('Going on with jobs that were running.', { jobs: recovered })
    this.#poll = setInterval(() => this.#tick(), pollMs)
    this.#poll.unref()
    this.wake()
  }

  wake(): void {
    if (this.#stopped) return
    if (this.#claiming) {
      this.#again = true
      return
    }
    this.#claiming = this.#claim()
      .catch((error: unknown) => this.#o.log.error('Jobs could not be claimed.', { error: describe(error) }))
      .finally(() => {
        this.#claiming = undefined
        if (this.#again) {
          this.#again = false
          this.wake()
        }
      })
  }

  #tick(): void {
    void this.#o.queue.recover().then(
      () => this.wake(),
      (error: unknown) => this.#o.log.error('Lost jobs could not be looked for.', { error: describe(error) }),
    )
  }

  async #claim(): Promise<void> {
    const { queue, owner, leaseMs, jobs } = this.#o
    while (!this.#stopped && this.#running.size < jobs) {
      const job = await queue.claim(owner, leaseMs)
      if (!job) return
      const controller = new AbortController()
      const done = this.#run(job, controller).finally(() => {
        // After a lost lease the next attempt may run here already.
        if (this.#running.get(job.id)?.controller === controller) this.#running.delete(job.id)
        this.wake()
      })
      this.#running.set(job.id, { job, controller, done })
    }
  }

  async #run(job: Job, controller: AbortController): Promise<void> {
    const { queue, log, leaseMs } = this.#o
    const key: RunKey = { jobId: job.id, connectorId: job.connectorId, attempt: job.attempt }
    const jobLog = withFields(log, { jobId: job.id, connectorId: job.connectorId })
    const tell = observeJob(this.#o.observe, job)
    const heartbeat = setInterval(() => {
      queue.heartbeat(key, leaseMs).then(
        ({ cancelRequested }) => {
          if (cancelRequested) controller.abort(cancelled)
        },
        (error: unknown) => {
          if (isFenced(error)) controller.abort(error)
          else jobLog.warn('The lease could not be renewed.', { error: describe(error) })
        },
      )
    }, leaseMs / 3)
    this.#emit({ type: 'started', jobId: job.id, connectorId: job.connectorId })
    try {
      const end = await this.#execute(job, controller, jobLog, tell).catch((error: unknown) =>
        endOf(error, controller.signal, jobLog),
      )
      if (end === 'fenced') return
      if (end === 'release') {
        await queue.release(key)
        tell('released')
        this.#emit({ type: 'released', jobId: job.id, connectorId: job.connectorId })
        return
      }
      await queue.finish(key, end)
      tell(end.status, end.error?.code)
      jobLog.info('Job ended.', {
        status: end.status,
        ...(end.error && { code: end.error.code, error: end.error.message }),
      })
      this.#emit({ type: 'ended', jobId: job.id, connectorId: job.connectorId, end })
    } catch (error) {
      if (!isFenced(error)) jobLog.error('The end of a job could not be stored.', { error: describe(error) })
    } finally {
      clearInterval(heartbeat)
      controller.abort(shutdown)
    }
  }

  async #execute(job: Job, controller: AbortController, log: Log, tell: TellJob): Promise<JobEnd> {
    const { store, queue, connectors, parser, clock, settings, observe } = this.#o
    const { signal } = controller
    const record = await abortable(store.connector(job.connectorId), signal)
    if (!record) throw new RunError({ code: 'not_found', message: 'The connector was deleted.' })
    tell('started', record.type)
    const connector = await abortable(Promise.resolve(connectors.get(record.type)), signal)
    if (!connector)
      throw new RunError({
        code: 'misconfigured',
        message: `No plugin for "${record.type}" is loaded. Install it and name it in CX_PLUGINS.`,
      })
    if (job.kind === 'confirm') return confirm(untilAborted(store, signal), queue, job)
    let opened: OpenSession
    try {
      opened = await this.open({ connector, config: record.config, connectorId: record.id, signal, log })
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw error instanceof RunError ? error : new RunError(failureOf(error, 'unavailable', new Redactor()))
    }
    try {
      const run: SyncOptions = {
        store,
        parser,
        clock,
        connector,
        record,
        opened,
        job,
        signal,
        limiter: this.#rateLimits.of(record.id, connector),
        abort: (reason) => controller.abort(reason),
        settings: { ...defaultSettings, ...settings },
        ...(observe && {
          observe: (stage) =>
            observe({ kind: 'stage', jobId: job.id, connectorId: record.id, type: record.type, ...stage }),
        }),
      }
      return await (job.kind === 'permissions' ? refreshPermissions(run) : runSync(run))
    } finally {
      await settledWithin(opened.close(), signal.aborted ? 500 : 5_000)
    }
  }

  open: Sessions['open'] = (options) => this.#sessions.open(options)

  async cancel(jobId: string): Promise<Job | undefined> {
    const job = await this.#o.queue.requestCancel(jobId)
    const running = this.#running.get(jobId)
    if (!running) return job
    running.controller.abort(cancelled)
    await settledWithin(running.done, 1_800)
    return job
  }

  onEvent(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #emit(event: EngineEvent): void {
    for (const listener of this.#listeners)
      try {
        listener(event)
      } catch (error) {
        this.#o.log.error('A listener failed.', { error: describe(error) })
      }
  }

  async stop({ timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#stopped = true
    clearInterval(this.#poll)
    await this.#claiming
    const running = [...this.#running.values()]
    for (const { controller } of running) controller.abort(shutdown)
    await settledWithin(Promise.all(running.map(({ done }) => done)), timeoutMs)
  }
}
