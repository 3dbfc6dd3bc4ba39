import { afterEach, beforeEach, expect, test } from 'vitest'
import { drive, token } from './drive.ts'
import { capabilities, FakeNotion } from './fake-notion.ts'

let fake: FakeNotion
beforeEach(async () => {
  fake = await new FakeNotion().start()
  fake.tokens.set(token, capabilities)
})
afterEach(() => fake.stop())

test('edits, new pages and confirmed deletions, in two calls and one for each deletion', async () => {
  const home = fake.page('Home')
  const old = fake.page('Old', '', { parent: fake.under(home) })
  fake.now += 3_600_000
  const other = fake.page('Other')
  await using before = await drive(fake)
  const cursor = await before.now()
  fake.edit(home, 'edited')
  const born = fake.page('New', '', { parent: fake.under(home) })
  fake.trash(old)
  await using notion = await drive(fake)
  const calls = fake.total()
  const { upserts, gone, next } = await notion.since(cursor)
  expect(upserts.map(({ path }) => path)).toEqual(['Home/New.md', 'Home.md'])
  expect(gone).toEqual([old.page.id])
  expect(fake.total() - calls).toBe(4)
  expect(await notion.since(next)).toMatchObject({ upserts: [], gone: [] })
  expect([born, other].map(({ page }) => page.in_trash)).toEqual([false, false])
})

test('what search still shows in the trash, and is out of it, stays', async () => {
  const home = fake.page('Home')
  await using notion = await drive(fake)
  const cursor = await notion.now()
  fake.trash(home)
  fake.next.set('GET pages/:id', [() => Response.json({ ...home.page, in_trash: false })])
  expect((await notion.since(cursor)).gone).toEqual([])
})

test('edits of the same minute are not missed: first seen as unsettled, then once more', async () => {
  const home = fake.page('Home', 'first')
  const edited = Date.parse(home.page.last_edited_time)
  fake.date = edited + 20_000
  await using notion = await drive(fake)
  const cursor = await notion.now()
  const [listed] = await notion.list()
  // Under the same minute as before; only the body is another one.
  home.body = 'second'
  fake.date = edited + 300_000
  await notion.check()
  const { upserts, next } = await notion.since(cursor)
  expect(upserts.map(({ id }) => id)).toEqual([home.page.id])
  expect(upserts[0]!.version).not.toBe(listed!.version)
  expect((await notion.since(next)).upserts).toEqual([])
})

test('a page of an equal minute that search showed late is found within the overlap', async () => {
  const late = fake.page('Late', '', { hidden: true })
  const home = fake.page('Home')
  home.page.last_edited_time = late.page.last_edited_time
  await using notion = await drive(fake)
  const cursor = await notion.now()
  late.hidden = false
  const { upserts, next } = await notion.since(cursor)
  expect(upserts.map(({ path }) => path)).toEqual(['Late.md'])
  // As search goes on ten minutes behind what it has shown already.
  const later = fake.page('Later', '', { hidden: true })
  fake.now += 10 * 60_000
  fake.page('Meanwhile')
  const shown = await notion.since(next)
  later.hidden = false
  expect((await notion.since(shown.next)).upserts.map(({ path }) => path)).toEqual(['Later.md'])
})

test('a changed property is a change even where the time stands still', async () => {
  const tasks = fake.source('Tasks')
  const row = fake.row(tasks, 'Write', '', { Done: { id: 'd', type: 'checkbox', checkbox: false } })
  await using notion = await drive(fake, { config: { databases: [tasks.id] } })
  const cursor = await notion.now()
  row.page.properties.Done = { id: 'd', type: 'checkbox', checkbox: true }
  expect((await notion.since(cursor)).upserts.map(({ path }) => path)).toEqual(['Tasks/Write.md'])
})

test('configured databases are asked themselves; what is outside leaves', async () => {
  const [tasks, others] = [fake.source('Tasks'), fake.source('Others')]
  const row = fake.row(tasks, 'Write')
  const gone = fake.row(tasks, 'Gone')
  fake.row(others, 'No')
  row.hidden = true
  gone.hidden = true
  await using notion = await drive(fake, { config: { databases: [tasks.id] } })
  const cursor = await notion.now()
  fake.edit(row, 'search has not heard of it')
  fake.trash(gone)
  const first = await notion.since(cursor)
  expect(first).toMatchObject({ upserts: [{ path: 'Tasks/Write.md' }], gone: [gone.page.id] })
  fake.move(row, fake.in(others))
  row.hidden = false
  expect(await notion.since(first.next)).toMatchObject({ upserts: [], gone: [row.page.id] })
})

test('a deleted database, another workspace and a cut-off feed end the cursor', async () => {
  const tasks = fake.source('Tasks')
  fake.row(tasks, 'Write')
  await using notion = await drive(fake)
  const cursor = await notion.now()
  fake.resultCap = 2
  for (let index = 0; index < 5; index++) fake.page(`page ${index}`)
  await expect(notion.since(cursor)).rejects.toMatchObject({ code: 'cursor_expired' })
  fake.resultCap = 10_000
  tasks.in_trash = true
  tasks.last_edited_time = fake.tick()
  await expect(notion.since(cursor)).rejects.toMatchObject({ code: 'cursor_expired' })
  fake.workspaceId = 'another'
  await using elsewhere = await drive(fake)
  await expect(elsewhere.since(cursor)).rejects.toMatchObject({ code: 'cursor_expired' })
})
