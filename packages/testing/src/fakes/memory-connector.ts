import {
  type Acl,
  affected,
  type BrowseItem,
  type Checkpoint,
  ConnectorError,
  checkpoint,
  defineConnector,
  type Entry,
  hmac,
  ignored,
  type Json,
  none,
  type Principal,
  type Removed,
  removed,
  resync,
  type SourceConnector,
  secret,
} from '@cx/core'
import { type MemoryClient, openMemoryClient } from './memory-client.ts'

interface WireItem {
  readonly id: string
  readonly path: string
  readonly version: string
  readonly updatedAt: string
  readonly size: number
  readonly readers: readonly Principal[]
  readonly denied?: boolean
  readonly removed?: boolean
}

function entryOf({ id, path, version, updatedAt, size }: WireItem): Entry {
  return { id, path, version, updatedAt, size, mimeType: 'text/markdown' }
}

function aclOf(readers: readonly Principal[]): Acl {
  return { allOf: [readers] }
}

/** The connector of a memory source; without `own` it calls the `fetch` that the host gives it. */
export function createMemoryConnector(own?: typeof globalThis.fetch): SourceConnector {
  return defineConnector({
    name: 'memory',
    title: 'Memory',
    description: 'Documents that a test keeps in memory.',
    config: {
      type: 'object',
      required: ['space'],
      properties: {
        space: { type: 'string', title: 'Space', minLength: 1 },
        under: { type: 'string', title: 'Only under this path', default: '' },
      },
    },
    auth: {
      token: secret({
        type: 'object',
        required: ['token'],
        properties: { token: { type: 'string', title: 'Token', writeOnly: true } },
      }),
      public: none(),
    },
    limits: { concurrency: 4 },
    connect: ({ config, credentials, fetch }) =>
      openMemoryClient({ space: config.space, credentials, fetch: own ?? fetch }),
    check: (client, { signal }) => client.json<{ account: string; tenant: string }>('/me', { signal }),

    async *list(client, { config, resume, signal, unreadable }): AsyncIterable<Entry | Checkpoint> {
      if (resume !== undefined && !/^m\d{8}$/.test(String(resume)))
        throw new ConnectorError('cursor_expired', 'The checkpoint is not one of the memory source.')
      let after = resume === undefined ? '' : String(resume)
      for (let page = 1; ; page++) {
        const answer = await client.json<{ items: WireItem[]; next: string | null; truncated: boolean }>(
          `/items?page=${page}&after=${after}`,
          { signal },
        )
        for (const item of answer.items) {
          if (!item.path.startsWith(config.under)) continue
          if (item.denied) unreadable(item.path, new ConnectorError('forbidden', `${item.path} may not be read.`))
          else yield entryOf(item)
        }
        if (answer.truncated)
          throw new ConnectorError('unavailable', 'The memory source cut its listing off; try again later.')
        if (answer.next === null) return
        after = answer.next
        yield checkpoint(after)
      }
    },

    read: async (client, entry, { signal }) => ({
      body: await client.stream(`/items/${entry.id}/content`, { signal }),
      mimeType: 'text/markdown',
    }),

    changes: {
      now: async (client, { signal }) => (await client.json<{ next: string }>('/changes', { signal })).next,
      async *since(client, cursor: Json, { signal }): AsyncIterable<Entry | Removed | Checkpoint> {
        let since = typeof cursor === 'string' && cursor !== '' ? cursor : 'unknown'
        for (let more = true; more; ) {
          const answer = await client.json<{ changes: WireItem[]; next: string; more: boolean }>(
            `/changes?since=${encodeURIComponent(since)}`,
            { signal },
          )
          for (const item of answer.changes) yield item.removed || item.denied ? removed(item.id) : entryOf(item)
          since = answer.next
          more = answer.more
          yield checkpoint(since)
        }
      },
    },

    permissions: {
      async *acls(client, entries, { signal }) {
        const body = JSON.stringify(entries.map((entry) => entry.id))
        const answer = await client.json<{ id: string; readers: Principal[] }[]>('/acls', {
          signal,
          method: 'POST',
          body,
        })
        for (const { id, readers } of answer) yield { id, acl: aclOf(readers) }
      },
      async *groups(client, { signal }) {
        yield* await client.json<{ id: string; members: Principal[] }[]>('/groups', { signal })
      },
    },

    webhook: {
      verify: hmac({
        hash: 'sha256',
        header: 'x-memory-signature',
        prefix: 'sha256=',
        timestampHeader: 'x-memory-time',
        signed: ({ headers, body }) => `${headers.get('x-memory-time')}.${new TextDecoder().decode(body)}`,
      }),
      receive(delivery) {
        const news = parse(new TextDecoder().decode(delivery.body))
        if (news === undefined) return ignored('The body is no notification of the memory source.')
        if (news.paths) return affected(news.paths, news.id)
        return resync('The notification names no paths.', news.id)
      },
    },

    write: {
      async put(client, { path, body }, { signal }) {
        const answer = await client.json<WireItem>(`/items?path=${encodeURIComponent(path)}`, {
          signal,
          method: 'PUT',
          body,
        })
        return entryOf(answer)
      },
      async remove(client, entry, { signal }) {
        await client.json(`/items/${entry.id}`, { signal, method: 'DELETE' })
      },
    },

    browse: { children: (client, path, { signal }) => childrenOf(client, path, signal) },
  })
}

async function* childrenOf(client: MemoryClient, parent: string, signal: AbortSignal): AsyncIterable<BrowseItem> {
  const seen = new Set<string>()
  for (let after = '', more = true; more; ) {
    const answer = await client.json<{ items: WireItem[]; next: string | null }>(`/items?after=${after}`, { signal })
    for (const { path } of answer.items) {
      if (!path.startsWith(parent)) continue
      const rest = path.slice(parent.length)
      const slash = rest.indexOf('/')
      const title = slash < 0 ? rest : rest.slice(0, slash)
      const child = parent + title + (slash < 0 ? '' : '/')
      if (seen.has(child)) continue
      seen.add(child)
      yield { path: child, title, hasChildren: slash >= 0, selectable: true }
    }
    more = answer.next !== null
    after = answer.next ?? ''
  }
}

function parse(text: string): { readonly id: string; readonly paths?: readonly string[] } | undefined {
  try {
    const news = JSON.parse(text) as { id?: unknown; paths?: unknown } | null
    if (typeof news?.id !== 'string') return undefined
    if (!Array.isArray(news.paths)) return { id: news.id }
    return { id: news.id, paths: news.paths.map(String) }
  } catch {
    return undefined
  }
}
