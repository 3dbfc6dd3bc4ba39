import type pg from 'pg'
import type { Config } from './config.ts'

/** One row: every value as PostgreSQL writes it, or null. Text is the only form that loses nothing. */
export type Row = (string | null)[]

export interface Statement {
  readonly text: string
  readonly values?: readonly unknown[]
}

export interface Column {
  readonly name: string
  readonly typeId: number
}

/** The driver takes it, its types do not know it. */
interface ExtendedQuery extends pg.QueryArrayConfig {
  queryMode: 'extended'
}

const asText = { getTypeParser: () => (value: unknown) => value } as unknown as pg.CustomTypesConfig

/** A read-only transaction on one connection. Ends at once when the signal is aborted. */
export class Transaction {
  readonly #client: pg.PoolClient
  readonly #signal: AbortSignal
  readonly #abort: () => void
  #broken = false
  #open = false
  #closed = false

  constructor(client: pg.PoolClient, signal: AbortSignal, cancel: (pid: number) => void) {
    this.#client = client
    this.#signal = signal
    client.on('error', this.#onError)
    this.#abort = () => {
      const { processID } = client as unknown as { readonly processID: number }
      this.#broken = true
      this.#release()
      cancel(processID)
    }
    signal.addEventListener('abort', this.#abort, { once: true })
  }

  readonly #onError = (): void => {
    this.#broken = true
  }

  async begin(config: Config): Promise<void> {
    this.#signal.throwIfAborted()
    await this.rows({ text: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' })
    this.#open = true
    // Local to the transaction, so that a pooler such as PgBouncer gives the next user a clean connection.
    await this.rows({
      text: `SELECT pg_catalog.set_config('TimeZone', 'UTC', true),
  pg_catalog.set_config('DateStyle', 'ISO, YMD', true), pg_catalog.set_config('IntervalStyle', 'postgres', true),
  pg_catalog.set_config('bytea_output', 'hex', true), pg_catalog.set_config('extra_float_digits', '1', true),
  pg_catalog.set_config('synchronize_seqscans', 'off', true),
  pg_catalog.set_config('cursor_tuple_fraction', '1', true),
  pg_catalog.set_config('statement_timeout', $1, true), pg_catalog.set_config('lock_timeout', $2, true),
  pg_catalog.set_config('idle_in_transaction_session_timeout', $3, true),
  pg_catalog.set_config('row_security', $4, true),
  CASE WHEN $5 THEN pg_catalog.set_config('search_path',
    pg_catalog.quote_ident($6) || ', ' || pg_catalog.current_setting('search_path'), true) END`,
      values: [
        String(config.statementTimeoutMs),
        String(config.lockTimeoutMs),
        String(Math.max(config.statementTimeoutMs, 600_000)),
        config.allowRls ? 'on' : 'off',
        config.query !== undefined,
        config.schema,
      ],
    })
  }

  /**
   * Runs one statement by the extended protocol, which refuses a second one after a semicolon: the simple protocol,
   * node-postgres' choice when there are no values, would run `COMMIT; DROP TABLE` out of a custom query.
   */
  async rows(statement: Statement): Promise<Row[]> {
    return (await this.#run(statement)).rows
  }

  /** The result's columns, without rows. */
  async columns(statement: Statement): Promise<Column[]> {
    const { fields } = await this.#run(statement)
    return fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID }))
  }

  /** Opens the server-side cursor of this transaction. */
  async declare(statement: Statement): Promise<void> {
    await this.#run({ ...statement, text: `DECLARE cx NO SCROLL CURSOR FOR ${statement.text}` })
  }

  /** The cursor's next rows; fewer than asked for at its end. */
  fetch(count: number): Promise<Row[]> {
    return this.rows({ text: `FETCH FORWARD ${count} FROM cx` })
  }

  async commit(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    await this.rows({ text: 'COMMIT' })
  }

  /** Rolls back what was not committed and gives the connection back. Safe to call twice. */
  async close(): Promise<void> {
    if (this.#open && !this.#broken && !this.#closed) {
      this.#open = false
      await this.rows({ text: 'ROLLBACK' }).catch(this.#onError)
    }
    this.#release()
  }

  async #run({ text, values = [] }: Statement): Promise<pg.QueryArrayResult<Row>> {
    this.#signal.throwIfAborted()
    const query: ExtendedQuery = {
      text,
      values: [...values],
      rowMode: 'array',
      types: asText,
      queryMode: 'extended',
    }
    try {
      return await this.#client.query<Row>(query)
    } catch (error) {
      this.#signal.throwIfAborted()
      throw error
    }
  }

  #release(): void {
    if (this.#closed) return
    this.#closed = true
    this.#signal.removeEventListener('abort', this.#abort)
    this.#client.off('error', this.#onError)
    this.#client.release(this.#broken)
  }
}
