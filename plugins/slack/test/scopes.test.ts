import { readFileSync } from 'node:fs'
import type { OAuth2 } from '@cx/core'
import { documentedRights, lossOf, openConnector, type Yield, yieldOf } from '@cx/testing'
import { expect, test } from 'vitest'
import slack from '../src/index.ts'
import { tierOf } from '../src/limits.ts'
import { FakeSlack } from './fake-slack.ts'

const { scopes } = slack.auth.oauth as OAuth2
const documented = documentedRights(new URL('../README.md', import.meta.url))

/** A public and a private channel with a file, for a token that lacks a scope. */
async function yieldWithout(scope: string | undefined): Promise<Yield> {
  const fake = await new FakeSlack().start()
  fake.tokens.set('xoxb-t', { scopes: scopes.filter((one) => one !== scope) })
  fake.user('U0ANN00001', 'ann')
  const general = fake.channel('general')
  const board = fake.channel('board', { isPrivate: true })
  board.members.add('U0ANN00001')
  const today = Math.floor(Date.now() / 1_000)
  fake.post(general, `${today - 90_000}.000100`, 'hello')
  fake.attach(general, `${today - 90_000}.000100`, { id: 'F0PLAN' }, 'a plan')
  fake.post(board, `${today - 90_000}.000200`, 'secret')
  const credentials = () => ({ method: 'token', token: 'xoxb-t' })
  const all = await yieldOf(() => openConnector(slack, { config: { apiUrl: fake.url }, credentials }))
  await fake.stop()
  return all
}

test('every scope that is asked for stands in README, with what is lost without it', async () => {
  const asked = documented.filter(({ isAskedFor }) => isAskedFor)
  expect(asked.map(({ right }) => right)).toEqual(scopes)
  const all = await yieldWithout(undefined)
  for (const { right, without } of asked) {
    const lost = lossOf(all, await yieldWithout(right))
    expect(without, right).toMatch(new RegExp(`^${lost}`))
  }
})

test('the rates in README are those that the host keeps', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const rows = [...readme.matchAll(/^\| calls a minute of (.+) \| (\d+) \|/gm)]
  const documented = rows.flatMap(([, methods, calls]) =>
    [...methods!.matchAll(/`([^`]+)`/g)].map(([, method]) => [method!, Number(calls)] as const),
  )
  const kept = Object.keys(tierOf).map((method) => [
    method,
    slack.limits!.rateOf!(new URL(`https://slack.com/api/${method}`))?.requestsPerMinute,
  ])
  expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(kept))
})
