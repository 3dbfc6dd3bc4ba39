import { afterEach, beforeEach, expect, test } from 'vitest'
import { daysAgo, drive, token } from './drive.ts'
import { allScopes, FakeSlack } from './fake-slack.ts'

let fake: FakeSlack
beforeEach(async () => {
  fake = await new FakeSlack().start()
  fake.tokens.set(token, { scopes: allScopes })
  fake.user('U0ANN00001', 'ann')
  fake.user('U0BOB00001', 'bob')
})
afterEach(() => fake.stop())

test('days of a channel share their calls', async () => {
  const general = fake.channel('general')
  for (let day = 0; day < 100; day++) fake.post(general, daysAgo(day), `day ${day}`)
  await using slack = await drive(fake)
  const entries = await slack.list()
  const before = fake.count('conversations.history')
  const texts = await Promise.all(entries.map((entry) => slack.text(entry)))
  expect(texts.map((text, day) => text.includes(`day ${day}\n`)).every(Boolean)).toBe(true)
  expect(fake.count('conversations.history')).toBe(before + 1)
})

test('what waits is given only while it is what was listed', async () => {
  const general = fake.channel('general')
  for (let day = 0; day < 3; day++) fake.post(general, daysAgo(day), `day ${day}`)
  await using slack = await drive(fake)
  const [first, second] = await slack.list()
  await slack.text(first!)
  fake.edit(general, daysAgo(1), 'changed')
  const [, changed] = await slack.list()
  expect(changed!.version).not.toBe(second!.version)
  expect(await slack.text(changed!)).toContain('changed')
})

test('a long thread is whole, and a broken one is not stored', async () => {
  const general = fake.channel('general')
  fake.pageCap = 20
  fake.post(general, daysAgo(3), 'parent')
  for (let reply = 1; reply <= 50; reply++) fake.reply(general, daysAgo(3), daysAgo(2, reply), `reply ${reply}`)
  await using slack = await drive(fake)
  const thread = (await slack.list())[1]!
  const text = await slack.text(thread)
  expect([...text.matchAll(/reply \d+$/gm)]).toHaveLength(50)
  expect([...text.matchAll(/^parent$/gm)]).toHaveLength(1)
  fake.next.set('conversations.replies', [() => undefined, () => new Response('', { status: 500 })])
  await expect(slack.text(thread)).rejects.toMatchObject({ code: 'unavailable' })
  // More follows, and Slack does not say where.
  const cut = () => Response.json({ ok: true, messages: [{ ts: daysAgo(3), text: 'parent' }], has_more: true })
  fake.next.set('conversations.replies', [cut])
  await expect(slack.text(thread)).rejects.toMatchObject({ code: 'unavailable' })
})

