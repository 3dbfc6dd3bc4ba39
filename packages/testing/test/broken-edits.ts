import { type Acl, ConnectorError, checkpoint, type Entry, isConnectorError, type SourceConnector } from '@cx/core'
import { alter, alterEntries, alterFeed, alterFetch, alterList, type Breakage, instead, whole } from './alter.ts'

function acls(good: SourceConnector, change: (entry: Entry, acl: Acl) => Acl): SourceConnector {
  const permissions = good.permissions!
  return alter(good, {
    permissions: {
      ...permissions,
      async *acls(session, entries, run) {
        for await (const { id, acl } of permissions.acls(session, entries, run))
          yield { id, acl: change(entries.find((entry) => entry.id === id)!, acl) }
      },
    },
  })
}

/** What follows edits or access lists wrongly. */
export const brokenEdits: Readonly<Record<string, Breakage>> = {
  'edits.removed': {
    breaks: (good) =>
      alterList(good, async function* (items) {
        const paths = new Set<string>()
        for await (const item of items) {
          if ('path' in item) paths.add(item.path)
          yield item
        }
        const ghost = 'docs/deep/note00002.md'
        if (paths.size === 5 && paths.has('docs/note00005.md') && !paths.has(ghost))
          yield { id: 'ghost', path: ghost, version: 'old' }
      }),
  },
  'edits.read_gone': {
    breaks: (good) =>
      alter(good, {
        read: (session, entry, run) =>
          instead(
            'not_found',
            () => good.read(session, entry, run),
            () => new ConnectorError('unavailable', 'Not there.'),
          ),
      }),
  },
  'edits.renamed': {
    breaks: (good) =>
      alterEntries(good, (entry) =>
        entry.path === 'docs/renamed.md' ? { ...entry, path: 'docs/note00001.md' } : entry,
      ),
  },
  'edits.random': {
    breaks: (good) => alterEntries(good, (entry) => (entry.path.endsWith('edit1.md') ? undefined : entry)),
  },

  'changes.equals_full': {
    breaks: (good) =>
      alterFeed(good, async function* (items) {
        for await (const item of items) if (!('path' in item) || !/edit\d+\.md$/.test(item.path)) yield item
      }),
  },
  'changes.quiet': {
    breaks: (good) => {
      const feed = alter(good, {
        changes: {
          now: async (session, run) => `now:${await good.changes!.now(session, run)}`,
          since: (session, cursor, run) =>
            good.changes!.since(session, typeof cursor === 'string' ? cursor.replace('now:', '') : cursor, run),
        },
      })
      return alterFeed(feed, async function* (items, cursor) {
        let news = !String(cursor).startsWith('now:')
        for await (const item of items) {
          if (!('kind' in item) || item.kind === 'removed') news = true
          else if (!news) yield { id: 'm00000001', path: 'old.md', version: 'old' }
          yield item
        }
      })
    },
  },
  'changes.moves_on': {
    breaks: (good) =>
      alterFeed(good, async function* (items) {
        let held: Entry | { kind: 'removed'; id: string } | undefined
        for await (const item of items) {
          if ('cursor' in item) continue
          if (held) yield held
          held = item
        }
        if (held) yield held
      }),
  },
  'changes.kill_each_checkpoint': {
    breaks: (good) =>
      alterFeed(good, async function* (items) {
        let held: string | undefined
        for await (const item of items) {
          if (held) yield checkpoint(held.replace(/\d+$/, (at) => String(Number(at) + 1)))
          held = undefined
          if ('cursor' in item) held = String(item.cursor)
          else yield item
        }
        if (held) yield checkpoint(held)
      }),
    also: { 'changes.complete': 'a feed that failed goes on from the same wrong checkpoint' },
  },
  'changes.abnormal': {
    breaks: (good) =>
      alterFeed(good, async function* (items, cursor) {
        if (/^\d+\.\d+$/.test(String(cursor))) yield* items
      }),
  },
  'changes.expired': {
    breaks: (good) =>
      alterFeed(good, async function* (items, cursor) {
        try {
          yield* items
        } catch (error) {
          if (!isConnectorError(error) || error.code !== 'cursor_expired' || !/^\d+\.\d+$/.test(String(cursor)))
            throw error
        }
      }),
  },
  'changes.complete': {
    breaks: (good) =>
      alterFeed(good, async function* (items, _, session, run) {
        let seen = 0
        try {
          for await (const item of items) {
            seen += 1
            yield item
          }
        } catch (error) {
          if (seen === 0) throw error
          yield checkpoint(await good.changes!.now(session, run))
        }
      }),
  },

  'permissions.shape': {
    breaks: (good) => acls(good, (entry, acl) => (entry.path.endsWith('note00011.md') ? { allOf: [] } : acl)),
  },
  'permissions.follow': { breaks: (good) => acls(good, () => ({ allOf: [[{ type: 'user', id: 'owner' }]] })) },
  'permissions.apart': {
    breaks: (good) =>
      alterFetch(good, async (next, url, init) => {
        const response = await next(url, init)
        if (url.pathname !== '/items' || !response.ok || init.method) return response
        const text = await response.text()
        const answer = JSON.parse(text) as { items: { path: string; version: string; readers?: object }[] }
        for (const item of answer.items) if (item.path === 'note00000.md') item.version += JSON.stringify(item.readers)
        return Response.json(answer)
      }),
    also: { 'changes.complete': 'the feed has the true version' },
  },
  'permissions.agree': {
    breaks: (good) => alterEntries(good, (entry) => ({ ...entry, acl: { allOf: [[{ type: 'anyone' }]] } })),
  },
  'permissions.no_content': {
    breaks: (good) =>
      alter(good, {
        permissions: {
          ...good.permissions!,
          async *acls(session, entries, run) {
            for (const entry of entries) await whole((await good.read(session, entry, run)).body)
            yield* good.permissions!.acls(session, entries, run)
          },
        },
      }),
    fixture: { budgets: {} },
  },
  'permissions.fail_closed': {
    breaks: (good) =>
      alter(good, {
        permissions: {
          ...good.permissions!,
          async *acls(session, entries, run) {
            try {
              yield* good.permissions!.acls(session, entries, run)
            } catch {
              for (const { id } of entries) yield { id, acl: { allOf: [[{ type: 'anyone' }]] } }
            }
          },
        },
      }),
  },
  'permissions.groups': {
    breaks: (good) => alter(good, { permissions: { ...good.permissions!, async *groups() {} } }),
  },
}
