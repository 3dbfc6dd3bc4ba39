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
  #jobs: Job[] = []
  #bytes = 0
  readonly #batch: BatchLimits

  constructor(batch: BatchLimits) {
    this.#batch = batch
  }

  get bytes(): number {
    return this.#bytes
  }

  get length(): number {
    return this.#jobs.length
  }

  push(job: Job): void {
    this.#jobs.push(job)
    this.#bytes += job.size
  }

  /** Before all others: these have waited already. */
  retry(jobs: readonly Job[]): void {
    this.#jobs.unshift(...jobs)
    for (const { size } of jobs) this.#bytes += size
  }

  remove(job: Job): void {
    const index = this.#jobs.indexOf(job)
    if (index === -1) return
    this.#jobs.splice(index, 1)
    this.#bytes -= job.size
  }

  /** Whether the next task needs no company, or has all it may have. */
  isReady(): boolean {
    const [first] = this.#jobs
    return first !== undefined && (first.alone || this.#company().full)
  }

  /** The next task's documents. */
  take(): readonly Job[] {
    const [first] = this.#jobs
    if (first === undefined) return []
    const chosen = first.alone ? [first] : this.#company().jobs
    const taken = new Set(chosen)
    this.#jobs = this.#jobs.filter((job) => !taken.has(job))
    for (const { size } of chosen) this.#bytes -= size
    return chosen
  }

  clear(): readonly Job[] {
    const jobs = this.#jobs
    this.#jobs = []
    this.#bytes = 0
    return jobs
  }

  #company(): { readonly jobs: readonly Job[]; readonly full: boolean } {
    const jobs: Job[] = []
    let bytes = 0
    for (const job of this.#jobs) {
      if (job.alone) continue
      if (jobs.length === this.#batch.documents || bytes + job.size > this.#batch.bytes) return { jobs, full: true }
      jobs.push(job)
      bytes += job.size
    }
    return { jobs, full: jobs.length === this.#batch.documents }
  }
}
