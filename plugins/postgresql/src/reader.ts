import type { Database } from './client.ts'
import { sqlState, toConnectorError } from './errors.ts'
import type { Plan } from './plan.ts'
import { readStatement } from './statements.ts'
import type { Row } from './transaction.ts'

interface Waiting {
  readonly row: string
  readonly signal: AbortSignal
  readonly resolve: (row: Row | undefined) => void
  readonly reject: (error: unknown) => void
}

/**
 * Reads rows in batches, though they are asked for one by one: what is asked for in one tick, and while the earlier
 * batches are under way, becomes one query.
 */
export class RowReader {
  readonly #database: Database
  readonly #maxRowBytes: number
  readonly #parallel: number
  readonly #queues = new Map<Plan, Waiting[]>()
  #running = 0
  #scheduled = false

  constructor(database: Database, options: { readonly maxRowBytes: number; readonly parallel: number }) {
    this.#database = database
    this.#maxRowBytes = options.maxRowBytes
    this.#parallel = options.parallel
  }

  /** The document columns of one row, by its encoded key; undefined when there is no such row any more. */
  read(plan: Plan, row: string, signal: AbortSignal): Promise<Row | undefined> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<Row | undefined>()
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    const queue = this.#queues.get(plan) ?? []
    queue.push({ row, signal, resolve, reject })
    this.#queues.set(plan, queue)
    if (!this.#scheduled) {
      this.#scheduled = true
      setImmediate(() => {
        this.#scheduled = false
        this.#next()
      })
    }
    return promise.finally(() => signal.removeEventListener('abort', abort))
  }

  #next(): void {
    for (const [plan, queue] of this.#queues) {
      while (this.#running < this.#parallel && queue.length > 0) {
        const batch = queue.splice(0, plan.batchRows).filter(({ signal }) => !signal.aborted)
        if (batch.length === 0) continue
        this.#running++
        void this.#load(plan, batch).finally(() => {
          this.#running--
          this.#next()
        })
      }
      if (queue.length === 0) this.#queues.delete(plan)
    }
  }

  /** Settles every row of the batch; never rejects. */
  async #load(plan: Plan, batch: readonly Waiting[]): Promise<void> {
    const all = new AbortController()
    let left = batch.length
    const abort = () => {
      if (--left === 0) all.abort(batch[0]?.signal.reason)
    }
    for (const { signal } of batch) signal.addEventListener('abort', abort, { once: true })
    try {
      const statement = readStatement(
        plan,
        batch.map(({ row }) => row),
        this.#maxRowBytes,
      )
      const rows = await this.#database.read(all.signal, (transaction) => transaction.rows(statement))
      const found = new Map(rows.map(([position, ...row]) => [Number(position), row]))
      batch.forEach(({ resolve }, i) => {
        resolve(found.get(i + 1))
      })
    } catch (error) {
      await this.#recover(plan, batch, error)
    } finally {
      for (const { signal } of batch) signal.removeEventListener('abort', abort)
    }
  }

  async #recover(plan: Plan, batch: readonly Waiting[], error: unknown): Promise<void> {
    const state = sqlState(error)
    // A statement timeout may pass with fewer rows; a value that cannot be read (class 22) spoils only its own row.
    if (batch.length > 1 && (state === '57014' || state.startsWith('22'))) {
      const half = batch.length >> 1
      await this.#load(plan, batch.slice(0, half))
      await this.#load(plan, batch.slice(half))
      return
    }
    const failure = toConnectorError(error, `Reading ${plan.label}`)
    for (const { reject } of batch) reject(failure)
  }
}
