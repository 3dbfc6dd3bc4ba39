import type { ConnectionOptions } from 'node:tls'
import type { Log, Lookup } from '@cx/core'
import pg from 'pg'
import type { Config, Login } from './config.ts'
import { sqlState, toConnectorError } from './errors.ts'
import { createSocket } from './socket.ts'
import { tlsOptions } from './ssl.ts'
import { Transaction } from './transaction.ts'

/** A pool of connections to one database, and the only way to run statements: read-only transactions. */
export class Database {
  readonly #config: Config
  readonly #login: Login
  readonly #log: Log
  readonly #lookup: Lookup | undefined
  #pool: pg.Pool
  #encrypted: boolean

  constructor(
    config: Config,
    login: Login,
    { lookup, log }: { readonly lookup?: Lookup | undefined; readonly log: Log },
  ) {
    this.#config = config
    this.#login = login
    this.#log = log
    this.#lookup = lookup
    const tls = tlsOptions(config, login)
    this.#encrypted = tls !== false
    this.#pool = this.#createPool(tls)
  }

  /** Whether connections use TLS; known for sure once one was made. */
  get encrypted(): boolean {
    return this.#encrypted
  }

  /** Runs `work` in a REPEATABLE READ READ ONLY transaction with this connector's timeouts and formats. */
  async read<T>(signal: AbortSignal, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const transaction = await this.begin(signal)
    try {
      const result = await work(transaction)
      await transaction.commit()
      return result
    } finally {
      await transaction.close()
    }
  }

  /** Opens such a transaction; the caller closes it. */
  async begin(signal: AbortSignal): Promise<Transaction> {
    const client = await this.#acquire(signal)
    const transaction = new Transaction(client, signal, (pid) => this.#cancel(pid))
    try {
      await transaction.begin(this.#config)
      return transaction
    } catch (error) {
      await transaction.close()
      throw error
    }
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }

  #createPool(ssl: ConnectionOptions | false): pg.Pool {
    const { host, port, database, maxConnections } = this.#config
    const { user, password } = this.#login
    const lookup = this.#lookup
    const pool = new pg.Pool({
      ...(lookup && { stream: () => createSocket(lookup) }),
      host,
      port,
      database,
      user,
      // A function, so that PGPASSWORD and ~/.pgpass of the host are never sent to a server somebody typed in.
      password: () => password ?? '',
      ssl,
      max: maxConnections,
      application_name: 'cx',
      client_encoding: 'UTF8',
      keepAlive: true,
      connectionTimeoutMillis: 15_000,
      idleTimeoutMillis: 10_000,
      allowExitOnIdle: true,
    })
    // Without a listener an idle connection that the server ends would end this process.
    pool.on('error', (error) => this.#log.debug('An idle connection was lost.', { code: sqlState(error) }))
    return pool
  }

  async #acquire(signal: AbortSignal): Promise<pg.PoolClient> {
    signal.throwIfAborted()
    const pool = this.#pool
    const connecting = pool.connect()
    const aborted = Promise.withResolvers<never>()
    const abort = () => {
      connecting.then(
        (client) => client.release(),
        () => {},
      )
      aborted.reject(signal.reason)
    }
    signal.addEventListener('abort', abort, { once: true })
    try {
      return await Promise.race([connecting, aborted.promise])
    } catch (error) {
      if (signal.aborted) throw signal.reason
      if (this.#config.sslMode === 'prefer' && isWithoutTls(error)) {
        if (this.#pool === pool) {
          this.#encrypted = false
          this.#pool = this.#createPool(false)
          await pool.end()
        }
        if (this.#pool !== pool) return this.#acquire(signal)
      }
      throw toConnectorError(error, `Could not connect to ${this.#config.host}:${this.#config.port}`)
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** Asks the server to stop what an abandoned connection runs; nobody waits for it. */
  #cancel(pid: number): void {
    if (this.#pool.ending) return
    this.#pool.query({ text: 'SELECT pg_catalog.pg_cancel_backend($1)', values: [pid] }).catch(() => {})
  }
}

/** As libpq's `prefer`: no TLS at the server, or a pg_hba.conf that only lets unencrypted connections in. */
function isWithoutTls(error: unknown): boolean {
  const message = error instanceof Error ? error.message : ''
  return /does not support SSL/.test(message) || (sqlState(error) === '28000' && message.includes('pg_hba.conf'))
}
