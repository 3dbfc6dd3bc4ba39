import { afterEach, beforeEach, expect, test } from 'vitest'
import { daysAgo, drive, token } from './drive.ts'
import { writeExport } from './export-zip.ts'
import { allScopes, FakeSlack } from './fake-slack.ts'

let fake: FakeSlack
beforeEach(async () => {
  fake = await new FakeSlack().start()
  fake.tokens.set(token, { scopes: allScopes })
  fake.user('U0ANN00001', 'ann')
  fake.user('U0BOB00001', 'bob')
})
afterEach(() => fake.stop())

/** A channel of 100 days with threads, and its export as of 20 days ago. */
async function exported() {
  const general = fake.channel('general')
  for (let day = 0; day < 100; day++) {
    fake.post(general, daysAgo(day), `day ${day}`)
    if (day % 10 === 5 && day > 30) fake.reply(general, daysAgo(day), daysAgo(day - 1, 200), `reply ${day}`)
  }
  const messages = [...general.messages.values()].map((message) => fake.shown(general, message))
  const replies = [...general.replies.values()].flat()
  const old = [...messages, ...replies]
    .filter(({ ts }) => ts < daysAgo(20))
    .map((message) => ({ channel: 'general', message }))
  return { general, exportPath: await writeExport([{ id: general.id, name: 'general' }], old) }
}

function dateOf(days: number): string {
  return new Date(Number(daysAgo(days).split('.')[0]) * 1000).toISOString().slice(0, 10).replaceAll('-', '/')
}

test('old messages come from the export, with the same ids and versions as by calls', async () => {
  const { exportPath } = await exported()
  fake.pageCap = 10
  await using live = await drive(fake)
  const byCalls = await live.list()
  const liveCalls = fake.count('conversations.history')
  await using slack = await drive(fake, { config: { exportPath } })
  const entries = await slack.list()
  const said = (all: typeof entries) => all.map(({ ref: _, ...entry }) => entry)
  expect(said(entries)).toEqual(said(byCalls))
  // 52 days by calls instead of 100.
  expect([liveCalls, fake.count('conversations.history') - liveCalls]).toEqual([10, 6])
  const calls = fake.total()
  const thread = entries.find(({ path }) => path.endsWith(`${daysAgo(75)}.md`))!
  const day = entries.find(({ id }) =>
    id.endsWith(new Date(Number(daysAgo(90).split('.')[0]) * 1000).toISOString().slice(0, 10)),
  )!
  expect(await slack.text(thread)).toMatch(/day 75[\s\S]*\*\*bob\*\*[\s\S]*reply 75/)
  expect(await slack.text(day)).toContain('day 90')
  expect(fake.total()).toBe(calls)
})

test('a listing from an export resumes at its checkpoints', async () => {
  const { exportPath } = await exported()
  await using slack = await drive(fake, { config: { exportPath } })
  const seen: string[] = []
  let resume: unknown
  for await (const item of slack.items()) {
    if ('kind' in item) resume = item.cursor
    else seen.push(item.id)
    if (seen.length === 90) break
  }
  const rest = await slack.list({ resume: resume as never })
  expect(rest.length).toBeLessThan(30)
  expect(new Set([...seen, ...rest.map(({ id }) => id)]).size).toBe(107)
})

test('a damaged day holds back deletions of its channel, and nothing else', async () => {
  const { general } = await exported()
  const random = fake.channel('random')
  const message = { type: 'message', ts: daysAgo(70), user: 'U0ANN00001', text: 'random' }
  const exportPath = await writeExport(
    [general, random],
    [
      { channel: 'random', message },
      { channel: 'random', message: { ...message, ts: daysAgo(30) } },
      { channel: 'general', message: { ...message, ts: daysAgo(71) } },
      { channel: 'general', message: { ...message, ts: daysAgo(30) } },
    ],
    `general/${new Date(Number(daysAgo(80).split('.')[0]) * 1000).toISOString().slice(0, 10)}.json`,
  )
  await using slack = await drive(fake, { config: { exportPath } })
  const paths = (await slack.list()).map(({ path }) => path)
  expect(slack.unreadable).toMatchObject([{ path: 'general/', error: { code: 'unprocessable' } }])
  expect(paths.filter((path) => path.startsWith('random/'))).toHaveLength(1)
  expect(paths).toContain(`general/${dateOf(71)}.md`)
})

test('the token in the address of an exported file is not kept', async () => {
  const general = fake.channel('general')
  fake.post(general, daysAgo(100), 'the plan')
  fake.attach(general, daysAgo(100), { id: 'F0PLAN0001', name: 'plan.txt' }, 'all of it')
  const exportPath = await writeExport(
    [general],
    [
      { channel: 'general', message: general.messages.get(daysAgo(100))! },
      { channel: 'general', message: { type: 'message', ts: daysAgo(40), user: 'U0ANN00001', text: 'newer' } },
    ],
  )
  await using slack = await drive(fake, { config: { exportPath } })
  const entries = await slack.list()
  expect(JSON.stringify(entries)).not.toContain('xoxe-')
  expect(await slack.text(entries.find(({ path }) => path.endsWith('plan.txt'))!)).toBe('all of it')
})

test('an export of 6,000 files is listed and read without a call', { timeout: 60_000 }, async () => {
  const channels = Array.from({ length: 40 }, (_, i) => fake.channel(`channel-${i}`))
  function* messages() {
    for (const { name } of channels)
      for (let day = 50; day < 200; day++)
        for (let i = 0; i < 10; i++) {
          const parent = {
            type: 'message',
            ts: daysAgo(day, 100 + i),
            user: 'U0ANN00001',
            text: `message ${i} of ${day}`,
          }
          const ts = daysAgo(day, 500 + i)
          const thread = { thread_ts: parent.ts, reply_count: 1, latest_reply: ts, replies: [{ ts }] }
          yield { channel: name, message: { ...parent, ...(i % 2 ? thread : {}) } }
          if (i % 2) yield { channel: name, message: { ...parent, ts, text: `reply ${i}`, thread_ts: parent.ts } }
        }
  }
  const exportPath = await writeExport(channels, messages())
  await using slack = await drive(fake, { config: { exportPath } })
  const entries = await slack.list()
  const threads = entries.filter(({ path }) => path.split('/').length === 5)
  // 30 days before the last one in the export are asked for.
  expect([entries.length, threads.length]).toEqual([40 * 119 * 6, 40 * 119 * 5])
  const calls = fake.total()
  for (const thread of threads.slice(0, 1_000)) expect(await slack.text(thread)).toContain('reply')
  expect(fake.total()).toBe(calls)
})

test('what is no export is a mistake to show', async () => {
  fake.channel('general')
  for (const exportPath of ['/nowhere/export.zip', import.meta.filename]) {
    await using slack = await drive(fake, { config: { exportPath } })
    await expect(slack.list()).rejects.toMatchObject({
      code: 'misconfigured',
      message: expect.stringContaining(exportPath),
    })
  }
})
