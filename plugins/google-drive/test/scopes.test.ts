import { readFileSync } from 'node:fs'
import type { OAuth2 } from '@cx/core'
import { documentedRights, lossOf, openConnector, type Yield, yieldOf } from '@cx/testing'
import { expect, test } from 'vitest'
import drive from '../src/index.ts'
import { units } from '../src/quota.ts'
import { reader } from './fake/model.ts'
import { directoryScopes, FakeDrive, me } from './fake/server.ts'

const { scopes } = drive.auth.oauth as OAuth2
const documented = documentedRights(new URL('../README.md', import.meta.url))
const full = (scope: string) => (scope.includes('.') ? `https://www.googleapis.com/auth/${scope}` : scope)

/** A file that a group may read, for a token that lacks a scope. */
async function yieldWithout(scope: string | undefined): Promise<Yield> {
  const fake = await new FakeDrive().start()
  const held = [...scopes, ...directoryScopes].filter((one) => one !== scope)
  fake.token('t', held)
  fake.groups.set('staff@example.com', [{ email: 'ann@example.com', type: 'USER' }])
  fake.add('plan.txt', { content: 'a plan', permissions: [reader(me), reader('staff@example.com', 'group')] })
  const credentials = () => ({ method: 'oauth', accessToken: 't', extra: {} })
  const all = await yieldOf(() =>
    openConnector(drive, { config: { apiUrl: fake.url, groupMembers: true }, credentials }),
  )
  await fake.stop()
  return all
}

test('every scope that is asked for stands in README, with what is lost without it', async () => {
  expect(documented.map(({ right }) => full(right))).toEqual([...scopes, ...directoryScopes])
  const all = await yieldWithout(undefined)
  for (const { right, without } of documented) {
    const lost = lossOf(all, await yieldWithout(full(right)))
    expect(without, right).toMatch(new RegExp(`^${lost}`))
  }
})

test('the units in README are those that are counted', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const unitsOf = (call: string) =>
    Number(new RegExp(`^\\| units of a ${call}[^|]*\\| (\\d+) \\|`, 'm').exec(readme)?.[1])
  expect({ get: unitsOf('get'), list: unitsOf('list'), download: unitsOf('download') }).toEqual(units)
})
