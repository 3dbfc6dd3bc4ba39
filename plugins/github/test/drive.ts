import type { Checkpoint, Content, Entry, Json, Removed } from '@cx/core'
import github from '../src/index.ts'

export interface DriveOptions {
  readonly config: Readonly<Record<string, Json>>
  readonly credentials?: Readonly<Record<string, Json>> & { readonly method: string }
  readonly signal?: AbortSignal
  readonly fetch?: typeof globalThis.fetch
}

/** What validation adds to a configuration. */
export const defaults: Record<string, Json> = Object.fromEntries(
  Object.entries(github.config.properties!).flatMap(([name, { default: value }]) =>
    value === undefined ? [] : [[name, value]],
  ),
)

/** One session of the connector with the verbs in plain form, closed by `using`. */
export async function drive({
  config,
  credentials = { method: 'none' },
  signal = new AbortController().signal,
  fetch = globalThis.fetch,
}: DriveOptions) {
  const logs: string[] = []
  const write = (message: string, fields?: object) => void logs.push(`${message} ${JSON.stringify(fields ?? {})}`)
  const log = { debug: write, info: write, warn: write, error: write }
  const full = { ...defaults, ...config }
  const session = await github.connect({
    config: full,
    credentials: async () => credentials as never,
    fetch,
    log,
    signal,
  })
  const run = { config: full, log, signal }
  const unreadable: { path: string; error: unknown }[] = []
  return {
    logs,
    unreadable,
    session,
    run,
    listItems: (extra: { resume?: Json; paths?: readonly string[] } = {}) =>
      github.list(session, { ...run, ...extra, unreadable: (path, error) => void unreadable.push({ path, error }) }),
    async list(extra: { resume?: Json; paths?: readonly string[] } = {}): Promise<Entry[]> {
      const entries: Entry[] = []
      for await (const item of this.listItems(extra)) if (!('kind' in item)) entries.push(item)
      return entries
    },
    read: (entry: Entry): Promise<Content> => github.read(session, entry, run),
    text: async (entry: Entry): Promise<string> =>
      new Response((await github.read(session, entry, run)).body as ConstructorParameters<typeof Response>[0]).text(),
    bytes: async (entry: Entry): Promise<Buffer> =>
      Buffer.from(
        await new Response(
          (await github.read(session, entry, run)).body as ConstructorParameters<typeof Response>[0],
        ).arrayBuffer(),
      ),
    now: () => github.changes!.now(session, run),
    async since(cursor: Json) {
      const upserts: Entry[] = []
      const gone: string[] = []
      let next: Json = null
      for await (const item of github.changes!.since(session, cursor, run)) {
        const change = item as Entry | Removed | Checkpoint
        if (!('kind' in change)) upserts.push(change)
        else if (change.kind === 'removed') gone.push(change.id)
        else next = change.cursor
      }
      return { upserts, gone, next }
    },
    check: () => github.check(session, run),
    acls: (entries: readonly Entry[]) => Array.fromAsync(github.permissions!.acls(session, entries, run)),
    groups: () => Array.fromAsync(github.permissions!.groups!(session, run)),
    browse: (path: string) => Array.fromAsync(github.browse!.children(session, path, run)),
    async [Symbol.asyncDispose]() {
      await github.close!(session)
    },
  }
}
