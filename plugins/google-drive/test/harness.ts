import type { Acl, Checkpoint, Entry, Json, Removed, Run } from '@cx/core'
import connector from '../src/index.ts'
import { driveScope, FakeDrive } from './fake/server.ts'

export const accessToken = 'ya29.test-token-5c1d'

export interface OpenOptions {
  readonly config?: Readonly<Record<string, Json>>
  readonly credentials?: () => Readonly<Record<string, Json>>
  readonly fetch?: typeof globalThis.fetch
  readonly signal?: AbortSignal
}

const defaults: Record<string, Json> = Object.fromEntries(
  Object.entries(connector.config.properties!).flatMap(([name, { default: value }]) =>
    value === undefined ? [] : [[name, value]],
  ),
)

/** A fake that knows the token of {@link open}; stopped by `using`. */
export async function fake(): Promise<FakeDrive & AsyncDisposable> {
  const drive = await new FakeDrive().start()
  drive.token(accessToken, [driveScope])
  return Object.assign(drive, { [Symbol.asyncDispose]: () => drive.stop() })
}

/** One session of the connector with its verbs in plain form. */
export async function open(drive: FakeDrive, options: OpenOptions = {}) {
  const { credentials = () => ({ method: 'oauth', accessToken, extra: {} }), fetch = globalThis.fetch } = options
  const { signal = new AbortController().signal } = options
  const config = { ...defaults, apiUrl: drive.url, ...options.config }
  const logs: string[] = []
  const write = (message: string, fields?: object) => void logs.push(`${message} ${JSON.stringify(fields ?? {})}`)
  const log = { debug: write, info: write, warn: write, error: write }
  const session = await connector.connect({
    config,
    credentials: async () => credentials() as never,
    fetch,
    log,
    signal,
  })
  const run = { config, log, signal }
  const unreadable: { path: string; error: unknown }[] = []
  async function listItems(extra: { resume?: Json; paths?: readonly string[] } = {}) {
    const entries: Entry[] = []
    const cursors: Json[] = []
    const list = connector.list(session, {
      ...run,
      ...extra,
      unreadable: (path, error) => void unreadable.push({ path, error }),
    })
    for await (const item of list)
      if ('kind' in item) cursors.push(item.cursor)
      else entries.push(item)
    return { entries, cursors }
  }
  return {
    logs,
    session,
    run: run as Run<never>,
    unreadable,
    listItems,
    list: async (extra: { resume?: Json; paths?: readonly string[] } = {}): Promise<Entry[]> =>
      (await listItems(extra)).entries,
    paths: async (): Promise<string[]> => (await listItems()).entries.map(({ path }) => path).sort(),
    text: async (entry: Entry | undefined): Promise<string> =>
      new Response(
        (await connector.read(session, entry!, run)).body as ConstructorParameters<typeof Response>[0],
      ).text(),
    now: () => connector.changes!.now(session, run),
    async since(cursor: Json) {
      const entries: Entry[] = []
      const gone: string[] = []
      let next: Json = null
      for await (const item of connector.changes!.since(session, cursor, run)) {
        const change = item as Entry | Removed | Checkpoint
        if (!('kind' in change)) entries.push(change)
        else if (change.kind === 'removed') gone.push(change.id)
        else next = change.cursor
      }
      return { entries, gone, next }
    },
    check: () => connector.check(session, run),
    acls: async (entries: readonly Entry[]) =>
      new Map(
        (await Array.fromAsync(connector.permissions!.acls(session, entries, run))).map(({ id, acl }) => [id, acl]),
      ),
    groups: () => Array.fromAsync(connector.permissions!.groups!(session, run)),
    browse: (path: string) => Array.fromAsync(connector.browse!.children(session, path, run)),
    subscribe: (url: string, secret: string) => connector.webhook!.subscribe!(session, { url, secret }, run),
    renew: (handle: Json, url: string, secret: string) =>
      connector.webhook!.renew!(session, handle, { url, secret }, run),
  }
}

/** Ids of who may read, sorted. */
export function readers(acl: Acl | undefined): string[] | undefined {
  return acl?.allOf[0]?.map((one) => ('id' in one ? `${one.type}:${one.id}` : one.type)).sort()
}

export const refusal = (
  work: Promise<unknown>,
): Promise<{ code?: string; message?: string; remediation?: string; retryAfterMs?: number }> =>
  work.then(
    () => ({ code: 'none' }),
    (error: unknown) => error as { code: string; message: string },
  )
