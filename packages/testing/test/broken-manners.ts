import { affected, ConnectorError, hmac, ignored, isConnectorError, type SourceConnector } from '@cx/core'
import {
  alter,
  alterEntries,
  alterFeed,
  alterFetch,
  alterList,
  type Breakage,
  bytesOf,
  instead,
  runOf,
} from './alter.ts'

/** What ignores limits, leaks, or is wrong about errors, webhooks, writing and browsing. */
export const brokenManners: Readonly<Record<string, Breakage>> = {
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
  'budget.check': {
    breaks: (good) =>
      alter(good, {
        check: async (session, run) => {
          for (let i = 0; i < 3; i++) await good.check(session, run)
          return good.check(session, run)
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
