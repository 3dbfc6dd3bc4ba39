import { createHash } from 'node:crypto'
import { type Fixture, startServer } from '@cx/testing'

export const fixture: Fixture = {
  name: 'notes on loopback',
  budgets: { list: (n) => 1 + Math.ceil(n / 5), read: 1 },

  async start() {
    const token = 'notes-token-3b9a77e2'
    const notes = new Map<string, { name: string; text: string }>()
    const etag = (text: string) => createHash('sha256').update(text).digest('hex')
    const locked = (answer: () => Response) => (request: Request) =>
      request.headers.get('authorization') === `Bearer ${token}` ? answer() : new Response(null, { status: 401 })

    const server = await startServer({
      'GET /me': locked(() => Response.json({ account: 'ada' })),
      'GET /notes': (request, _, url) =>
        locked(() => {
          const after = url.searchParams.get('after') ?? ''
          const all = [...notes].map(([id, { name, text }]) => ({ id, name, etag: etag(text) }))
          const rest = all.filter(({ id }) => id > after)
          return Response.json({ notes: rest.slice(0, 5), next: rest.length > 5 ? rest[4]!.id : null })
        })(request),
      'GET /notes/:id': (request, { id = '' }) =>
        locked(() => new Response(notes.get(id)?.text ?? null, { status: notes.has(id) ? 200 : 404 }))(request),
    })

    let ids = 0
    const find = (name: string) => notes.entries().find(([, note]) => note.name === name)?.[0]
    return {
      config: { apiUrl: server.url },
      credentials: { method: 'token', token },
      badCredentials: { method: 'token', token: 'notes-token-revoked' },
      put: async (key, content) => void notes.set(find(key) ?? `n${1000 + ++ids}`, { name: key, text: content }),
      remove: async (key) => void notes.delete(find(key) ?? ''),
      rename: async (from, to) => {
        notes.get(find(from) ?? '')!.name = to
      },
      close: () => server.close(),
    }
  },
}
