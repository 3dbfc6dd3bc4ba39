import type { Entry, Json, JsonSchema, Log, Lookup } from '@cx/core'
import postgresql from '../src/index.ts'
import type { Session } from '../src/session.ts'
import { type Cluster, password, superuser } from './cluster.ts'

export interface Line {
  readonly message: string
  readonly fields: unknown
}

export interface Driver {
  readonly session: Session
  readonly lines: readonly Line[]
  readonly unreadable: { path: string; code: string; message: string }[]
  list(options?: {
    resume?: Json
    paths?: readonly string[]
    signal?: AbortSignal
  }): AsyncIterable<Entry | { kind: 'checkpoint'; cursor: Json }>
  entries(paths?: readonly string[]): Promise<Entry[]>
  read(entry: Entry): Promise<string>
  /** Path to text of everything. */
  everything(): Promise<Record<string, string>>
  check(): ReturnType<typeof postgresql.check>
  now(): Promise<Json>
  since(cursor: Json): AsyncIterable<Entry | { kind: 'checkpoint'; cursor: Json } | { kind: 'removed'; id: string }>
  close(): Promise<void>
}

/** As the host does: validated configuration with its defaults in. */
export function withDefaults(config: Readonly<Record<string, Json>>): Record<string, Json> {
  const properties: Readonly<Record<string, JsonSchema>> = postgresql.config.properties ?? {}
  const defaults = Object.entries(properties).flatMap(([name, { default: value }]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  return { ...Object.fromEntries(defaults), ...config }
}

/** Drives the connector's verbs as the engine does. */
export async function drive(
  cluster: Cluster,
  given: Readonly<Record<string, Json>> = {},
  login: Readonly<Record<string, Json>> = { user: superuser, password },
  lookup?: Lookup,
): Promise<Driver> {
  const config = withDefaults({ host: '127.0.0.1', port: cluster.port, database: 'postgres', ...given })
  const lines: Line[] = []
  const keep = (message: string, fields?: unknown) => void lines.push({ message, fields })
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep }
  const { signal } = new AbortController()
  const unreadable: Driver['unreadable'] = []
  const session = (await postgresql.connect({
    config,
    credentials: async () => ({ method: 'password', ...login }),
    fetch: globalThis.fetch,
    ...(lookup && { lookup }),
    log,
    signal,
  })) as Session
  const run = { config, log, signal }
  const driver: Driver = {
    session,
    lines,
    unreadable,
    list: (options = {}) =>
      postgresql.list(session, {
        ...run,
        ...options,
        unreadable: (path, error) => {
          const { code, message } = error as { code: string; message: string }
          unreadable.push({ path, code, message })
        },
      }),
    async entries(paths) {
      const items = await Array.fromAsync(driver.list(paths ? { paths } : {}))
      return items.filter((item): item is Entry => !('kind' in item))
    },
    async read(entry) {
      const { body } = await postgresql.read(session, entry, run)
      return typeof body === 'string' ? body : Buffer.from(body as Uint8Array).toString()
    },
    async everything() {
      const entries = await driver.entries()
      return Object.fromEntries(await Promise.all(entries.map(async (entry) => [entry.path, await driver.read(entry)])))
    },
    check: () => Promise.resolve(postgresql.check(session, run)),
    now: () => postgresql.changes!.now(session, run),
    since: (cursor) => postgresql.changes!.since(session, cursor, run),
    close: async () => postgresql.close?.(session),
  }
  return driver
}

/** Opens a connector, runs `work`, closes it. */
export async function using<T>(
  cluster: Cluster,
  config: Readonly<Record<string, Json>>,
  work: (driver: Driver) => Promise<T>,
  login?: Readonly<Record<string, Json>>,
  lookup?: Lookup,
): Promise<T> {
  const driver = await drive(cluster, config, login, lookup)
  try {
    return await work(driver)
  } finally {
    await driver.close()
  }
}
