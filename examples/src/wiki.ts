import { checkpoint, defineConnector, secret } from '@cx/core'
import { createHttp } from '@cx/core/http'

export default defineConnector({
  name: 'wiki',
  title: 'Wiki',
  description: 'Pages of a wiki.',
  config: {
    type: 'object',
    required: ['baseUrl'],
    properties: {
      baseUrl: { type: 'string', format: 'uri', title: 'Address', description: 'Where the wiki is.' },
      space: { type: 'string', default: 'main', title: 'Space', description: 'The space to read.' },
    },
  },
  auth: {
    token: secret(
      {
        type: 'object',
        required: ['token'],
        properties: {
          token: { type: 'string', writeOnly: true, title: 'API token', description: 'From your profile.' },
        },
      },
      'API token',
    ),
  },

  // The only place that sees credentials. `fetch` is the host's: rate limits, retries and egress rules are in it.
  connect: ({ config, credentials, fetch }) =>
    createHttp({
      vendor: 'The wiki',
      baseUrl: config.baseUrl,
      fetch,
      authorize: async (refused) => ({ authorization: `Bearer ${(await credentials({ refused })).token}` }),
    }),

  check: async (wiki, { signal }) => {
    const { login, site } = await wiki.json<{ login: string; site: string }>('api/me', { signal })
    return { account: login, tenant: site }
  },

  // Metadata only, in a stable order. A checkpoint covers everything yielded before it.
  async *list(wiki, { config, resume, signal }) {
    let after = typeof resume === 'string' ? resume : undefined
    while (true) {
      const page = await wiki.json<{ pages: { id: string; path: string; revision: number }[]; next?: string }>(
        'api/pages',
        {
          signal,
          query: { space: config.space, after },
        },
      )
      for (const { id, path, revision } of page.pages) yield { id, path, version: String(revision) }
      if (page.next === undefined) return
      after = page.next
      yield checkpoint(after)
    }
  },

  read: async (wiki, { id }, { signal }) => ({
    body: await wiki.stream(`api/pages/${encodeURIComponent(id)}/html`, { signal }),
    mimeType: 'text/html',
  }),
})
