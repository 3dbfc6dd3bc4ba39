import {
  type Acl,
  ConnectorError,
  checkpoint,
  defineConnector,
  type Entry,
  removed,
  type SourceConnector,
  secret,
} from '@cx/core'

export interface SourceFile {
  content: string
  version?: string
  title?: string
  acl?: Acl
  size?: number
}

/** A source that a test edits and breaks. Pages of `pageSize`, a checkpoint after each. */
export class Source {
  readonly files = new Map<string, SourceFile>()
  pageSize = 10
  /** Verbs called, in order: `list`, `read:path`, `since`, … */
  readonly calls: string[] = []
  /** Called before each page (from 0, wherever the listing begins); may throw or hang. */
  onPage: (page: number) => unknown = () => {}
  /** Called before each read; may throw, hang, or return a body of its own. */
  onRead: (path: string) => unknown = () => {}
  unreadable: { path: string; error: unknown }[] = []
  tenant = 'tenant-1'
  /** With a change feed, what happened, in order. */
  readonly log: ({ path: string } | { removed: string })[] = []
  expireCursors = false
  /** Entries yielded and not yet read, at most. */
  ahead = 0
  yielded = 0

  put(path: string, content: string, more: Partial<SourceFile> = {}): void {
    this.files.set(path, { content, ...more })
    this.log.push({ path })
  }

  remove(path: string): void {
    this.files.delete(path)
    this.log.push({ removed: path })
  }

  fill(count: number, folder = 'docs'): void {
    for (let i = 0; i < count; i++)
      this.put(`${folder}/${String(i).padStart(4, '0')}.txt`, `Document ${i} about subject${i}.`)
  }

  reads(): string[] {
    return this.calls.filter((call) => call.startsWith('read:')).map((call) => call.slice(5))
  }

  entry(path: string): Entry {
    const { content, version, title, acl, size } = this.files.get(path)!
    return {
      id: path,
      path,
      version: version ?? (content || 'empty'),
      ...(title !== undefined && { title }),
      ...(acl && { acl }),
      ...(size !== undefined && { size }),
    }
  }
}

/** The connector over a {@link Source}; with `feed`, it has a change feed. */
export function connectorOf(source: Source, { feed = false, name = 'scripted' } = {}): SourceConnector {
  return defineConnector({
    name,
    title: 'Scripted',
    description: 'A source that a test edits and breaks.',
    config: { type: 'object', properties: { note: { type: 'string' } } },
    auth: {
      key: secret({
        type: 'object',
        required: ['apiKey'],
        properties: { apiKey: { type: 'string', writeOnly: true } },
      }),
    },
    connect: async ({ credentials, fetch }) => ({ source, key: (await credentials()).apiKey, fetch }),
    check: async () => ({ account: 'tester', tenant: source.tenant }),
    async *list(_session, { resume, unreadable }) {
      source.calls.push('list')
      for (const part of source.unreadable) unreadable(part.path, part.error)
      const paths = [...source.files.keys()].sort()
      const first = typeof resume === 'string' ? paths.findIndex((path) => path > resume) : 0
      const rest = first < 0 ? [] : paths.slice(first)
      for (let page = 0; page * source.pageSize < rest.length || page === 0; page++) {
        await source.onPage(Math.max(first, 0) / source.pageSize + page)
        const batch = rest.slice(page * source.pageSize, (page + 1) * source.pageSize)
        for (const path of batch) {
          source.yielded++
          source.ahead = Math.max(source.ahead, source.yielded - source.reads().length)
          yield source.entry(path)
        }
        if (batch.length > 0) yield checkpoint(batch.at(-1)!)
      }
    },
    async read({ source }, entry) {
      source.calls.push(`read:${entry.path}`)
      const own = await source.onRead(entry.path)
      const file = source.files.get(entry.path)
      if (own instanceof ReadableStream) return { body: own, mimeType: 'text/plain' }
      if (!file) throw new ConnectorError('not_found', 'Gone.')
      return { body: file.content, mimeType: 'text/plain' }
    },
    ...(feed && {
      changes: {
        now: async () => source.log.length,
        async *since(_session: unknown, cursor: number) {
          source.calls.push('since')
          if (source.expireCursors) throw new ConnectorError('cursor_expired', 'Too old.')
          for (const [i, change] of source.log.slice(cursor).entries()) {
            if ('removed' in change) yield removed(change.removed)
            else if (source.files.has(change.path)) yield source.entry(change.path)
            yield checkpoint(cursor + i + 1)
          }
        },
      },
    }),
  })
}
