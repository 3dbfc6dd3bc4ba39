import {
  type Acl,
  affected,
  type CapabilityCheck,
  ConnectorError,
  type Content,
  checkpoint,
  type Entry,
  hmac,
  ignored,
  isConnectorError,
  type JsonSchema,
  oauth2,
  type SourceConnector,
} from '@cx/core'
import type { Fixture, World } from '../src/fixture.ts'
import { alter, alterEntries, alterFeed, alterFetch, alterList, instead } from './alter.ts'

/** A way to break a good connector so that it fails one law. */
export interface Breakage {
  readonly breaks: (good: SourceConnector) => SourceConnector
  /** Laws that cannot but fail along with it, each with the reason. */
  readonly also?: Readonly<Record<string, string>>
  readonly world?: (world: World) => World
  readonly fixture?: Partial<Fixture>
  /** The world keeps its large amounts, which the others do without to be quick. */
  readonly big?: boolean
}

const empty = () => Response.json({ items: [], next: null })
const later = (url: URL) => url.pathname === '/items' && Number(url.searchParams.get('page') ?? 1) > 1
const whole = async (body: Content['body']) => new TextDecoder().decode(await bytesOf(body))
async function bytesOf(body: Content['body']): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer())
}
const runOf = <T>(run: T, change: object): T => ({ ...run, ...change })

function authField(good: SourceConnector, name: string, schema: JsonSchema): SourceConnector {
  const token = good.auth.token
  if (token?.kind !== 'secret') throw new Error('The memory connector has a token.')
  const properties = { ...token.schema.properties, [name]: schema }
  return alter(good, { auth: { ...good.auth, token: { ...token, schema: { ...token.schema, properties } } } })
}

function configField(good: SourceConnector, name: string, schema: JsonSchema): SourceConnector {
  return alter(good, { config: { ...good.config, properties: { ...good.config.properties, [name]: schema } } })
}

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

