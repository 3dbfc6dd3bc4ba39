import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { ParseInput, ParseOutcome, Parser } from '@cx/core/engine'
import { Piscina } from 'piscina'
import { defaultLimits, type Limits } from './format.ts'
import { AbortWatch } from './pool/abort.ts'
import { openProgress } from './pool/progress.ts'
import { type Job, JobQueue } from './pool/queue.ts'
import { withRecognition } from './pool/recognition-lane.ts'
import { packTask, type Task, type TaskResult, type WorkerSettings } from './pool/task.ts'
import { type Verdict, verdictOf } from './pool/verdict.ts'
import { watchTask } from './pool/watch.ts'
import { defaultRecognition, type RecognitionOptions, recognitionVersion } from './recognition/options.ts'
import { parserVersion } from './version.ts'

export interface ParserPoolOptions {
  /** Threads. Default: one a core. */
  readonly workers?: number
  /** Wall-clock time of one document, in milliseconds, and what each megabyte adds. Default 10,000 and 1,000. */
  readonly timeoutMs?: number
  readonly timeoutMsPerMb?: number
  /** Cap of each thread's JavaScript heap; its buffers and WASM memory may take twice that beside it. Default 512. */
  readonly heapMb?: number
  readonly limits?: Limits
  /** Documents waiting, in bytes, above which {@link ParserPool.room} waits. Default 64 MB. */
  readonly maxQueuedBytes?: number
  /** Threads without work end after this. Default 30,000. */
  readonly idleMs?: number
  /** URLs of modules whose export `formats` is an array of `Format`: they come before the built-in ones. */
  readonly formatModules?: readonly string[]
  /** Reads text off pictures and scanned PDFs, in a thread besides. Default: not at all. */
  readonly recognition?: RecognitionOptions | undefined
}

export interface ParserPool extends Parser {
  /** Bytes of the documents that wait for a thread. */
  readonly queuedBytes: number
  /** Documents that wait for a thread. */
  readonly queued: number
  /** Threads at work. */
  readonly busy: number
  /** Resolves when the queue is below its bound: await it before the next document is read from its source. */
  room(options: { readonly signal: AbortSignal }): Promise<void>
}

const smallBytes = 64 * 1024
const companyMs = 3
/**
 * Node ends a thread that fills its heap in an orderly way only while what outlives one small collection fits into 16 MB
 * more; with V8's own choice, a thread that is given little time now and then took the whole process with it.
 */
const nurseryMb = 24
/**
 * At a thread's own limit V8 may still end the whole process: an array or a map that grows asks for twice what it has
 * in one step. The watch ends the thread at `heapMb`; this is out of reach of one such step from there.
 */
const emergencyHeapMb = 1_536
const workerFile = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url)

/** A pool of parser threads; none runs before the first document. Close it to end them. */
export function createParserPool({ recognition, ...options }: ParserPoolOptions = {}): ParserPool {
  if (recognition === undefined) return new Pool(options)
  const { timeoutMs, pageTimeoutMs } = { ...defaultRecognition, ...recognition }
  return withRecognition({
    version: `${parserVersion}+${recognitionVersion(recognition)}`,
    ordinary: new Pool(options, { keepsBytes: true }),
    // A page begun in the last moment may be read to its end; what does not end by itself is ended from outside.
    lane: new Pool({ ...options, workers: 1, timeoutMs: timeoutMs + pageTimeoutMs * 1.5, recognition }),
  })
}

