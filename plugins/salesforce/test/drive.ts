import type { Checkpoint, Entry, Json, Removed } from '@cx/core'
import salesforce from '../src/index.ts'
import { FakeSalesforce } from './fake/server.ts'

const token = '00D5g00000AbCdE!AQcAQTestAccessToken'

/** What validation adds to a configuration. */
export const defaults: Record<string, Json> = Object.fromEntries(
  Object.entries(salesforce.config.properties!).flatMap(([name, { default: value }]) =>
    value === undefined ? [] : [[name, value]],
  ),
)

export interface OpenOptions {
  readonly config?: Readonly<Record<string, Json>>
  readonly credentials?: (options?: { readonly refused?: boolean }) => Promise<unknown>
}

/** A fake organisation and the connector's verbs over it, put away by `using`. */
export async function createWorld() {
  const fake = await new FakeSalesforce().start()
  fake.tokens.add(token)
  const { org } = fake
  const oauth = async () => ({ method: 'oauth', accessToken: token, extra: { instance_url: fake.url } })

  async function open({ config = {}, credentials = oauth }: OpenOptions = {}) {
    const logs: string[] = []
    const write = (message: string, fields?: object) => void logs.push(`${message} ${JSON.stringify(fields ?? {})}`)
    const log = { debug: write, info: write, warn: write, error: write }
    const full = { ...defaults, objects: ['Account'], instanceUrl: fake.url, ...config } as never
    const { signal } = new AbortController()
    const session = await salesforce.connect({ config: full, credentials: credentials as never, fetch, log, signal })
    const run = { config: full, log, signal }
    const unreadable: { path: string; error: { code: string; message: string } }[] = []
    const items = (extra: { resume?: Json; paths?: readonly string[] } = {}) =>
      salesforce.list(session, {
        ...run,
        ...extra,
        unreadable: (path, error) => void unreadable.push({ path, error: error as never }),
      })
    return {
      logs,
      unreadable,
      items,
      async list(extra: { resume?: Json; paths?: readonly string[] } = {}): Promise<Entry[]> {
        const entries: Entry[] = []
        for await (const item of items(extra)) if (!('kind' in item)) entries.push(item)
        return entries
      },
      async text(entry: Entry): Promise<string> {
        const { body } = await salesforce.read(session, entry, run)
        return new Response(body as never).text()
      },
      check: () => salesforce.check(session, run),
      now: async () => JSON.parse(JSON.stringify(await salesforce.changes!.now(session, run))) as Json,
      async since(cursor: Json) {
        const upserts: Entry[] = []
        const gone: string[] = []
        let next: Json = null
        for await (const item of salesforce.changes!.since(session, cursor, run)) {
          const change = item as Entry | Removed | Checkpoint
          if (!('kind' in change)) upserts.push(change)
          else if (change.kind === 'removed') gone.push(change.id)
          else next = change.cursor
        }
        return { upserts, gone, next: JSON.parse(JSON.stringify(next)) as Json }
      },
      async acls(entries: readonly Entry[]) {
        const found = new Map<string, readonly (readonly string[])[]>()
        for await (const { id, acl } of salesforce.permissions!.acls(session, entries, run))
          found.set(
            id,
            acl.allOf.map((set) => set.map((one) => ('id' in one ? one.id : one.type))),
          )
        return found
      },
      /** The e-mail addresses in a group, through the groups in it. */
      async people() {
        const groups = new Map<string, readonly { type: string; id?: string; email?: string }[]>()
        for await (const { id, members } of salesforce.permissions!.groups!(session, run)) groups.set(id, members)
        const members = (id: string, seen = new Set<string>()): string[] => {
          if (seen.has(id)) return []
          seen.add(id)
          const found = groups.get(id)
          if (!found) throw new Error(`Nobody lists ${id}.`)
          return found.flatMap((one) => (one.type === 'group' ? members(one.id!, seen) : [one.email ?? '']))
        }
        return (id: string) => [...new Set(members(id))].sort()
      },
      browse: async () => Array.fromAsync(salesforce.browse!.children(session, '', run)),
    }
  }
  return { fake, org, open, [Symbol.asyncDispose]: () => fake.stop() }
}

/** The error that work ends with. */
export async function errorOf(
  work: Promise<unknown>,
): Promise<{ code: string; message: string; retryAfterMs?: number }> {
  return work.then(
    () => {
      throw new Error('It ended well.')
    },
    (error) => error,
  )
}
