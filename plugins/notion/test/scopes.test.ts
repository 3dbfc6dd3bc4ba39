import { documentedRights, lossOf, openConnector, type Yield, yieldOf } from '@cx/testing'
import { expect, test } from 'vitest'
import notion from '../src/index.ts'
import { capabilities, FakeNotion } from './fake-notion.ts'

const documented = documentedRights(new URL('../README.md', import.meta.url))
const nameOf: Readonly<Record<string, string>> = {
  read_content: 'Read content',
  read_users: 'Read user information including email addresses',
  read_comments: 'Read comments',
}

/** A page with a comment, for a connection that lacks a capability. */
async function yieldWithout(capability: string | undefined): Promise<Yield> {
  const fake = await new FakeNotion().start()
  fake.tokens.set(
    'ntn_t',
    capabilities.filter((one) => one !== capability),
  )
  fake.people.push({ id: 'u-ann', name: 'Ann', email: 'ann@example.com' })
  fake.page('Home', 'text').comments.push('a comment')
  const config = { apiUrl: fake.url, includeComments: true, access: 'workspace' }
  const credentials = () => ({ method: 'token', token: 'ntn_t' })
  const all = await yieldOf(() => openConnector(notion, { config, credentials }))
  await fake.stop()
  return all
}

test('every capability stands in README, with what is lost without it', async () => {
  expect(documented.map(({ right }) => right)).toEqual(capabilities.map((one) => nameOf[one]))
  const all = await yieldWithout(undefined)
  for (const capability of capabilities) {
    const lost = lossOf(all, await yieldWithout(capability))
    expect(documented.find(({ right }) => right === nameOf[capability])?.without).toMatch(new RegExp(`^${lost}`))
  }
})