test('gone is not_found; a channel that cannot be seen is not', async () => {
  const general = fake.channel('general')
  const inner = fake.channel('inner', { isPrivate: true })
  for (const channel of [general, inner]) {
    fake.post(channel, daysAgo(3), 'parent')
    fake.reply(channel, daysAgo(3), daysAgo(2), 'reply')
  }
  await using slack = await drive(fake)
  const [day, thread, innerDay, innerThread] = await slack.list()
  general.messages.clear()
  inner.members.clear()
  await expect(slack.read(day!)).rejects.toMatchObject({ code: 'not_found' })
  await expect(slack.read(thread!)).rejects.toMatchObject({ code: 'not_found' })
  await expect(slack.read(innerDay!)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(slack.read(innerThread!)).rejects.toMatchObject({ code: 'forbidden' })
})

test('files are documents, with the token for Slack alone', async () => {
  const general = fake.channel('general')
  fake.post(general, daysAgo(1), 'see attached')
  fake.attach(general, daysAgo(1), { id: 'F0PLAN0001', name: 'a/plan.txt' }, 'the plan')
  fake.attach(general, daysAgo(1), { id: 'F0STRANGE1', url_private: 'https://evil.example/steal' }, '')
  fake.attach(general, daysAgo(1), { id: 'F0DRIVE001', mode: 'external', is_external: true }, '')
  await using slack = await drive(fake)
  const [day, plan, strange, ...more] = await slack.list()
  expect(more).toEqual([])
  expect(plan).toMatchObject({
    path: 'general/files/F0PLAN0001-a∕plan.txt',
    title: 'a/plan.txt',
    mimeType: 'text/plain',
    size: 8,
    author: 'ann',
  })
  expect(strange!.unavailable).toContain('not on Slack')
  await expect(slack.read(strange!)).rejects.toMatchObject({ code: 'unprocessable' })
  expect(await slack.text(plan!)).toBe('the plan')
  expect(await slack.text(day!)).toContain('Attached: [a/plan.txt](https://acme.slack.com/files/')
  expect(await slack.list({ paths: [plan!.path] })).toEqual([plan])
  fake.files.clear()
  await expect(slack.read(plan!)).rejects.toMatchObject({ code: 'not_found' })
})

test('the sign-in page is not taken for a file', async () => {
  const general = fake.channel('general')
  fake.post(general, daysAgo(1), 'see attached')
  fake.attach(general, daysAgo(1), { id: 'F0PLAN0001' }, 'the plan')
  fake.attach(general, daysAgo(1), { id: 'F0PAGE0001', mimetype: 'text/html' }, '<p>the page</p>')
  await using slack = await drive(fake)
  const [, plan, page] = await slack.list()
  expect(await slack.text(page!)).toBe('<p>the page</p>')
  fake.tokens.set(token, { scopes: allScopes.filter((scope) => scope !== 'files:read') })
  await expect(slack.read(plan!)).rejects.toMatchObject({
    code: 'forbidden',
    remediation: expect.stringContaining('files:read'),
  })
  // A token that says it has no files:read lists them as unavailable.
  await using poor = await drive(fake)
  expect((await poor.list())[1]!.unavailable).toContain('files:read')
})

test('a large file comes as it is read', async () => {
  const general = fake.channel('general')
  const size = 512 * 1024 * 1024
  fake.post(general, daysAgo(1), 'see attached')
  fake.attach(general, daysAgo(1), { id: 'F0LARGE001', mimetype: 'application/octet-stream' }, size)
  await using slack = await drive(fake)
  const { body } = await slack.read((await slack.list())[1]!)
  const reader = (body as ReadableStream<Uint8Array>).getReader()
  await reader.read()
  expect(process.memoryUsage().arrayBuffers).toBeLessThan(size / 4)
  await reader.cancel()
})

test('names stand for people, channels and groups, and ids where they are not told', async () => {
  const general = fake.channel('general')
  const text = `<@U0BOB00001> see <#${general.id}> and <#C0NOWHERE1|lost>, <!subteam^S0TEAM0001|@team>`
  fake.post(general, daysAgo(1), text)
  await using slack = await drive(fake)
  expect(await slack.text((await slack.list())[0]!)).toContain('@bob see #general and #lost, @team')
  fake.tokens.set(token, { scopes: allScopes.filter((scope) => scope !== 'users:read') })
  await using poor = await drive(fake)
  expect(await poor.text((await poor.list())[0]!)).toContain('**U0ANN00001**')
  expect(poor.logs.join()).toContain('users:read')
})

test('a read ends with the run, also one that waits for its neighbour', async () => {
  const general = fake.channel('general')
  for (let day = 0; day < 3; day++) fake.post(general, daysAgo(day), `day ${day}`)
  const controller = new AbortController()
  await using slack = await drive(fake, { signal: controller.signal })
  const entries = await slack.list()
  const asked = new Promise<void>((resolve) => {
    fake.next.set('conversations.history', [() => new Promise<Response>(() => resolve())])
  })
  const reads = entries.map((entry) => slack.read(entry))
  await asked
  controller.abort(new Error('cancelled'))
  const ends = await Promise.allSettled(reads)
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  expect(fake.count('conversations.history')).toBe(2)
})

test('a file that another workspace shares is asked for first', async () => {
  const general = fake.channel('general')
  fake.post(general, daysAgo(1), 'see attached')
  fake.attach(general, daysAgo(1), { id: 'F0SHARED01' }, 'theirs')
  const message = general.messages.get(daysAgo(1))!
  general.messages.set(daysAgo(1), {
    ...message,
    files: [{ id: 'F0SHARED01', mode: 'file_access', file_access: 'check_file_info' }],
  })
  await using slack = await drive(fake)
  const [, file] = await slack.list()
  expect(await slack.text(file!)).toBe('theirs')
  expect(fake.count('files.info')).toBe(1)
})

test('messages of bots say what their attachments say, and are left out on request', async () => {
  const general = fake.channel('general')
  const attachments = [
    {
      title: 'Build 7',
      title_link: 'https://ci.example/7',
      text: '*failed* on main',
      fields: [{ title: 'By', value: '<@U0ANN00001>' }],
    },
  ]
  fake.post(general, daysAgo(1, 1), '', { subtype: 'bot_message', bot_id: 'B1', username: 'ci', attachments })
  fake.post(general, daysAgo(1, 2), 'on it')
  await using slack = await drive(fake)
  const [day] = await slack.list()
  expect(await slack.text(day!)).toContain('**[Build 7](https://ci.example/7)**\n\n**failed** on main\n\n**By:** @ann')
  await using quiet = await drive(fake, { config: { includeBots: false } })
  const [own] = await quiet.list()
  expect(own!.version).not.toBe(day!.version)
  expect(await quiet.text(own!)).not.toContain('Build 7')
})
