import { ConnectorError, checkpoint, defineConnector, type Entry, type SourceConnector, secret } from '@cx/core'

interface Page {
  readonly notes: readonly { readonly id: string; readonly name: string; readonly etag: string }[]
  readonly next: string | null
}

const codes = { 401: 'unauthenticated', 403: 'forbidden', 404: 'not_found', 429: 'rate_limited' } as const

/** A connector as a stranger might write it: notes behind a small web API. */
const notes: SourceConnector = defineConnector({
  name: 'notes',
  title: 'Notes',
  description: 'Notes of a small web service.',
  config: {
    type: 'object',
    required: ['apiUrl'],
    properties: { apiUrl: { type: 'string', title: 'Address', format: 'uri' } },
  },
  auth: {
    token: secret({
      type: 'object',
      required: ['token'],
      properties: { token: { type: 'string', title: 'API token', writeOnly: true } },
    }),
  },
  connect: ({ config, credentials, fetch }) => ({
    async get(path: string, signal: AbortSignal): Promise<Response> {
      const { token } = await credentials()
      const headers = { authorization: `Bearer ${token}` }
      const response = await fetch(config.apiUrl + path, { headers, signal }).catch(() => {
        signal.throwIfAborted()
        throw new ConnectorError('unavailable', 'Notes cannot be reached.')
      })
      if (response.ok) return response
      await response.body?.cancel()
      const code = codes[response.status as keyof typeof codes] ?? 'unavailable'
      const wait = response.headers.get('retry-after') ?? ''
      const ms = /^\d+$/.test(wait) ? Number(wait) * 1000 : Date.parse(wait) - Date.now()
      throw new ConnectorError(
        code,
        `Notes answered ${response.status} to ${path}.`,
        ms >= 0 ? { retryAfterMs: ms } : {},
      )
    },
  }),
  check: async (api, { signal }) => (await api.get('/me', signal)).json() as Promise<{ account: string }>,
  async *list(api, { resume, signal }) {
    if (resume !== undefined && !(typeof resume === 'string' && /^after:\w+$/.test(resume)))
      throw new ConnectorError('cursor_expired', 'The checkpoint is not one of Notes.')
    for (let after = resume?.slice(6) ?? ''; ; ) {
      const answer = await api.get(`/notes?after=${after}`, signal)
      const page = (await answer.json().catch(() => {
        signal.throwIfAborted()
        throw new ConnectorError('unavailable', 'The connection to Notes broke.')
      })) as Page
      for (const { id, name, etag } of page.notes) yield { id, path: name, version: etag } satisfies Entry
      if (page.next === null) return
      after = page.next
      yield checkpoint(`after:${after}`)
    }
  },
  async read(api, entry, { signal }) {
    const { body } = await api.get(`/notes/${entry.id}`, signal)
    return { body: body ?? '', mimeType: 'text/markdown' }
  },
})
export default notes
