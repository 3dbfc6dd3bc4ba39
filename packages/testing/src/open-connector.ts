import type {
  Acl,
  BrowseItem,
  Checkpoint,
  CheckResult,
  Content,
  Entry,
  Json,
  Lookup,
  Principal,
  Run,
  SourceConnector,
} from '@cx/core'
import { configured } from './driver/schema.ts'
import { isCheckpoint, isRemoved, throughStore } from './driver/session.ts'
import { createTestLog } from './fakes/log.ts'

export interface OpenConnectorOptions {
  readonly config: Readonly<Record<string, Json>>
  /** Called each time the connector asks, with what it asks; `{ method: 'none' }` unless given. */
  readonly credentials?: (options?: { readonly refused?: boolean }) => unknown
  readonly fetch?: typeof globalThis.fetch
  readonly lookup?: Lookup
  readonly signal?: AbortSignal
}

export interface ListOptions {
  readonly resume?: Json
  readonly paths?: readonly string[]
}

type Unreadable = Error & { readonly code?: string; readonly remediation?: string }

interface Target {
  readonly url: string
  readonly secret: string
}

type Subscription = Promise<{ readonly handle: Json; readonly expiresAt?: number }>

/** One session of a connector, its verbs in plain form. Cursors come back as the store gives them. */
export interface OpenConnector extends AsyncDisposable {
  readonly session: unknown
  readonly run: Run<never>
  /** What was logged: the message and its fields as JSON. */
  readonly logs: readonly string[]
  /** Parts that listings could not read, in order. */
  readonly unreadable: readonly { readonly path: string; readonly error: Unreadable }[]
  items(options?: ListOptions): AsyncIterable<Entry | Checkpoint>
  list(options?: ListOptions): Promise<Entry[]>
  /** Sorted. */
  paths(options?: ListOptions): Promise<string[]>
  /** Of an entry as the store gives it back; undefined, as of a search without a find, throws. */
  read(entry: Entry | undefined): Promise<Content>
  text(entry: Entry | undefined): Promise<string>
  bytes(entry: Entry | undefined): Promise<Buffer>
  check(): Promise<CheckResult>
  now(): Promise<Json>
  /** `next` is the last checkpoint's cursor, null when there was none. */
  since(cursor: Json): Promise<{ readonly upserts: Entry[]; readonly gone: string[]; readonly next: Json }>
  acls(entries: readonly Entry[]): Promise<Map<string, Acl>>
  groups(): Promise<{ readonly id: string; readonly members: readonly Principal[] }[]>
  browse(path?: string): Promise<BrowseItem[]>
  subscribe(target: Target): Subscription
  renew(handle: Json, target: Target): Subscription
}

/**
 * Opens a connector as the host does, with validated configuration and its defaults, for tests of single verbs. Close it
 * with `await using`.
 *
 * @throws TypeError when the connector's own schema refuses the configuration, with every problem.
 */
export async function openConnector(
  connector: SourceConnector,
  {
    config: given,
    credentials = () => ({ method: 'none' }),
    fetch = globalThis.fetch,
    lookup,
    signal = new AbortController().signal,
  }: OpenConnectorOptions,
): Promise<OpenConnector> {
  const config = configured(connector, given)
  const log = createTestLog()
  const session = await connector.connect({
    config,
    credentials: async (options) => (await credentials(options)) as never,
    fetch,
    ...(lookup && { lookup }),
    log,
    signal,
  })
  const run = { config, log, signal } as unknown as Run<never>
  const unreadable: { path: string; error: Error }[] = []
  const items: OpenConnector['items'] = (options = {}) =>
    connector.list(session, {
      ...run,
      ...options,
      unreadable: (path, error) => void unreadable.push({ path, error: error as Error }),
    })
  const list: OpenConnector['list'] = async (options) =>
    (await Array.fromAsync(items(options))).filter((item) => !isCheckpoint(item)) as Entry[]
  const read: OpenConnector['read'] = async (entry) => {
    if (entry === undefined) throw new TypeError('There is no such entry to read.')
    return connector.read(session, throughStore(entry), run)
  }
  const response = async (entry: Entry | undefined) =>
    new Response((await read(entry)).body as ConstructorParameters<typeof Response>[0])
  return {
    session,
    run,
    get logs() {
      return log.lines.map(({ message, fields }) => `${message} ${JSON.stringify(fields)}`)
    },
    unreadable,
    items,
    list,
    paths: async (options) => (await list(options)).map(({ path }) => path).sort(),
    read,
    text: async (entry) => (await response(entry)).text(),
    bytes: async (entry) => Buffer.from(await (await response(entry)).arrayBuffer()),
    check: async () => connector.check(session, run),
    now: async () => throughStore(await declared(connector.changes, 'changes').now(session, run)),
    async since(cursor) {
      const upserts: Entry[] = []
      const gone: string[] = []
      let next: Json = null
      for await (const item of declared(connector.changes, 'changes').since(session, cursor, run))
        if (isCheckpoint(item)) next = throughStore(item.cursor)
        else if (isRemoved(item)) gone.push(item.id)
        else upserts.push(item)
      return { upserts, gone, next }
    },
    acls: async (entries) =>
      new Map(
        (await Array.fromAsync(declared(connector.permissions, 'permissions').acls(session, entries, run))).map(
          ({ id, acl }) => [id, acl],
        ),
      ),
    groups: () => Array.fromAsync(declared(connector.permissions?.groups, 'permissions.groups')(session, run)),
    browse: (path = '') => Array.fromAsync(declared(connector.browse, 'browse').children(session, path, run)),
    subscribe: async (target) =>
      declared(declared(connector.webhook, 'webhook').subscribe, 'webhook.subscribe')(session, target, run),
    renew: async (handle, target) =>
      declared(declared(connector.webhook, 'webhook').renew, 'webhook.renew')(session, handle, target, run),
    [Symbol.asyncDispose]: async () => connector.close?.(session),
  }
}

function declared<T>(part: T | undefined, name: string): T {
  if (part === undefined) throw new TypeError(`The connector declares no \`${name}\`.`)
  return part
}
