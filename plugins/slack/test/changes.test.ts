import { afterEach, beforeEach, expect, test } from 'vitest'
import { daysAgo, drive, token } from './drive.ts'
import { allScopes, type FakeChannel, FakeSlack } from './fake-slack.ts'

let fake: FakeSlack
let general: FakeChannel
beforeEach(async () => {
  fake = await new FakeSlack().start()
  fake.tokens.set(token, { scopes: allScopes })
  fake.user('U0ANN00001', 'ann')
  general = fake.channel('general')
  for (let day = 0; day < 60; day++) fake.post(general, daysAgo(day), `day ${day}`)
  fake.reply(general, daysAgo(10), daysAgo(9), 'first reply')
})
afterEach(() => fake.stop())

test('new messages, edits, late replies and deletions of the look-back window', async () => {
  await using before = await drive(fake)
  const cursor = await before.now()
  const paths = new Map((await before.list()).map(({ id, path }) => [id, path]))
  fake.post(general, daysAgo(0, 900), 'new')
  fake.edit(general, daysAgo(5), 'edited')
  fake.reply(general, daysAgo(10), daysAgo(0, 950), 'late reply')
  fake.reply(general, daysAgo(20), daysAgo(0, 960), 'a thread begins')
  general.messages.delete(daysAgo(7))
  await using slack = await drive(fake)
  const { upserts, gone, next } = await slack.since(cursor)
  const date = (days: number) =>
    new Date(Number(daysAgo(days).split('.')[0]) * 1000).toISOString().slice(0, 10).replaceAll('-', '/')
  expect(upserts.map(({ path }) => path)).toEqual([
    `general/${date(0)}.md`,
    `general/${date(5)}.md`,
    `general/${date(10)}.md`,
    `general/${date(10)}/${daysAgo(10)}.md`,
    `general/${date(20)}.md`,
    `general/${date(20)}/${daysAgo(20)}.md`,
  ])
  expect(gone.map((id) => paths.get(id))).toEqual([`general/${date(7)}.md`])
  const again = await slack.since(next)
  expect(again).toMatchObject({ upserts: [], gone: [] })
})

test('a thread that lost its replies, and one whose parent was deleted', async () => {
  fake.reply(general, daysAgo(12), daysAgo(11), 'stays')
  await using before = await drive(fake)
  const cursor = await before.now()
  general.replies.delete(daysAgo(10))
  const parent = general.messages.get(daysAgo(12))!
  general.messages.set(daysAgo(12), {
    ...parent,
    subtype: 'tombstone',
    text: 'This message was deleted.',
    user: 'USLACKBOT',
  })
  await using slack = await drive(fake)
  const { upserts, gone } = await slack.since(cursor)
  expect(gone.sort()).toEqual([
    `slack:T0ACME0001:${general.id}:${daysAgo(10)}`,
    // Nothing is said any more on the day of the deleted parent; its thread lives on.
    `slack:T0ACME0001:${general.id}:${new Date(Number(daysAgo(12).split('.')[0]) * 1000).toISOString().slice(0, 10)}`,
  ])
  expect(upserts.map(({ id }) => id.split(':').at(-1))).toContain(daysAgo(12))
})

test('a reply in the place of a deleted one is news', async () => {
  await using slack = await drive(fake)
  const cursor = await slack.now()
  const before = (await slack.list()).find(({ id }) => id.endsWith(daysAgo(10)))!
  general.replies.delete(daysAgo(10))
  fake.reply(general, daysAgo(10), daysAgo(8), 'second thoughts')
  const { upserts } = await slack.since(cursor)
  expect(upserts.map(({ id }) => id)).toEqual([before.id])
  expect(upserts[0]!.version).not.toBe(before.version)
})

test('only the window is asked for', async () => {
  fake.pageCap = 10
  await using slack = await drive(fake, { config: { lookbackDays: 15 } })
  const cursor = await slack.now()
  const before = fake.count('conversations.history')
  expect((await slack.since(cursor)).upserts).toEqual([])
  expect(fake.count('conversations.history') - before).toBe(2)
  fake.edit(general, daysAgo(40), 'beyond the window')
  expect((await slack.since(cursor)).upserts).toEqual([])
  expect((await slack.list()).length).toBe(61)
})

test('a new channel is listed whole; a renamed one moves whole; a lost one asks for a listing', async () => {
  await using first = await drive(fake)
  const cursor = await first.now()
  const news = fake.channel('news')
  for (let day = 0; day < 50; day++) fake.post(news, daysAgo(day), `news ${day}`)
  fake.rename(general, 'all')
  await using second = await drive(fake)
  const { upserts, gone, next } = await second.since(cursor)
  expect(gone).toEqual([])
  expect(
    Object.entries(Object.groupBy(upserts, ({ path }) => path.split('/')[0]!)).map(([name, all]) => [
      name,
      all!.length,
    ]),
  ).toEqual([
    ['all', 61],
    ['news', 50],
  ])
  news.members.clear()
  await using third = await drive(fake)
  await expect(third.since(next)).rejects.toMatchObject({ code: 'cursor_expired' })
})

test('another workspace behind the token is no news', async () => {
  await using before = await drive(fake)
  const cursor = await before.now()
  fake.teamId = 'T0OTHER001'
  await using slack = await drive(fake)
  await expect(slack.since(cursor)).rejects.toMatchObject({ code: 'cursor_expired' })
  expect((await slack.check()).tenant).toBe('T0OTHER001')
})

test('an app of the limited class looks back one day', async () => {
  fake.limitedClass = true
  await using before = await drive(fake)
  const cursor = await before.now()
  expect(fake.count('conversations.history')).toBe(1)
  fake.edit(general, daysAgo(1), 'edited')
  fake.edit(general, daysAgo(5), 'seen by the weekly listing')
  await using slack = await drive(fake)
  const { upserts, gone } = await slack.since(cursor)
  expect(gone).toEqual([])
  expect(
    await slack.text(
      upserts.find(
        ({ title }) =>
          title === `#general — ${new Date(Number(daysAgo(1).split('.')[0]) * 1000).toISOString().slice(0, 10)}`,
      )!,
    ),
  ).toContain('edited')
})

test('what a plan hides in the window is not deleted', async () => {
  await using before = await drive(fake)
  const cursor = await before.now()
  general.hiddenBefore = daysAgo(10)
  general.messages.delete(daysAgo(3))
  await using slack = await drive(fake)
  const { gone } = await slack.since(cursor)
  expect(gone).toHaveLength(1)
})

test('a busy channel is watched for fewer days, in a cursor of bounded size', async () => {
  for (let index = 0; index < 3000; index++) {
    const ts = daysAgo(Math.floor(index / 200), 1000 + index)
    fake.post(general, ts, `thread ${index}`)
    fake.reply(general, ts, daysAgo(0, 500_000 + index), 'reply')
  }
  await using slack = await drive(fake)
  const cursor = await slack.now()
  expect(JSON.stringify(cursor).length).toBeLessThan(80_000)
  expect(await slack.since(cursor)).toMatchObject({ upserts: [], gone: [] })
})
