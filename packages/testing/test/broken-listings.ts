import {
  type CapabilityCheck,
  ConnectorError,
  checkpoint,
  isConnectorError,
  type JsonSchema,
  oauth2,
  type SourceConnector,
} from '@cx/core'
import { alter, alterEntries, alterFetch, alterList, type Breakage, runOf, whole } from './alter.ts'

const empty = () => Response.json({ items: [], next: null })
const later = (url: URL) => url.pathname === '/items' && Number(url.searchParams.get('page') ?? 1) > 1
function authField(good: SourceConnector, name: string, schema: JsonSchema): SourceConnector {
  const token = good.auth.token
  if (token?.kind !== 'secret') throw new Error('The memory connector has a token.')
  const properties = { ...token.schema.properties, [name]: schema }
  return alter(good, { auth: { ...good.auth, token: { ...token, schema: { ...token.schema, properties } } } })
}

function configField(good: SourceConnector, name: string, schema: JsonSchema): SourceConnector {
  return alter(good, { config: { ...good.config, properties: { ...good.config.properties, [name]: schema } } })
}

/** What declares, lists or resumes wrongly. */
export const brokenListings: Readonly<Record<string, Breakage>> = {
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
}
