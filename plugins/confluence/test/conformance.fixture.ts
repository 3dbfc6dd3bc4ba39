import { createHmac } from 'node:crypto'
import type { Fixture, SampleDelivery, World } from '@cx/testing'
import type { FakeContent } from './fake/model.ts'
import { FakeConfluence } from './fake/server.ts'

const token = 'ATATT-conformance-5f21c7'
const email = 'ada@example.com'
const secret = 'webhook-secret-91f3'

/** Keys of the kit are pages under folders in the cloud, and pages whose titles hold the folder in Data Center. */
function fixtureOf(flavour: 'cloud' | 'data_center'): Fixture {
  const cloud = flavour === 'cloud'
  return {
    name: `Confluence ${cloud ? 'Cloud' : 'Data Center'} on loopback`,
    // Pages of 4 rows here, 250 or 100 there; a call each for folders, blog posts, spaces.
    budgets: {
      // One more than at atlassian.net, where nobody has to ask which product it is.
      check: cloud ? 4 : 3,
      list: (entries) => 9 + Math.ceil(entries / (cloud ? 4 : 3)),
      unchanged: 14,
      acls: (entries) => 10 + Math.ceil(entries / 2),
      read: 1,
    },
    async start(): Promise<World> {
      const fake = await new FakeConfluence(flavour).start()
      const { model } = fake
      fake.mostRows = 4
      fake.grants.set(cloud ? `Basic ${Buffer.from(`${email}:${token}`).toString('base64')}` : `Bearer ${token}`, {
        user: 'u-ada',
      })
      model.user('u-ada', 'Ada Lovelace', email)
      model.user('kit-reader', 'Kit Reader', 'kit-reader@example.com')
      const everyone = model.group(cloud ? 'g-everyone' : 'confluence-users', 'confluence-users', ['u-ada'])
      model.group('kit-group', 'kit-group', ['kit-reader'])
      model.space('KIT', {
        permissions: [
          { principal: { type: 'group', id: everyone.id }, operation: { key: 'read', targetType: 'space' } },
          { principal: { type: 'user', id: 'kit-writer' }, operation: { key: 'create', targetType: 'page' } },
        ],
      })
      const titleOf = (key: string) => {
        const name = key.replace(/\.md$/, '')
        return cloud ? name.slice(name.lastIndexOf('/') + 1) : name
      }
      const find = (key: string): FakeContent | undefined => model.find('KIT', titleOf(key))
      const placeOf = (key: string) => (cloud ? { parentId: model.folder('KIT', key.split('/').slice(0, -1))?.id } : {})
      const put = (key: string, content: string) => {
        const body = `<p>${content}</p>`
        const page = find(key)
        if (page) model.edit(page, { body })
        else model.page('KIT', titleOf(key), body, placeOf(key))
      }
      const credentials = cloud ? { method: 'api_token', email, token } : { method: 'pat', token }
      const config = { instanceUrl: fake.instanceUrl, spaceKeys: ['KIT'], includeAttachments: true }
      return {
        config,
        credentials,
        badCredentials: { ...credentials, token: 'ATATT-conformance-revoked' },
        badConfig: { ...config, spaceKeys: ['NOPE'] },
        alternatives: [
          {
            ...config,
            deployment: flavour,
            includeComments: true,
            includeBlogPosts: true,
            includeLabels: true,
            includeArchived: true,
          },
          {
            instanceUrl: fake.instanceUrl,
            excludeSpaceKeys: ['HR'],
            includePersonalSpaces: true,
            bodySource: 'view',
            apiUrl: fake.url,
          },
        ],
        pathOf: (key) => {
          if (!key.endsWith('.md')) return `KIT/holder/${key.slice(key.lastIndexOf('/') + 1)}`
          return `KIT/${cloud ? key : key.replaceAll('/', '\u2215')}`
        },
        put: async (key, content) => put(key, content),
        putAll: async (documents) => {
          for (const { key, content } of documents) put(key, content)
        },
        remove: async (key) => model.trash(find(key)!),
        rename: async (from, to) => model.edit(find(from)!, { title: titleOf(to), ...placeOf(to) }),
        setAcl: async (key, readers) => {
          const page = find(key)!
          page.users = readers.flatMap((one) => (one.type === 'user' ? [one.id] : []))
          page.groups = readers.flatMap((one) => (one.type === 'group' ? [one.id] : []))
          return undefined
        },
        big: {
          entries: async (count) => {
            fake.mostRows = 250
            for (let i = 0; i < count; i++) model.page('KIT', `many ${i}`, `<p>page ${i}</p>`)
          },
          file: async (key, bytes) => {
            const page = model.page('KIT', 'holder', '')
            const title = key.slice(key.lastIndexOf('/') + 1)
            model.add('attachment', 'KIT', title, { containerId: page.id, bytes, mediaType: 'application/zip' })
          },
        },
        webhook: {
          secret,
          deliveries: [
            delivery(
              { event: 'page_updated', timestamp: 1_790_000_000_000, page: { id: 7, spaceKey: 'KIT' } },
              'resync',
            ),
            delivery(
              { event: 'page_trashed', timestamp: 1_790_000_000_001, page: { id: 7, spaceKey: 'OTHER' } },
              'ignored',
            ),
            delivery({ event: 'space_updated', timestamp: 1_790_000_000_002, space: { key: 'KIT' } }, 'resync'),
            delivery({ event: 'comment_created', timestamp: 1_790_000_000_003, comment: { id: 8 } }, 'ignored'),
            delivery({ event: 'user_created', timestamp: 1_790_000_000_004 }, 'ignored'),
          ],
          sign: ({ body }, key) => ({
            'x-hub-signature': `sha256=${createHmac('sha256', key).update(body).digest('hex')}`,
          }),
        },
        close: () => fake.stop(),
      }
    },
  }
}

function delivery(body: object, expect: SampleDelivery['expect']): SampleDelivery {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body), expect }
}

export const dataCenterFixture: Fixture = fixtureOf('data_center')
/** What the command line takes. */
export const fixture: Fixture = fixtureOf('cloud')