export const breakages: Readonly<Record<string, Breakage>> = {
  'declaration.identity': { breaks: (good) => alter(good, { description: ' ' }) },
  'declaration.schema': { breaks: (good) => authField(good, 'extra', { title: 'Accepts anything' }) },
  'declaration.described': { breaks: (good) => authField(good, 'extra', { type: 'string' }) },
  'declaration.secrets': { breaks: (good) => authField(good, 'password', { type: 'string', title: 'Password' }) },
  'declaration.oauth': {
    breaks: (good) =>
      alter(good, {
        auth: {
          ...good.auth,
          oauth: oauth2({
            authorizationUrl: 'http://memory.example/a',
            tokenUrl: 'https://memory.example/t',
            scopes: [],
          }),
        },
      }),
  },
  'declaration.limits': { breaks: (good) => alter(good, { limits: { concurrency: 0 } }) },

  'config.strict': { breaks: (good) => alter(good, { config: { ...good.config, additionalProperties: true } }) },
  'config.defaults': {
    breaks: (good) => configField(good, 'under', { type: 'string', title: 'Only under this path', default: 5 }),
    world: (world) => ({
      ...world,
      config: { ...world.config, under: '' },
      badConfig: { ...world.badConfig!, under: '' },
    }),
  },
  'config.fields': {
    breaks: (good) =>
      alterList(good, async function* (items, { config }) {
        if ((config as { under?: string }).under) throw new ConnectorError('misconfigured', 'Not implemented.')
        yield* items
      }),
  },
  'config.wrong': {
    breaks: (good) =>
      alterList(good, async function* (items) {
        try {
          yield* items
        } catch (error) {
          if (!isConnectorError(error) || error.code !== 'misconfigured') throw error
        }
      }),
  },

  'check.works': {
    breaks: (good) =>
      alter(good, {
        check: async (session, run) => {
          const failed: CapabilityCheck = { capability: 'list', status: 'failed', message: 'It does not work.' }
          return { ...(await good.check(session, run)), checks: [failed] }
        },
      }),
  },
  'list.shape': { breaks: (good) => alterEntries(good, (entry) => ({ ...entry, url: '/relative' })) },
  'list.complete': {
    breaks: (good) => alterEntries(good, (entry) => (entry.path.endsWith('note00010.md') ? undefined : entry)),
  },
  'list.unique': {
    breaks: (good) =>
      alterList(good, async function* (items) {
        for await (const item of items) {
          yield item
          if ('path' in item && item.path.endsWith('note00009.md')) yield item
        }
      }),
  },
  'list.stable': {
    breaks: (good) => {
      let count = 0
      return alterEntries(good, (entry) => ({ ...entry, ref: ++count }))
    },
  },
  'list.content': {
    breaks: (good) => {
      let count = 0
      return alter(good, {
        read: async (session, entry, run) => {
          const { body, mimeType } = await good.read(session, entry, run)
          // Streams stay streams; only the text that the law compares carries a trace of when it was read.
          return { mimeType, body: `${await whole(body)} ${++count}` }
        },
      })
    },
  },
  'list.odd_names': {
    breaks: (good) =>
      alter(good, {
        read: async (session, entry, run) =>
          entry.path.includes('+')
            ? { body: 'another document', mimeType: 'text/plain' }
            : good.read(session, entry, run),
      }),
  },
  'list.paths': {
    breaks: (good) =>
      alterList(good, async function* (items, { paths }) {
        if (paths === undefined) yield* items
      }),
  },

  'version.changes': {
    breaks: (good) =>
      alterEntries(good, (entry) => (entry.path === 'docs/changing.md' ? { ...entry, version: 'same' } : entry)),
  },
  'version.steady': {
    breaks: (good) => {
      const reads = new WeakMap<object, number>()
      const counted = alterList(good, async function* (items, _, session) {
        for await (const item of items)
          if ('path' in item && item.path === 'docs/note00001.md')
            yield { ...item, version: `${item.version}-${reads.get(session as object) ?? 0}` }
          else yield item
      })
      return alter(counted, {
        read: async (session, entry, run) => {
          reads.set(session as object, (reads.get(session as object) ?? 0) + 1)
          return good.read(session, entry, run)
        },
      })
    },
    also: { 'changes.kill_each_checkpoint': 'the feed has the true version' },
  },

  'complete.drop': {
    breaks: (good) =>
      alterFetch(good, async (next, url, init) => {
        try {
          return await next(url, init)
        } catch (error) {
          if (later(url) && !init.signal?.aborted) return empty()
          throw error
        }
      }),
  },
  'complete.unavailable': {
    breaks: (good) =>
      alterFetch(good, async (next, url, init) => {
        const response = await next(url, init)
        return later(url) && response.status === 503 ? empty() : response
      }),
  },
  'complete.cut': {
    breaks: (good) =>
      alterFetch(good, async (next, url, init) => {
        const response = await next(url, init)
        if (!later(url) || !response.ok) return response
        return response.text().then((text) => new Response(text), empty)
      }),
  },
  'complete.truncated': {
    breaks: (good) =>
      alterFetch(good, async (next, url, init) => {
        const response = await next(url, init)
        if (url.pathname !== '/items' || !response.ok || init.method) return response
        // Passed on as it comes, so that a cut answer stays cut.
        const text = new TransformStream<string, string>({
          transform: (chunk, out) => out.enqueue(chunk.replace('"truncated":true', '"truncated":null')),
        })
        return new Response(
          response.body!.pipeThrough(new TextDecoderStream()).pipeThrough(text).pipeThrough(new TextEncoderStream()),
        )
      }),
  },
  'complete.unreadable': {
    breaks: (good) => alter(good, { list: (session, run) => good.list(session, runOf(run, { unreadable: () => {} })) }),
  },

  'resume.every_checkpoint': {
    breaks: (good) =>
      alterList(good, async function* (items, { resume }) {
        let skip = resume !== undefined
        for await (const item of items)
          if (skip) skip = false
          else yield item
      }),
    also: { 'resume.kill_each_batch': 'what a resumed run loses, a killed one loses too' },
  },
  'resume.kill_each_batch': {
    breaks: (good) =>
      alterList(good, async function* (items, { resume }) {
        for await (const item of items)
          if ('cursor' in item && resume !== undefined)
            yield checkpoint(`m${String(Number(String(item.cursor).slice(1)) + 1).padStart(8, '0')}`)
          else yield item
      }),
  },
  'resume.goes_on': {
    breaks: (good) =>
      alter(good, {
        list(session, run) {
          const { resume: _, ...rest } = run
          return good.list(session, rest)
        },
      }),
  },
  'resume.abnormal': {
    breaks: (good) =>
      alterList(good, async function* (items) {
        try {
          yield* items
        } catch (error) {
          if (!isConnectorError(error) || error.code !== 'cursor_expired') throw error
        }
      }),
  },

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

  'limits.seconds': { breaks: (good) => withoutRetryAfter(good, (value) => /^\d+$/.test(value)) },
  'limits.date': { breaks: (good) => withoutRetryAfter(good, (value) => !/^\d+$/.test(value)) },
  'limits.no_herd': {
    breaks: (good) =>
      alter(good, {
        read: async (session, entry, run) => {
          try {
            return await good.read(session, entry, run)
          } catch (error) {
            if (!isConnectorError(error) || error.code !== 'rate_limited') throw error
            await new Promise((resolve) => setTimeout(resolve, 100))
            return good.read(session, entry, run)
          }
        },
      }),
  },

  'budget.list': {
    breaks: (good) =>
      alterList(good, async function* (items, run, session) {
        for await (const item of items) {
          if ('path' in item) await good.check(session, run)
          yield item
        }
      }),
  },
  'budget.unchanged': {
    breaks: (good) =>
      alterFeed(good, async function* (items, _, session, run) {
        await good.check(session, run)
        yield* items
      }),
  },
  'budget.acls': {
    breaks: (good) =>
      alter(good, {
        permissions: {
          ...good.permissions!,
          async *acls(session, entries, run) {
            for (const entry of entries) yield* good.permissions!.acls(session, [entry], run)
          },
        },
      }),
  },
  'budget.read': {
    breaks: (good) =>
      alter(good, {
        read: async (session, entry, run) => {
          await good.check(session, run)
          return good.read(session, entry, run)
        },
      }),
  },

  'resources.abort_list': {
    breaks: (good) =>
      alter(good, { list: (session, run) => good.list(session, runOf(run, { signal: new AbortController().signal })) }),
  },
  'resources.abort_read': {
    breaks: (good) =>
      alter(good, {
        read: (session, entry, run) => good.read(session, entry, runOf(run, { signal: new AbortController().signal })),
      }),
  },
  'resources.aborted_before': {
    breaks: (good) =>
      alterList(good, async function* (items, { signal }) {
        if (!signal.aborted) yield* items
      }),
  },
  'resources.handles': {
    breaks: (good) =>
      alter(good, {
        connect: (connection) => {
          setTimeout(() => {}, 5000)
          return good.connect(connection)
        },
      }),
  },
  'resources.many_entries': {
    breaks: (good) =>
      alterList(good, async function* (items) {
        const kept: Buffer[] = []
        for await (const item of items) {
          kept.push(Buffer.alloc(24_000, kept.length % 255))
          yield item
        }
      }),
    big: true,
  },
  'resources.large_file': {
    breaks: (good) =>
      alter(good, {
        read: async (session, entry, run) => {
          const content = await good.read(session, entry, run)
          return { ...content, body: new Blob([await bytesOf(content.body)]).stream() }
        },
      }),
    big: true,
  },

  'secrets.healthy': {
    breaks: (good) => alterEntries(good, (entry) => ({ ...entry, ref: 'Bearer canary-token-6f1d2c' })),
  },
  'secrets.refused': {
    breaks: (good) =>
      alter(good, {
        check: (session, run) =>
          instead(
            'unauthenticated',
            () => good.check(session, run),
            () => new ConnectorError('unauthenticated', 'The token wrong-canary-90ab31 is not known.'),
          ),
      }),
  },
  'secrets.echoed': {
    breaks: (good) => {
      let last = ''
      const listening = alterFetch(good, async (next, url, init) => {
        const response = await next(url, init)
        if (response.status === 503) last = await response.clone().text()
        return response
      })
      return alterList(listening, async function* (items) {
        try {
          yield* items
        } catch (error) {
          throw isConnectorError(error) && error.code === 'unavailable'
            ? new ConnectorError('unavailable', `503: ${last}`)
            : error
        }
      })
    },
  },

  'errors.taxonomy': {
    breaks: (good) =>
      alterList(good, async function* (items) {
        try {
          yield* items
        } catch (error) {
          throw isConnectorError(error) && error.code === 'forbidden' ? new Error('403') : error
        }
      }),
  },
  'errors.credentials': {
    breaks: (good) =>
      alter(good, {
        check: (session, run) =>
          instead(
            'unauthenticated',
            () => good.check(session, run),
            () => new ConnectorError('unavailable', 'Try later.'),
          ),
      }),
  },

  'webhook.genuine': {
    breaks: (good) =>
      alter(good, {
        webhook: {
          ...good.webhook!,
          receive: (delivery, config) => {
            const receipt = good.webhook!.receive(delivery, config)
            return receipt.kind === 'affected' ? affected(receipt.paths.slice(1), receipt.deliveryId) : receipt
          },
        },
      }),
  },
  'webhook.forged': {
    breaks: (good) =>
      alter(good, {
        webhook: {
          ...good.webhook!,
          verify: hmac({
            hash: 'sha256',
            header: 'x-memory-signature',
            timestampHeader: 'x-memory-time',
            signed: ({ headers }) => headers.get('x-memory-time') ?? '',
          }),
        },
      }),
  },
  'webhook.replayed': {
    breaks: (good) =>
      alter(good, {
        webhook: {
          verify: hmac({ hash: 'sha256', header: 'x-memory-signature' }),
          receive: (delivery, config) => {
            const { deliveryId: _, ...receipt } = good.webhook!.receive(delivery, config) as {
              kind: 'resync'
              reason: string
              deliveryId?: string
            }
            return receipt
          },
        },
      }),
  },
  'webhook.total': {
    breaks: (good) =>
      alter(good, {
        webhook: {
          ...good.webhook!,
          receive: (delivery, config) => {
            const news = JSON.parse(new TextDecoder().decode(delivery.body)) as { id?: string }
            return news.id ? good.webhook!.receive(delivery, config) : ignored('No id.')
          },
        },
      }),
  },

  'write.put': {
    breaks: (good) =>
      alter(good, {
        write: {
          ...good.write!,
          put: async (session, upload, run) => ({
            ...(await good.write!.put(session, upload, run)),
            version: 'unknown',
          }),
        },
      }),
  },
  'write.remove': { breaks: (good) => alter(good, { write: { ...good.write!, remove: async () => {} } }) },
  'browse.children': {
    breaks: (good) =>
      alter(good, {
        browse: {
          async *children(session, path, run) {
            for await (const item of good.browse!.children(session, path, run)) {
              yield item
              yield item
            }
          },
        },
      }),
  },
}

function withoutRetryAfter(good: SourceConnector, which: (value: string) => boolean): SourceConnector {
  return alterFetch(good, async (next, url, init) => {
    const response = await next(url, init)
    const value = response.headers.get('retry-after')
    if (value === null || !which(value)) return response
    await response.body?.cancel()
    return new Response(null, { status: response.status })
  })
}
