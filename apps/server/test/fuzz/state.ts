import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'

/** Looks at the host's database from beside it. */
export interface State {
  /** Rises with every commit of somebody else. */
  version(): number
  /** Every row of every table, one text each, under its table's name. */
  dump(): ReadonlyMap<string, readonly string[]>
  /** Jobs that are not done. */
  unfinished(): number
  close(): void
}

/** Columns and tables that the host changes by itself: when a key was used, when a schedule is due, what webhooks are told. */
const volatile = new Set(['last_used_at', 'next_sync_at'])
const background = new Set(['leases', 'webhook_outbox', 'webhook_changes', 'webhook_deliveries'])

export function openState(file: string): State {
  const db = new DatabaseSync(file, { readOnly: true })
  const tables = db
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'")
    .all()
    .map(({ name }) => String(name))
    .filter((name) => !background.has(name))
  const version = db.prepare('PRAGMA data_version')
  const unfinished = db.prepare("SELECT count(*) AS n FROM jobs WHERE status IN ('queued', 'running')")
  return {
    version: () => Number(version.get()?.data_version),
    unfinished: () => Number(unfinished.get()?.n),
    dump: () =>
      new Map(tables.map((table) => [table, db.prepare(`SELECT * FROM "${table}"`).all().map(textOf).sort()])),
    close: () => db.close(),
  }
}

function textOf(row: Record<string, unknown>): string {
  return JSON.stringify(row, (name, value: unknown) => {
    if (volatile.has(name)) return undefined
    return value instanceof Uint8Array ? createHash('sha256').update(value).digest('hex') : value
  })
}

/** The rows that only one of two dumps has. */
export function difference(before: ReturnType<State['dump']>, after: ReturnType<State['dump']>): readonly string[] {
  return [...after].flatMap(([table, rows]) => {
    const [old, now] = [new Set(before.get(table)), new Set(rows)]
    return [
      ...[...old].filter((one) => !now.has(one)).map((one) => `- ${table} ${one}`),
      ...[...now].filter((one) => !old.has(one)).map((one) => `+ ${table} ${one}`),
    ]
  })
}
