import type { Fixture, SampleDelivery } from '@cx/testing'
import { capabilities, FakeNotion, type FakePage } from './fake-notion.ts'

const token = 'ntn_conformance-52fd0a7e91'

/** A workspace: the kit's folders are databases, its documents rows of them, and pages where there is no folder. */
export const fixture: Fixture = {
  name: 'Notion on loopback',
  // Pages of lists hold 5 here; uncut, 100. A page outside databases is looked into, one call each; see `descend`.
  budgets: {
    list: (entries) => 11 + Math.ceil(entries / 5) + entries,
    unchanged: 10,
    acls: () => 1,
    read: 1,
  },

  async start() {
    const fake = await new FakeNotion().start()
    fake.pageCap = 5
    fake.tokens.set(token, capabilities)
    fake.people.push({ id: 'u-bot', name: 'robot', bot: true }, { id: 'u-ann', name: 'Ann', email: 'ann@example.com' })
    const sources = new Map(['docs', 'docs-deep', 'notes'].map((name) => [name, fake.source(name)]))
    const where = new Map<string, FakePage>()
    const folderOf = (key: string) => key.split('/').slice(0, -1).join('-')
    const nameOf = (key: string) =>
      key
        .split('/')
        .at(-1)!
        .replace(/\.\w+$/, '')
    const config = { apiUrl: fake.url, includeDatabases: false, access: 'workspace' }

    return {
      config,
      alternatives: [
        { ...config, descend: 'all', includeDatabases: true, publicPages: true, access: 'connection' },
        { ...config, databases: [sources.get('docs')!.id], access: 'readers', readers: ['ann@example.com'] },
        { ...config, includeComments: true, descend: 'none' },
        { ...config, databases: [sources.get('docs')!.url], rootPages: [] },
      ],
      badConfig: { ...config, rootPages: ['99999999-0000-4000-8000-000000000009'] },
      credentials: { method: 'token', token },
      badCredentials: { method: 'token', token: 'ntn_conformance-revoked-3c1b' },
      put: async (key, content) => {
        const known = where.get(key)
        if (known) return fake.edit(known, content)
        const source = sources.get(folderOf(key))
        where.set(key, source ? fake.row(source, nameOf(key), content) : fake.page(nameOf(key), content))
      },
      remove: async (key) => {
        fake.trash(where.get(key)!)
        where.delete(key)
      },
      rename: async (from, to) => {
        const page = where.get(from)!
        const source = sources.get(folderOf(to))
        fake.retitle(page, nameOf(to))
        fake.move(page, source ? fake.in(source) : { type: 'workspace', workspace: true })
        where.delete(from)
        where.set(to, page)
      },
      pathOf: (key) => [folderOf(key), `${nameOf(key)}.md`].filter((part) => part !== '').join('/'),
      truncate: async () => {
        fake.resultCap = 3
        // More rows in one minute than Notion shows, so that there is no way round.
        for (const { page } of fake.pages.values()) page.created_time = '2026-02-01T08:00:00.000Z'
      },
      big: {
        entries: async (count) => {
          fake.pageCap = 100
          const docs = sources.get('docs')!
          fake.resultCap = Math.max(fake.resultCap, count + 100)
          for (let index = 0; index < count; index++) fake.row(docs, `row ${index}`)
        },
      },
      webhook: {
        secret: 'secret_verification-token-7c0d1',
        deliveries: [
          delivery({ verification_token: 'secret_tMrlL1qK5vuQAh1b6cZGhFChZTSYJlce98V0pYn7yBl' }, 'handshake'),
          event('page.content_updated', 'resync'),
          event('page.deleted', 'resync'),
          event('data_source.schema_updated', 'resync'),
          event('comment.created', 'ignored'),
          event('file_upload.completed', 'ignored'),
        ],
      },
      close: () => fake.stop(),
    }
  },
}

function event(type: string, expect: SampleDelivery['expect']): SampleDelivery {
  return delivery(
    {
      id: '367cba44-b6f3-4c92-81e7-6a2e9659efd4',
      timestamp: '2026-02-05T09:49:46.932Z',
      workspace_id: '11111111-0000-4000-8000-000000000001',
      subscription_id: '29d75c0d-5546-4414-8459-7b7a92f1fc4b',
      integration_id: '0ef2e755-4912-8096-91c1-00376a88a5ca',
      type,
      authors: [{ id: 'c7c11cca-1d73-471d-9b6e-bdef51470190', type: 'person' }],
      attempt_number: 1,
      entity: { id: '153104cd-477e-809d-8dc4-ff2d96ae3090', type: 'page' },
      data: { parent: { id: '36cc9195-760f-4fff-a67e-3a46c559b176', type: 'space' } },
    },
    expect,
  )
}

function delivery(payload: object, expect: SampleDelivery['expect']): SampleDelivery {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(payload), expect }
}
