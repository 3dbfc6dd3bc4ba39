import { afterEach, beforeEach, expect, test } from 'vitest'
import { drive, token } from './drive.ts'
import { capabilities, FakeNotion, richText } from './fake-notion.ts'

let fake: FakeNotion
beforeEach(async () => {
  fake = await new FakeNotion().start()
  fake.tokens.set(token, capabilities)
})
afterEach(() => fake.stop())

test('a row is its properties as front matter and its body, in one call', async () => {
  const tasks = fake.source('Tasks')
  fake.row(tasks, 'Write *it*', 'The body.', {
    State: { id: 's', type: 'status', status: { id: 'x', name: 'Doing', color: 'blue' } },
    'Due on': { id: 'd', type: 'date', date: { start: '2026-03-01', end: '2026-03-04', time_zone: null } },
    Tags: {
      id: 't',
      type: 'multi_select',
      multi_select: [
        { id: '1', name: 'a', color: 'red' },
        { id: '2', name: 'b', color: 'red' },
      ],
    },
    Number: { id: 'n', type: 'unique_id', unique_id: { prefix: 'CX', number: 7 } },
    Sum: { id: 'f', type: 'formula', formula: { type: 'number', number: 0 } },
    Notes: { id: 'r', type: 'rich_text', rich_text: richText('a "note"') },
    Empty: { id: 'e', type: 'select', select: null },
  })
  await using notion = await drive(fake, { config: { includeDatabases: false } })
  const [row] = await notion.list()
  const before = fake.total()
  expect(await notion.text(row!)).toBe(`---
State: "Doing"
"Due on": "2026-03-01 → 2026-03-04"
Tags: ["a","b"]
Number: "CX-7"
Sum: 0
Notes: "a \\"note\\""
---

# Write \\*it\\*

The body.
`)
  expect(fake.total() - before).toBe(1)
})

test('related rows come by their titles, each asked for once; those that are not shared by their ids', async () => {
  const [tasks, people] = [fake.source('Tasks'), fake.source('People')]
  const ann = fake.row(people, 'Ann')
  const alien = fake.id()
  for (const name of ['One', 'Two'])
    fake.row(tasks, name, '', {
      Who: { id: 'w', type: 'relation', relation: [{ id: ann.page.id }, { id: alien }], has_more: false } as never,
    })
  await using listing = await drive(fake, { config: { databases: [tasks.id], includeDatabases: false } })
  const entries = await listing.list()
  for (const entry of entries) expect(await listing.text(entry)).toContain(`Who: ["Ann","${alien}"]`)
  expect(fake.count('GET pages/:id')).toBe(2)
})

test('a list of more than 25 people is completed', async () => {
  const people = Array.from({ length: 40 }, (_, index) => ({
    object: 'user' as const,
    id: `u-${index}`,
    name: `P${index}`,
    avatar_url: null,
    type: 'person' as const,
    person: {},
  }))
  const page = fake.page('Team', '', { properties: { Who: { id: 'who', type: 'people', people } } })
  const shown = page.page.properties
  await using notion = await drive(fake, { config: { descend: 'none' } })
  page.page.properties = { ...shown, Who: { id: 'who', type: 'people', people: people.slice(0, 25) } }
  const [entry] = await notion.list()
  page.page.properties = shown
  fake.pageCap = 15
  expect(await notion.text(entry!)).toContain('"P24","P25"')
})

test('parts that Notion leaves out are asked for and put in their places, those it does not support stay out', async () => {
  const page = fake.page('Long')
  const [first, nested, alien] = [fake.id(), fake.id(), fake.id()] as const
  const unknown = (id: string) => `<unknown url="${page.page.url}#${id.replaceAll('-', '')}" alt="bookmark"/>`
  page.body = `before\n\t${unknown(first)}\nafter\n${unknown(alien)}`
  page.truncated = true
  page.unknown = [first, alien]
  page.parts.set(first, { markdown: `part one\n${unknown(nested)}`, unknown: [nested] })
  page.parts.set(nested, { markdown: 'part two' })
  await using notion = await drive(fake, { config: { descend: 'none' } })
  const [entry] = await notion.list()
  const text = await notion.text(entry!)
  expect(text).toContain('before\n    part one\n    part two\nafter\n(bookmark)')
  page.unknown = []
  await expect(notion.text(entry!)).rejects.toMatchObject({ code: 'unprocessable' })
})

test('a page that was deleted since it was listed, and one whose body half arrives', async () => {
  const page = fake.page('Gone', 'x'.repeat(100))
  await using notion = await drive(fake)
  const [entry] = await notion.list()
  fake.next.set('GET pages/:id/markdown', [
    () =>
      new Response('{"object":"page_markdown","markdown":"half', { headers: { 'content-type': 'application/json' } }),
  ])
  await expect(notion.read(entry!)).rejects.toMatchObject({ code: 'unavailable' })
  fake.trash(page)
  await expect(notion.read(entry!)).rejects.toMatchObject({ code: 'not_found' })
})

test('a database is its description and fields; comments come where they are wanted', async () => {
  const tasks = fake.source('Tasks')
  tasks.description = richText('What we do.')
  tasks.properties.State = {
    id: 's',
    name: 'State',
    description: null,
    type: 'select',
    select: {
      options: [
        { id: '1', name: 'Open', color: 'red', description: null },
        { id: '2', name: 'Done', color: 'red', description: null },
      ],
    },
  }
  const home = fake.page('Home', 'text')
  home.comments.push('first', 'second')
  fake.pageCap = 1
  await using notion = await drive(fake, { config: { includeComments: true } })
  const entries = await notion.list()
  const textOf = (path: string) => notion.text(entries.find((one) => one.path === path)!)
  expect(await textOf('Tasks.md')).toContain('What we do.\n\n| Field | Type | Options |')
  expect(await textOf('Tasks.md')).toContain('| State | select | Open, Done |')
  expect(await textOf('Home.md')).toContain('## Comments\n\n**Bob**, 2026-02-01T08:00:00.000Z: first\n\n**Bob**')
  const [before] = entries.filter(({ path }) => path === 'Home.md')
  home.comments.push('third, and the page stands still')
  const after = (await notion.list()).find(({ path }) => path === 'Home.md')
  expect(after!.version).not.toBe(before!.version)
  expect((await notion.list()).map(({ version }) => version)).toContain(after!.version)
  fake.tokens.set(token, ['read_content'])
  const refused = { code: 'forbidden', remediation: expect.stringContaining('“Read comments”') }
  await expect(textOf('Home.md')).rejects.toMatchObject(refused)
  await expect(notion.list()).rejects.toMatchObject(refused)
})
