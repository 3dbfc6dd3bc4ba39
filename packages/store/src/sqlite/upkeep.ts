import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { storeError } from './errors.ts'
import { migrations } from './migrations.ts'

/** What an operator wants to know of a database that nobody need have open. */
export interface DatabaseReport {
  /** What SQLite's own check found; empty when all is well. */
  readonly problems: readonly string[]
  readonly schemaVersion: number
  /** Of this cx. */
  readonly knownVersion: number
  readonly bytes: number
  /** Ids of the keys that something in it is encrypted with. */
  readonly keyIds: readonly string[]
}

const logs = ['-wal', '-shm']
const sealedIn = ['secrets', 'tickets', 'webhooks']

/** Looks at a database without changing it, beside servers that run on it. @throws Error when it cannot be opened. */
export function inspectDatabase(file: string): DatabaseReport {
  const db = open(file)
  try {
    const problems = db
      .prepare<[], { quick_check: string }>('PRAGMA quick_check(20)')
      .all()
      .map((row) => row.quick_check)
      .filter((found) => found !== 'ok')
    const tables = db
      .prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'")
      .all()
      .map(({ name }) => name)
    if (!tables.includes('connectors') || !tables.includes('documents'))
      problems.push('It is not a database of cx: it has no connectors and documents.')
    const keyIds = sealedIn
      .filter((table) => tables.includes(table))
      .flatMap((table) => db.prepare<[], { key_id: string }>(`SELECT DISTINCT key_id FROM ${table}`).all())
      .map((row) => row.key_id)
    return {
      problems,
      schemaVersion: Number(db.pragma('user_version', { simple: true })),
      knownVersion: migrations.length,
      bytes: Number(db.pragma('page_count', { simple: true })) * Number(db.pragma('page_size', { simple: true })),
      keyIds: [...new Set(keyIds)],
    }
  } finally {
    db.close()
  }
}

/**
 * Writes a consistent copy, of one moment, while servers go on. The copy appears under its name only once it is whole.
 *
 * @throws Error when there is no database, or the target exists.
 */
export function backupDatabase(file: string, target: string): void {
  const to = resolve(target)
  if (existsSync(to)) throw storeError('exists', `${to} exists already. Name another file, or remove it first.`)
  mkdirSync(dirname(to), { recursive: true })
  const part = `${to}.part`
  rmSync(part, { force: true })
  const db = open(file)
  try {
    db.prepare('VACUUM INTO ?').run(part)
    chmodSync(part, 0o600)
    renameSync(part, to)
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  } finally {
    db.close()
  }
}

/**
 * Puts a backup in the place of the database, and keeps what was there beside it.
 *
 * @returns where the former database is now; undefined when there was none.
 * @throws Error `in_use` while any process has the database open, `invalid_backup` when the backup is not whole.
 */
export function restoreDatabase(file: string, backup: string): string | undefined {
  const { problems, schemaVersion, knownVersion } = inspectDatabase(backup)
  if (problems.length > 0) throw storeError('invalid_backup', `${backup} cannot be restored: ${problems.join('; ')}`)
  if (schemaVersion > knownVersion)
    throw storeError(
      'invalid_backup',
      `${backup} was made by a newer cx (schema ${schemaVersion}, this one knows ${knownVersion}).`,
    )
  const to = resolve(file)
  mkdirSync(dirname(to), { recursive: true })
  const part = `${to}.restoring`
  try {
    copyFileSync(backup, part)
    chmodSync(part, 0o600)
    flush(part)
    const former = setAside(to)
    renameSync(part, to)
    return former
  } finally {
    rmSync(part, { force: true })
  }
}

/** Leaving the WAL is possible only for the one process that has the database open, and puts everything into the one file. */
function setAside(file: string): string | undefined {
  if (!existsSync(file)) {
    // A log without its database would be taken for the new one's.
    for (const rest of logs) rmSync(file + rest, { force: true })
    return undefined
  }
  let db: Database.Database | undefined
  try {
    db = new Database(file, { timeout: 500 })
    db.pragma('journal_mode = DELETE')
  } catch (error) {
    const code = String((error as { code?: unknown }).code)
    if (code.startsWith('SQLITE_BUSY'))
      throw storeError('in_use', `A server runs on ${file}. Stop it first, then restore.`)
    // What is broken can be no server's, and is just what a restore is for.
    if (!/^SQLITE_(CORRUPT|NOTADB)/.test(code)) throw error
  } finally {
    db?.close()
  }
  const former = `${file}.before-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`
  renameSync(file, former)
  // Those of a broken database; a sound one has none any more.
  for (const rest of logs) if (existsSync(file + rest)) renameSync(file + rest, former + rest)
  return former
}

function flush(file: string): void {
  const handle = openSync(file, 'r+')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function open(file: string): Database.Database {
  if (!existsSync(file)) throw storeError('not_found', `There is no database at ${file}.`)
  return new Database(file, { readonly: true, timeout: 10_000 })
}
