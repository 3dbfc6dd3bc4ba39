import {
  type Clock,
  FencedError,
  type Job,
  type JobEnd,
  type Progress,
  type Queue,
  type RunKey,
  type UnreadablePart,
} from '@cx/core/engine'

export type Counter = Exclude<keyof Progress, 'total' | 'embedded'>

const nothing: Progress = {
  listed: 0,
  collected: 0,
  parsed: 0,
  indexed: 0,
  unchanged: 0,
  skipped: 0,
  failed: 0,
  deleted: 0,
  bytes: 0,
}

type Row = { -readonly [K in keyof Job]: Job[K] } & { owner?: string | undefined; leaseUntil: number }

/** Jobs in memory with leases by the given clock. */
export class MemoryQueue implements Queue {
  readonly #clock: Pick<Clock, 'now'>
  readonly #rows: Row[] = []

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  /** Every job so far, oldest first. */
  jobs(): readonly Job[] {
    return this.#rows.map(asJob)
  }

  async enqueue(job: Parameters<Queue['enqueue']>[0]): Promise<Job> {
    const params = JSON.stringify(job.params)
    const same = (row: Row) =>
      row.status === 'queued' &&
      row.connectorId === job.connectorId &&
      row.kind === job.kind &&
      JSON.stringify(row.params) === params
    const queued = this.#rows.find(same)
    if (queued) return asJob(queued)
    const row: Row = {
      ...structuredClone(job),
      id: `job_${this.#rows.length + 1}`,
      status: 'queued',
      attempt: 0,
      progress: nothing,
      cancelRequested: false,
      createdAt: this.#clock.now(),
      leaseUntil: 0,
    }
    this.#rows.push(row)
    return asJob(row)
  }

  async job(id: string): Promise<Job | undefined> {
    const row = this.#rows.find((one) => one.id === id)
    return row && asJob(row)
  }

  async claim(owner: string, leaseMs: number): Promise<Job | undefined> {
    const busy = new Set(this.#rows.filter((row) => row.status === 'running').map((row) => row.connectorId))
    const row = this.#rows.find((one) => one.status === 'queued' && !busy.has(one.connectorId))
    if (row === undefined) return undefined
    const now = this.#clock.now()
    Object.assign(row, {
      status: 'running',
      attempt: row.attempt + 1,
      owner,
      leaseUntil: now + leaseMs,
      runningSince: now,
    })
    return asJob(row)
  }

  async heartbeat(key: RunKey, leaseMs: number): Promise<{ readonly cancelRequested: boolean }> {
    const row = this.#running(key)
    row.leaseUntil = this.#clock.now() + leaseMs
    return { cancelRequested: row.cancelRequested }
  }

  async finish(key: RunKey, end: JobEnd): Promise<void> {
    this.#end(this.#running(key), end)
  }

  async release(key: RunKey): Promise<void> {
    this.#requeue(this.#running(key))
  }

  async requestCancel(jobId: string): Promise<Job | undefined> {
    const row = this.#rows.find((one) => one.id === jobId)
    if (row?.status === 'queued') this.#end(row, { status: 'cancelled' })
    else if (row?.status === 'running') row.cancelRequested = true
    return row && asJob(row)
  }

  async recover(owner?: string): Promise<number> {
    const lost = this.#rows.filter(
      (row) =>
        row.status === 'running' &&
        (row.leaseUntil < this.#clock.now() || (owner !== undefined && row.owner === owner)),
    )
    for (const row of lost) this.#requeue(row)
    return lost.length
  }

  /** The running job of this attempt. @throws FencedError */
  running(key: RunKey): Job {
    return this.#running(key)
  }

  /** @throws FencedError */
  add(key: RunKey, counts: Partial<Record<Counter, number>>): void {
    const row = this.#running(key)
    const next: Record<string, number> = { ...row.progress }
    for (const [name, by] of Object.entries(counts)) next[name] = (next[name] ?? 0) + by
    row.progress = next as unknown as Progress
  }

  /** @throws FencedError */
  setUnreadable(key: RunKey, parts: readonly UnreadablePart[]): void {
    this.#running(key).unreadable = parts
  }

  #running(key: RunKey): Row {
    const row = this.#rows.find((one) => one.id === key.jobId)
    if (row?.status !== 'running' || row.attempt !== key.attempt)
      throw new FencedError(`Attempt ${key.attempt} of ${key.jobId} no longer owns the job.`)
    return row
  }

  #requeue(row: Row): void {
    if (row.cancelRequested) this.#end(row, { status: 'cancelled' })
    else Object.assign(row, { status: 'queued', owner: undefined, leaseUntil: 0 })
  }

  #end(row: Row, end: JobEnd): void {
    Object.assign(row, end, { completedAt: this.#clock.now(), owner: undefined, leaseUntil: 0 })
  }
}

function asJob({ owner: _, leaseUntil: __, ...job }: Row): Job {
  return structuredClone(job)
}
