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
