import type { Checkpoint, Content, Entry, Json, Removed } from '@cx/core'
import { onTestFinished } from 'vitest'
import confluence from '../src/index.ts'
import { FakeConfluence } from './fake/server.ts'

export const token = 'ATATT-test-77c1'
export const basic = `Basic ${Buffer.from(`ada@example.com:${token}`).toString('base64')}`

/** A Confluence of its own for one test, with our account and one space that a group may view. */
export async function fakeSite(flavour: 'cloud' | 'data_center' = 'cloud'): Promise<FakeConfluence> {
  const fake = await new FakeConfluence(flavour).start()
  onTestFinished(() => fake.stop())
  fake.grants.set(basic, { user: 'u-ada' })
  fake.grants.set(`Bearer ${token}`, { user: 'u-ada' })
  fake.model.user('u-ada', 'Ada Lovelace', 'ada@example.com')
  fake.model.user('u-bob', 'Bob', 'bob@example.com')
  fake.model.user('u-cy', 'Cy')
  fake.model.group(flavour === 'cloud' ? 'g-staff' : 'staff', 'staff', ['u-ada', 'u-bob'])
  fake.model.space('ENG', { permissions: [reads('group', flavour === 'cloud' ? 'g-staff' : 'staff')] })
  return fake
}

export function reads(type: string, id: string) {
  return { principal: { type, id }, operation: { key: 'read', targetType: 'space' } }
}

/** What validation adds to a configuration. */
export const defaults: Record<string, Json> = Object.fromEntries(
  Object.entries(confluence.config.properties!).flatMap(([name, { default: value }]) =>
    value === undefined ? [] : [[name, value]],
  ),
)

export interface DriveOptions {
  readonly config?: Readonly<Record<string, Json>>
  readonly credentials?: Readonly<Record<string, Json>> & { readonly method: string }
  readonly fetch?: typeof globalThis.fetch
}

/** One session of the connector with its verbs in plain form. */
export async function drive(
  fake: FakeConfluence,
  { config = {}, credentials, fetch = globalThis.fetch }: DriveOptions = {},
) {
  const logs: string[] = []
  const write = (message: string, fields?: object) => void logs.push(`${message} ${JSON.stringify(fields ?? {})}`)
  const log = { debug: write, info: write, warn: write, error: write }
  const { signal } = new AbortController()
  const full = { ...defaults, instanceUrl: fake.instanceUrl, spaceKeys: ['ENG'], ...config }
  const asked: boolean[] = []
  const session = await confluence.connect({
    config: full,
    credentials: async (options) => {
      asked.push(options?.refused === true)
      return (credentials ??
        (fake.cloud ? { method: 'api_token', email: 'ada@example.com', token } : { method: 'pat', token })) as never
    },
    fetch,
    log,
    signal,
  })
  const run = { config: full, log, signal }
  const unreadable: { path: string; error: unknown }[] = []
  const text = async (entry: Entry) =>
    new Response((await confluence.read(session, entry, run)).body as ConstructorParameters<typeof Response>[0]).text()
  return {
    logs,
    unreadable,
    /** For each time credentials were asked for, whether the last ones had been refused. */
    asked,
    items: (extra: { resume?: Json; paths?: readonly string[] } = {}) =>
      confluence.list(session, {
        ...run,
        ...extra,
        unreadable: (path, error) => void unreadable.push({ path, error }),
      }),
    async list(extra: { resume?: Json; paths?: readonly string[] } = {}): Promise<Entry[]> {
      const entries: Entry[] = []
      for await (const item of this.items(extra)) if (!('kind' in item)) entries.push(item)
      return entries
    },
    async paths(extra: { paths?: readonly string[] } = {}): Promise<string[]> {
      return (await this.list(extra)).map(({ path }) => path).sort()
    },
    read: (entry: Entry): Promise<Content> => confluence.read(session, entry, run),
    text,
    async textAt(path: string): Promise<string> {
      return text((await this.list()).find((entry) => entry.path === path)!)
    },
    now: () => confluence.changes!.now(session, run),
    async since(cursor: Json) {
      const upserts: Entry[] = []
      const gone: string[] = []
      let next: Json = null
      for await (const item of confluence.changes!.since(session, cursor, run)) {
        const change = item as Entry | Removed | Checkpoint
        if (!('kind' in change)) upserts.push(change)
        else if (change.kind === 'removed') gone.push(change.id)
        else next = JSON.parse(JSON.stringify(change.cursor)) as Json
      }
      return { upserts, paths: upserts.map(({ path }) => path).sort(), gone, next }
    },
    check: () => confluence.check(session, run),
    async acls(entries: readonly Entry[]) {
      const told = await Array.fromAsync(confluence.permissions!.acls(session, entries, run))
      return new Map(told.map(({ id, acl }) => [id, acl]))
    },
    async groups() {
      const told = await Array.fromAsync(confluence.permissions!.groups!(session, run))
      return new Map(told.map(({ id, members }) => [id, members]))
    },
    browse: (path: string) => Array.fromAsync(confluence.browse!.children(session, path, run)),
    subscribe: (target: { url: string; secret: string }) => confluence.webhook!.subscribe!(session, target, run),
  }
}