class Pool implements ParserPool {
  readonly version: string = parserVersion
  readonly #options: Required<ParserPoolOptions>
  readonly #keepsBytes: boolean
  readonly #queue = new JobQueue({ documents: 32, bytes: 512 * 1024 })
  readonly #aborts = new AbortWatch<Job>((job, reason) => {
    job.reject(reason)
    this.#queue.remove(job)
    this.#admit()
  })
  readonly #waiting = new Set<() => void>()
  readonly #active = new Set<readonly Job[]>()
  #threads: Piscina<Task, TaskResult> | undefined
  #company: NodeJS.Timeout | undefined
  #threadError: Error | undefined
  #closed = false

  /** `keepsBytes`: documents are not handed over, as they may be read once more. */
  constructor(options: ParserPoolOptions, { keepsBytes = false }: { readonly keepsBytes?: boolean } = {}) {
    this.#keepsBytes = keepsBytes
    this.#options = {
      workers: availableParallelism(),
      timeoutMs: 10_000,
      timeoutMsPerMb: 1_000,
      heapMb: 512,
      limits: defaultLimits,
      maxQueuedBytes: 64 * 1024 * 1024,
      idleMs: 30_000,
      formatModules: [],
      recognition: undefined,
      ...options,
    }
  }

  get queuedBytes(): number {
    return this.#queue.bytes
  }

  get queued(): number {
    return this.#queue.length
  }

  get busy(): number {
    return this.#active.size
  }

  parse(input: ParseInput, { signal }: { readonly signal: AbortSignal }): Promise<ParseOutcome> {
    if (signal.aborted) return Promise.reject(signal.reason)
    if (this.#closed) return Promise.reject(new Error('The parser pool is closed.'))
    const { promise, resolve, reject } = Promise.withResolvers<ParseOutcome>()
    const size = input.bytes.length
    const settle = (): boolean => {
      if (job.settled) return false
      job.settled = true
      this.#aborts.delete(signal, job)
      return true
    }
    const job: Job = {
      input,
      size,
      // A page takes a second or more: nobody waits for others' pages.
      alone: size >= smallBytes || this.#options.recognition !== undefined,
      settled: false,
      resolve: (outcome) => settle() && resolve(outcome),
      reject: (reason) => settle() && reject(reason),
    }
    this.#aborts.add(signal, job)
    this.#queue.push(job)
    if (this.#queue.isReady()) this.#pump()
    else this.#company ??= setTimeout(() => this.#pump(), companyMs)
    return promise
  }

  async room({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    while (this.#queue.bytes >= this.#options.maxQueuedBytes && !this.#closed) {
      signal.throwIfAborted()
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#waiting.add(resolve)
      const onAbort = (): void => resolve()
      signal.addEventListener('abort', onAbort, { once: true })
      await promise
      signal.removeEventListener('abort', onAbort)
      this.#waiting.delete(resolve)
    }
    signal.throwIfAborted()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#company)
    const reason = new Error('The parser pool is closed.')
    for (const job of [...this.#queue.clear(), ...[...this.#active].flat()]) job.reject(reason)
    this.#admit()
    await this.#threads?.destroy()
  }

  #pump(): void {
    clearTimeout(this.#company)
    this.#company = undefined
    while (!this.#closed && this.#active.size < this.#options.workers && this.#queue.length > 0) {
      void this.#run(this.#queue.take())
    }
    this.#admit()
  }

  #admit(): void {
    if (this.#queue.bytes < this.#options.maxQueuedBytes || this.#closed) for (const resolve of this.#waiting) resolve()
  }

  async #run(jobs: readonly Job[]): Promise<void> {
    this.#active.add(jobs)
    const progress = openProgress()
    const threads = this.#start()
    const { heapMb, timeoutMs, timeoutMsPerMb } = this.#options
    const watch = watchTask({
      jobs,
      progress,
      threads: () => threads.threads,
      timeoutMs: (job) => timeoutMs + (job.size / 1e6) * timeoutMsPerMb,
      maxExternalBytes: heapMb * 2 * 1024 * 1024,
      maxHeapBytes: heapMb * 1024 * 1024,
    })
    try {
      const task = packTask(
        jobs.map(({ input }) => input),
        progress.buffer,
        this.#keepsBytes,
      )
      const outcomes = await threads.run(task, { transferList: [task.buffer], signal: watch.signal })
      for (const [index, job] of jobs.entries()) job.resolve(outcomes[index]!)
    } catch (error) {
      this.#blame(jobs, progress.index(), watch.verdict() ?? verdictOf(error, this.#threadError))
    } finally {
      watch.stop()
      this.#active.delete(jobs)
      this.#pump()
    }
  }

  /** A thread ended. Alone, a document is guilty; of a batch only one whose own time was over, the rest run again. */
  #blame(jobs: readonly Job[], index: number, verdict: Verdict): void {
    const guilty = jobs.length === 1 ? jobs[0] : verdict.certain ? jobs[index] : undefined
    guilty?.resolve({ ok: false, code: verdict.code, message: verdict.message })
    const again = jobs.filter((job) => !job.settled)
    if (this.#closed) return
    for (const job of again) {
      job.alone = true
      this.#queue.push(job)
    }
  }

  #start(): Piscina<Task, TaskResult> {
    if (this.#threads !== undefined) return this.#threads
    const { workers, heapMb, idleMs, limits, formatModules, recognition } = this.#options
    const settings: WorkerSettings = { limits, formatModules, recognition }
    this.#threads = new Piscina<Task, TaskResult>({
      filename: fileURLToPath(workerFile),
      name: 'parseTask',
      minThreads: 0,
      maxThreads: workers,
      idleTimeout: idleMs,
      // With atomics a throw that comes late is taken for an answer to the next task.
      atomics: 'disabled',
      resourceLimits: {
        maxOldGenerationSizeMb: Math.max(emergencyHeapMb, Math.round(heapMb * 3.5)),
        maxYoungGenerationSizeMb: nurseryMb,
      },
      workerData: settings,
      recordTiming: false,
    })
    // A thread that dies between two tasks says so here; without a listener it would end the process.
    this.#threads.on('error', (error: Error) => {
      this.#threadError = error
    })
    return this.#threads
  }
}
