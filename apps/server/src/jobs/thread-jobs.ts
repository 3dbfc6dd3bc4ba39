import { setTimeout as sleep } from 'node:timers/promises'
import { getHeapStatistics } from 'node:v8'
import { Worker } from 'node:worker_threads'
import type { Log } from '@cx/core'
import type { EngineEvent, Observe, RateLimits, Sessions } from '@cx/core/engine'
import type { SqliteStore } from '@cx/store'
import { type BirpcReturn, createBirpc } from 'birpc'
import type { Plugins } from '../plugins.ts'
import type { Settings } from '../settings.ts'
import type { HostFunctions, Jobs, JobsData, ParserLoad, ThreadFunctions } from './jobs.ts'
import { serveLimits } from './serve-limits.ts'

export interface ThreadJobsOptions {
  readonly settings: Settings
  readonly store: SqliteStore
  readonly sessions: Sessions
  readonly rateLimits: RateLimits
  readonly plugins: Plugins
  readonly observe: Observe
  readonly log: Log
  readonly owner: string
  /** A thread that has had no job for so long ends, and gives back what it and its plugins take. Default 30,000 ms. */
  readonly idleMs?: number
}

const source = import.meta.url.endsWith('.ts')
const pollMs = 1_000
const longestPauseMs = 60_000

/**
 * Runs jobs in a thread of its own, so that what they do (garbage is collected while nothing else runs) never holds up an
 * answer. The thread is started for the first job and ends when there has been none for a while. A thread that dies costs
 * no answer either: its jobs go on in the next one, after a pause that doubles.
 */
export function createThreadJobs(options: ThreadJobsOptions): Jobs {
  return new ThreadJobs(options)
}

class ThreadJobs implements Jobs {
  readonly #o: ThreadJobsOptions
  readonly #listeners = new Set<(event: EngineEvent) => void>()
  /** Running in the thread, for what is to be said when it dies. */
  readonly #running = new Map<string, EngineEvent>()
  #thread: JobsThread | undefined
  #stopped = true
  #again = false
  #deaths = 0
  #isPausing = false
  #poll: NodeJS.Timeout | undefined
  #idle: NodeJS.Timeout | undefined

  constructor(options: ThreadJobsOptions) {
    this.#o = options
  }

  open: Sessions['open'] = (options) => this.#o.sessions.open(options)

  async start(): Promise<void> {
    const { store, owner, log } = this.#o
    this.#stopped = false
    const recovered = await store.recover(owner)
    if (recovered > 0) log.info('Going on with jobs that were running.', { jobs: recovered })
    this.#poll = setInterval(() => void this.#look(), pollMs).unref()
    await this.#look()
  }

