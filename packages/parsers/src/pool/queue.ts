import type { ParseInput, ParseOutcome } from '@cx/core/engine'

/** A document on its way. */
export interface Job {
  readonly input: ParseInput
  /** Kept apart: the bytes' own length is 0 once they are handed over. */
  readonly size: number
  /** Runs in no batch: it is large, or was in one that failed. */
  alone: boolean
  settled: boolean
  resolve(outcome: ParseOutcome): void
  reject(reason: unknown): void
}

export interface BatchLimits {
  readonly documents: number
  readonly bytes: number
}

/** Documents that wait, in order; small ones leave together. */
export class JobQueue {
  /** In two, so that neither kind is looked through for the other; `#small` never holds a job that runs alone. */
  readonly #small = new Set<Job>()
  readonly #alone = new Set<Job>()
  readonly #batch: BatchLimits
  #bytes = 0
  #aloneIsNext = true

  constructor(batch: BatchLimits) {
    this.#batch = batch
  }

  get bytes(): number {
    return this.#bytes
  }

  get length(): number {
    return this.#small.size + this.#alone.size
  }

  push(job: Job): void {
    const queue = job.alone ? this.#alone : this.#small
    queue.add(job)
    this.#bytes += job.size
  }

  remove(job: Job): void {
    if (this.#small.delete(job) || this.#alone.delete(job)) this.#bytes -= job.size
  }

  /** Whether the next task needs no company, or has all it may have. */
  isReady(): boolean {
    return this.#alone.size > 0 || this.#small.size >= this.#batch.documents
  }

  /** The next task's documents: one that runs alone and a batch of small ones by turns. */
  take(): readonly Job[] {
    const alone = this.#alone.size > 0 && (this.#aloneIsNext || this.#small.size === 0)
    this.#aloneIsNext = !alone
    const jobs = alone ? [...this.#alone.values().take(1)] : this.#company()
    for (const job of jobs) this.remove(job)
    return jobs
  }

  clear(): readonly Job[] {
    const jobs = [...this.#small, ...this.#alone]
    this.#small.clear()
    this.#alone.clear()
    this.#bytes = 0
    return jobs
  }

  #company(): readonly Job[] {
    const jobs: Job[] = []
    let bytes = 0
    for (const job of this.#small) {
      if (jobs.length === this.#batch.documents || (jobs.length > 0 && bytes + job.size > this.#batch.bytes)) break
      jobs.push(job)
      bytes += job.size
    }
    return jobs
  }
}
