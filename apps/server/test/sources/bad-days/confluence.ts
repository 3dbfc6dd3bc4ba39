import type { OAuth2 } from '@cx/core'
import confluence from '@cx/plugin-confluence'
import { FakeConfluence } from '../../../../../plugins/confluence/test/fake/server.ts'
import { startDetour } from './detour.ts'
import { failLate, justBefore, refuseOnce, type Scene, swap } from './scene.ts'

const { scopes } = confluence.auth.oauth as OAuth2
const count = 45

/** A space of a Cloud site. */
export async function confluenceScene(): Promise<Scene> {
  const fake = await new FakeConfluence('cloud').start()
  const { model } = fake
  const proof = `Basic ${Buffer.from('ada@example.com:ATATT-bad-days').toString('base64')}`
  fake.grants.set(proof, { user: 'u-ada' })
  fake.mostRows = 1
  model.user('u-ada', 'Ada Lovelace', 'ada@example.com')
  const space = model.space('ENG')
  const pages = Array.from({ length: count }, (_, n) =>
    model.page('ENG', `Page ${n}`, n === 0 ? '<p>Feed the axolotl.</p>' : `<p>Note ${n}.</p>`),
  )
  const detour = await startDetour(fake.url)
  const isPage = ({ path }: { path: string }) => path.endsWith('/api/v2/pages')
  return {
    type: 'confluence',
    config: { instanceUrl: detour.url, spaceKeys: ['ENG'] },
    credentials: { method: 'api_token', email: 'ada@example.com', token: 'ATATT-bad-days' },
    subtree: 'ENG/',
    count,
    days: {
      'a revoked token': {
        begin: () => {
          fake.grants.delete(proof)
          return () => fake.grants.set(proof, { user: 'u-ada' })
        },
        ends: 'failed',
        code: 'unauthenticated',
        says: /make a new one and reconnect/,
      },
      'a missing scope': {
        begin: () => {
          fake.grants.set(proof, { user: 'u-ada', scopes: scopes.filter((one) => one !== 'read:page:confluence') })
          return () => fake.grants.set(proof, { user: 'u-ada' })
        },
        ends: 'failed',
        code: 'forbidden',
        says: /lacks the scope read:page:confluence.*connect again/,
      },
      'a container that was renamed': {
        begin: () => swap(space, 'key', 'TECH'),
        ends: 'failed',
        code: 'misconfigured',
        says: /A space whose key was changed.*has to be corrected in `spaceKeys`/,
      },
      'a container that went, or is closed to us': {
        begin: () => swap(space, 'hidden', true),
        ends: 'failed',
        code: 'misconfigured',
        says: /No space with the key ENG.*has to be corrected in `spaceKeys`/,
      },
      'a document that goes between listing and reading': {
        begin: () => {
          model.edit(pages[7]!, { body: '<p>Soon gone.</p>' })
          const isRead = ({ query }: { query: URLSearchParams }) => query.has('body-format')
          return justBefore(detour, isRead, () => model.contents.delete(pages[7]!.id))
        },
        ends: 'completed',
        gone: 1,
      },
      'an error 500 on a late page': {
        begin: () => failLate(detour, isPage, { status: 500, body: { message: 'Internal server error' } }),
        ends: 'failed',
        code: 'unavailable',
      },
      'a cursor that expired': {
        begin: () => {
          model.edit(pages[1]!, { body: '<p>A newt.</p>' })
          return refuseOnce(detour, (call) => isPage(call) && call.query.has('cursor'), {
            status: 400,
            body: { message: 'Invalid cursor' },
          })
        },
        ends: 'completed',
        finds: 'newt',
      },
      'another tenant behind the same address': {
        begin: () => swap(fake, 'cloudId', 'cloud-2'),
        ends: 'failed',
        code: 'misconfigured',
        says: /lead to cloud-2/,
      },
    },
    close: async () => {
      await detour.close()
      await fake.stop()
    },
  }
}
