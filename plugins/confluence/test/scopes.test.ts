import type { OAuth2 } from '@cx/core'
import { documentedRights, lossOf, openConnector, type Yield, yieldOf } from '@cx/testing'
import { expect, test } from 'vitest'
import confluence from '../src/index.ts'
import { FakeConfluence } from './fake/server.ts'

const { scopes } = confluence.auth.oauth as OAuth2
const documented = documentedRights(new URL('../README.md', import.meta.url))

/** A site with one of everything, for a token that lacks a scope. */
async function yieldWithout(scope: string | undefined): Promise<Yield> {
  const fake = await new FakeConfluence('cloud').start()
  fake.grants.set('Bearer t', { user: 'u-ada', scopes: scopes.filter((one) => one !== scope) })
  fake.granted = [{ id: fake.cloudId, url: fake.url }]
  const { model } = fake
  model.user('u-ada', 'Ada', 'ada@example.com')
  model.user('u-bob', 'Bob', 'bob@example.com')
  const { id } = model.group('g-staff', 'staff', ['u-ada'])
  model.space('ENG', {
    permissions: [{ principal: { type: 'group', id }, operation: { key: 'read', targetType: 'space' } }],
  })
  fake.inlineRestrictions = 1
  const mention = '<ac:link><ri:user ri:account-id="u-bob" /></ac:link>'
  const page = model.page('ENG', 'Home', `<p>Ask ${mention}.</p>`, { users: ['u-ada', 'u-bob'] })
  model.page('ENG', 'Child', '<p>text</p>', { parentId: model.folder('ENG', ['Folder'])!.id })
  model.add('blogpost', 'ENG', 'Post', { body: '<p>news</p>' })
  model.add('attachment', 'ENG', 'x.txt', { containerId: page.id, bytes: Buffer.from('x'), mediaType: 'text/plain' })
  const config = { instanceUrl: fake.url, apiUrl: fake.url, deployment: 'cloud', spaceKeys: ['ENG'] }
  const credentials = () => ({ method: 'oauth', accessToken: 't', extra: {} })
  const all = await yieldOf(() =>
    openConnector(confluence, { config: { ...config, includeAttachments: true }, credentials }),
  )
  await fake.stop()
  return all
}

test('every scope that is asked for stands in README, with what is lost without it', async () => {
  expect(documented.map(({ right }) => right)).toEqual(scopes)
  const all = await yieldWithout(undefined)
  for (const { right, without } of documented) {
    const lost = lossOf(all, await yieldWithout(right))
    expect(without, right).toMatch(new RegExp(`^${lost}`))
  }
})
