import type { Checkpoint, Content, Entry, Json, Removed } from '@cx/core'
import notion from '../src/index.ts'
import type { FakeNotion } from './fake-notion.ts'

export const token = 'ntn_test-51c2'

/** What validation adds to a configuration. */
const defaults: Record<string, Json> = Object.fromEntries(
  Object.entries(notion.config.properties!).flatMap(([name, { default: value }]) =>
    value === undefined ? [] : [[name, value]],
  ),
)

export interface DriveOptions {
  readonly config?: Readonly<Record<string, Json>>
  readonly credentials?: (options?: { refused?: boolean }) => Promise<unknown>
  readonly fetch?: typeof globalThis.fetch
  readonly signal?: AbortSignal
}

/** One session of the connector with the verbs in plain form, closed by `using`. */
export async function drive(
  fake: FakeNotion,
  { config = {}, credentials, fetch = globalThis.fetch, signal = new AbortController().signal }: DriveOptions = {},
) {
  const logs: string[] = []
  const write = (message: string, fields?: object) => void logs.push(`${message} ${JSON.stringify(fields ?? {})}`)
  const log = { debug: write, info: write, warn: write, error: write }
  const full = { ...defaults, apiUrl: fake.url, ...config }
  const session = await notion.connect({
    config: full,
    credentials: (credentials ?? (async () => ({ method: 'token', token }))) as never,
    fetch,
    log,
    signal,
  })
  const run = { config: full, log, signal }
  const unreadable: { path: string; error: Error & { code?: string; remediation?: string } }[] = []
  return {
    logs,
    unreadable,
    items: (extra: { resume?: Json; paths?: readonly string[] } = {}) =>
      notion.list(session, {
        ...run,
        ...extra,
        unreadable: (path, error) => void unreadable.push({ path, error: error as Error }),
      }),
    async list(extra: { resume?: Json; paths?: readonly string[] } = {}): Promise<Entry[]> {
      const entries: Entry[] = []
      for await (const item of this.items(extra)) if (!('kind' in item)) entries.push(item)
      return entries
    },
    read: (entry: Entry): Promise<Content> => notion.read(session, entry, run),
    async text(entry: Entry): Promise<string> {
      const { body } = await notion.read(session, entry, run)
      return new Response(body as ConstructorParameters<typeof Response>[0]).text()
    },
    now: () => notion.changes!.now(session, run),
    async since(cursor: Json) {
      const upserts: Entry[] = []
      const gone: string[] = []
      let next: Json = null
      for await (const item of notion.changes!.since(session, cursor, run)) {
        const change = item as Entry | Removed | Checkpoint
        if (!('kind' in change)) upserts.push(change)
        else if (change.kind === 'removed') gone.push(change.id)
        else next = change.cursor
      }
      return { upserts, gone, next }
    },
    check: () => notion.check(session, run),
    acls: (entries: readonly Entry[]) => Array.fromAsync(notion.permissions!.acls(session, entries, run)),
    groups: () => Array.fromAsync(notion.permissions!.groups!(session, run)),
    browse: (path: string) => Array.fromAsync(notion.browse!.children(session, path, run)),
    async [Symbol.asyncDispose]() {
      await notion.close?.(session)
    },
  }
}
