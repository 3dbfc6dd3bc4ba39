import { startEngine } from '@cx/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import slack from '../src/index.ts'
import { daysAgo, token } from './drive.ts'
import { allScopes, FakeSlack } from './fake-slack.ts'

const credentials = { method: 'token', token }
let fake: FakeSlack
beforeEach(async () => {
  fake = await new FakeSlack().start()
  fake.tokens.set(token, { scopes: allScopes })
  fake.user('U0ANN00001', 'ann')
})
afterEach(() => fake.stop())

test('news, edits, late replies and deletions reach the index; an event brings the edit of a reply', async () => {
  const general = fake.channel('general')
  for (let day = 0; day < 10; day++) fake.post(general, daysAgo(day), `day ${day}`)
  fake.reply(general, daysAgo(5), daysAgo(4), 'first thought')
  await using engine = await startEngine(slack, { config: { apiUrl: fake.url }, credentials })
  expect(await engine.sync()).toMatchObject({ status: 'completed', progress: { indexed: 11 } })
  expect(await engine.sync()).toMatchObject({ status: 'completed', progress: { indexed: 0, deleted: 0 } })
  const thread = [...engine.store.documents('c').values()].find(({ entry }) => entry.path.endsWith(`${daysAgo(5)}.md`))!
  const { path } = thread.entry
  fake.edit(general, daysAgo(2), 'edited')
  fake.reply(general, daysAgo(5), daysAgo(1), 'late thought')
  general.messages.delete(daysAgo(7))
  expect(await engine.sync()).toMatchObject({ status: 'completed', progress: { indexed: 3, deleted: 1 } })
  expect(engine.text(path)).toContain('late thought')

  const [first, ...rest] = general.replies.get(daysAgo(5))!
  general.replies.set(daysAgo(5), [{ ...first!, text: 'second thought', edited: { ts: daysAgo(0) } }, ...rest])
  expect(await engine.sync()).toMatchObject({ status: 'completed', progress: { indexed: 0 } })
  expect(await engine.sync({ paths: [path], origin: 'source' })).toMatchObject({ status: 'completed' })
  expect(engine.text(path)).toContain('second thought')
})

test('nothing that lives is deleted on a bad day, and each says what to do', async () => {
  const [general, random] = [fake.channel('general'), fake.channel('random')]
  for (const channel of [general, random])
    for (let day = 0; day < 5; day++) fake.post(channel, daysAgo(day), `day ${day}`)
  const config = { apiUrl: fake.url, channels: [general.id, 'random'] }
  await using engine = await startEngine(slack, { config, credentials })
  expect(await engine.sync()).toMatchObject({ status: 'completed', progress: { indexed: 10 } })
  const sync = () => engine.sync({ mode: 'full' })

  random.members.clear()
  expect(await sync()).toMatchObject({ status: 'partial', progress: { deleted: 0 } })
  random.members.add(fake.botId)
  general.hiddenBefore = daysAgo(3)
  expect(await sync()).toMatchObject({ status: 'partial', progress: { deleted: 0 } })
  delete general.hiddenBefore
  fake.rename(random, 'chance')
  expect(await sync()).toMatchObject({ status: 'completed', progress: { deleted: 0 } })
  expect(engine.text(`chance/${dateOf(1)}.md`)).toContain('day 1')

  fake.tokens.set(token, { scopes: allScopes.filter((scope) => scope !== 'channels:history') })
  expect(await sync()).toMatchObject({ status: 'partial', progress: { deleted: 0 } })
  fake.tokens.set(token, { scopes: allScopes })
  fake.teamId = 'T0OTHER001'
  expect(await sync()).toMatchObject({ status: 'failed', error: { code: 'misconfigured' } })
  fake.teamId = 'T0ACME0001'
  fake.tokens.clear()
  expect(await sync()).toMatchObject({ status: 'failed', error: { code: 'unauthenticated' } })
  expect(engine.indexed).toBe(10)
})

function dateOf(days: number): string {
  return new Date(Number(daysAgo(days).split('.')[0]) * 1000).toISOString().slice(0, 10).replaceAll('-', '/')
}