  /** A thread looks for jobs by itself; without one, somebody must see that it is time to start it. */
  async #look(): Promise<void> {
    const { store, log } = this.#o
    if (this.#thread) return
    try {
      await store.recover()
      if (await store.anyQueued()) this.wake()
    } catch (error) {
      if (!this.#stopped) log.error('Jobs could not be looked for.', { error })
    }
  }

  wake(): void {
    if (this.#stopped) return
    if (this.#thread?.ending) this.#again = true
    else if (this.#thread) void this.#thread.rpc.wake.asEvent()
    else if (!this.#isPausing) this.#begin()
  }

  #begin(): void {
    const thread = new JobsThread(this.#o, {
      started: () => this.#retireLater(),
      event: (event) => this.#tell(event),
      ended: (error) => this.#ended(thread, error),
    })
    this.#thread = thread
  }

  #retireLater(): void {
    clearTimeout(this.#idle)
    if (this.#running.size > 0) return
    this.#idle = setTimeout(() => void this.#thread?.stop(2_000), this.#o.idleMs ?? 30_000).unref()
  }

  #ended(thread: JobsThread, error: Error | undefined): void {
    clearTimeout(this.#idle)
    if (this.#thread === thread) this.#thread = undefined
    for (const event of [...this.#running.values()]) this.#tell({ ...event, type: 'released' })
    if (error) {
      const pauseMs = Math.min(longestPauseMs, 500 * 2 ** this.#deaths++)
      this.#isPausing = true
      this.#o.log.error('The thread of the jobs ended; they go on in another.', { error, pauseMs })
      // It takes up what this one left running.
      setTimeout(() => {
        this.#isPausing = false
        this.wake()
      }, pauseMs).unref()
    } else if (this.#again) this.wake()
    this.#again = false
  }

  #tell(event: EngineEvent): void {
    if (event.type === 'started') this.#running.set(event.jobId, event)
    else {
      this.#running.delete(event.jobId)
      if (event.type === 'ended') this.#deaths = 0
    }
    this.#retireLater()
    for (const listener of this.#listeners)
      try {
        listener(event)
      } catch (error) {
        this.#o.log.error('A listener failed.', { error })
      }
  }

  async cancel(jobId: string): ReturnType<Jobs['cancel']> {
    const job = await this.#o.store.requestCancel(jobId)
    // Also one that was claimed a moment ago, and of which the thread has said nothing yet.
    if (job?.status === 'running') await this.#thread?.rpc.cancel(jobId).catch(() => {})
    return job
  }

  onEvent(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async parserLoad(): Promise<ParserLoad> {
    const none = { queued: 0, queuedBytes: 0, busy: 0 }
    return this.#thread?.rpc.parserLoad().catch(() => none) ?? none
  }

  async stop({ timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#stopped = true
    clearInterval(this.#poll)
    clearTimeout(this.#idle)
    await this.#thread?.stop(timeoutMs)
  }
}

interface Hears {
  /** It looks for jobs now. */
  started(): void
  event(event: EngineEvent): void
  /** `error` when nobody asked it to end. */
  ended(error: Error | undefined): void
}

/** One thread, from its start to its end. */
class JobsThread {
  readonly rpc: BirpcReturn<ThreadFunctions, HostFunctions>
  readonly #worker: Worker
  readonly #gone: Promise<void>
  #ending: Promise<void> | undefined

  constructor({ settings, store, rateLimits, plugins, observe }: ThreadJobsOptions, { started, event, ended }: Hears) {
    const shared = store.share()
    const limits = serveLimits(rateLimits, plugins)
    const worker = new Worker(new URL(`./thread.${source ? 'ts' : 'js'}`, import.meta.url), {
      workerData: { settings, store: shared } satisfies JobsData,
      transferList: [shared.writer],
      execArgv: source ? ['--conditions=cx-source', '--disable-warning=ExperimentalWarning'] : [],
      name: 'jobs',
      resourceLimits: { maxOldGenerationSizeMb: Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20) },
    })
    this.#worker = worker
    let failure: Error | undefined
    const functions: HostFunctions = {
      ...limits,
      event,
      started,
      failed: (message) => {
        failure = new Error(message)
        void worker.terminate()
      },
      observed: (observations) => {
        for (const one of observations) observe(one)
      },
    }
    this.rpc = createBirpc<ThreadFunctions, HostFunctions>(functions, {
      post: (message) => worker.postMessage(message),
      on: (listen) => void worker.on('message', listen),
      timeout: -1,
    })
    worker.on('error', (error: Error) => {
      failure ??= error
    })
    this.#gone = new Promise((resolve) => {
      worker.once('exit', (code) => {
        this.rpc.$close()
        limits.leave()
        ended(this.#ending ? undefined : (failure ?? new Error(`It ended by itself with ${code}.`)))
        resolve()
      })
    })
  }

  get ending(): boolean {
    return this.#ending !== undefined
  }

  /** Ends it in good order, and by force half a second after its time. */
  stop(timeoutMs: number): Promise<void> {
    this.#ending ??= (async () => {
      await Promise.race([this.rpc.stop(timeoutMs).catch(() => {}), sleep(timeoutMs + 500, undefined, { ref: false })])
      await this.#worker.terminate()
      await this.#gone
    })()
    return this.#ending
  }
}
