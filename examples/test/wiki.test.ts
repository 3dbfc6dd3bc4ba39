import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Fixture, startServer } from '@cx/testing'
import { testConnector } from '@cx/testing/vitest'
import { expect, test } from 'vitest'
import connector from '../src/wiki.ts'

const root = join(import.meta.dirname, '../..')

test('the example in the documentation is the one that is tested', async () => {
  const [docs, source] = await Promise.all([
    readFile(join(root, 'docs/write-a-connector.md'), 'utf8'),
    readFile(join(root, 'examples/src/wiki.ts'), 'utf8'),
  ])
  expect(docs).toContain(source)
})

/** Three pages a call, revisions by counting edits. */
const fixture: Fixture = {
  name: 'a wiki on loopback',
  async start() {
    const token = 'wiki-token-5d0c27aa'
    const pages = new Map<string, { path: string; text: string; revision: number }>()
    let revision = 0
    const guarded =
      (answer: (url: URL, id: string) => Response) => (request: Request, params: Record<string, string>, url: URL) =>
        request.headers.get('authorization') === `Bearer ${token}`
          ? answer(url, params.id ?? '')
          : new Response(null, { status: 401 })
    const server = await startServer({
      'GET /api/me': guarded(() => Response.json({ login: 'ada', site: 'wiki-1' })),
      'GET /api/pages': guarded((url) => {
        const after = url.searchParams.get('after') ?? ''
        const rest = [...pages].filter(([id]) => id > after).sort(([a], [b]) => (a < b ? -1 : 1))
        const page = rest.slice(0, 3).map(([id, { path, revision }]) => ({ id, path, revision }))
        return Response.json({ pages: page, ...(rest.length > 3 && { next: page.at(-1)!.id }) })
      }),
      'GET /api/pages/:id/html': guarded((_, id) => {
        const page = pages.get(id)
        return page ? new Response(page.text) : new Response(null, { status: 404 })
      }),
    })
    return {
      config: { baseUrl: server.url },
      credentials: { method: 'token', token },
      badCredentials: { method: 'token', token: 'wrong-token-1234' },
      async put(path, text) {
        if (pages.get(path)?.text !== text) pages.set(path, { path, text, revision: ++revision })
      },
      async remove(path) {
        pages.delete(path)
      },
      close: () => server.close(),
    }
  },
}

testConnector(connector, fixture)
