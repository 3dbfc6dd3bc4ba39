import Database from 'better-sqlite3'

/** What can be bound: booleans and objects are encoded by the caller. */
export type Param = string | number | bigint | null | Uint8Array

export interface ConnectionOptions {
  readonly file: string
  readonly readonly?: boolean
  /** Page cache in MB. */
  readonly cacheMb?: number
}

/** One SQLite connection with its prepared statements, which are kept by their text: pass constants. */
export class Connection {
  readonly raw: Database.Database
  readonly #statements = new Map<string, Database.Statement<Param[], unknown>>()
  #last: { flush(): void } | undefined
  #unreadable: ReadonlySet<string> = new Set()

  constructor({ file, readonly = false, cacheMb = 16 }: ConnectionOptions) {
    this.raw = new Database(file, { readonly, timeout: 10_000 })
    if (!readonly) {
      this.raw.pragma('journal_mode = WAL')
      this.raw.pragma('synchronous = NORMAL')
      this.raw.pragma('journal_size_limit = 67108864')
    }
    this.raw.pragma(`cache_size = -${cacheMb * 1024}`)
    this.raw.pragma('foreign_keys = ON')
    this.raw.pragma('temp_store = MEMORY')
    this.raw.function('cx_unreadable', (path: unknown) => (isUnder(String(path), this.#unreadable) ? 1 : 0))
  }

  prepare<T>(sql: string): Database.Statement<Param[], T> {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      if (this.#statements.size > 500) this.#statements.clear()
      statement = this.raw.prepare<Param[], unknown>(sql)
      this.#statements.set(sql, statement)
    }
    return statement as Database.Statement<Param[], T>
  }

  get<T>(sql: string, ...params: Param[]): T | undefined {
    return this.prepare<T>(sql).get(...params)
  }

  all<T>(sql: string, ...params: Param[]): T[] {
    return this.prepare<T>(sql).all(...params)
  }

  /** Returns how many rows it changed. */
  run(sql: string, ...params: Param[]): number {
    return this.prepare(sql).run(...params).changes
  }

  /** Runs an INSERT and returns the new row's key. */
  insert(sql: string, ...params: Param[]): number {
    return Number(this.prepare(sql).run(...params).lastInsertRowid)
  }

  /** All or nothing; takes the write lock at once. Nested calls join the outer one. */
  transaction<T>(work: () => T): T {
    if (this.raw.inTransaction) return work()
    try {
      return this.raw
        .transaction(() => {
          const value = work()
          this.#last?.flush()
          return value
        })
        .immediate()
    } finally {
      this.#last = undefined
    }
  }

  /** What this transaction does at its end, made by the first who asks. */
  atEnd<T extends { flush(): void }>(create: () => T): T {
    this.#last ??= create()
    return this.#last as T
  }

  /** The parts that `cx_unreadable(path)` tells of, for the statements inside `work`. */
  withUnreadable<T>(parts: readonly string[], work: () => T): T {
    this.#unreadable = new Set(parts.map((part) => (part.endsWith('/') ? part.slice(0, -1) : part)))
    try {
      return work()
    } finally {
      this.#unreadable = new Set()
    }
  }

  close(): void {
    this.raw.close()
  }
}

function isUnder(path: string, parts: ReadonlySet<string>): boolean {
  if (parts.has('') || parts.has(path)) return true
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1))
    if (parts.has(path.slice(0, slash))) return true
  return false
}
