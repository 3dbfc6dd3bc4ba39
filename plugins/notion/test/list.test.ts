import type { Json } from '@cx/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { drive, token } from './drive.ts'
import { capabilities, FakeNotion, failure, tooMany } from './fake-notion.ts'

let fake: FakeNotion
beforeEach(async () => {
  fake = await new FakeNotion().start()
  fake.tokens.set(token, capabilities)
})
afterEach(() => fake.stop())

const pathsOf = (entries: readonly { path: string }[]) => entries.map(({ path }) => path).sort()

test('pages under pages, rows under databases of several data sources, pages inside columns', async () => {
  const home = fake.page('Home', 'hello')
  fake.page('Plans/2026', '', { parent: fake.under(home) })
  const column = fake.id()
  home.parts.set(column, { markdown: '' })
  fake.page('In a column', '', { parent: { type: 'block_id', block_id: column } })
  const databaseId = fake.id()
  const tasks = fake.source('Tasks', { databaseId, parent: { type: 'page_id', page_id: home.page.id } })
  const ideas = fake.source('Ideas', { databaseId, parent: { type: 'page_id', page_id: home.page.id } })
  fake.row(tasks, 'Write')
  fake.row(ideas, '')
  await using notion = await drive(fake)
  expect(pathsOf(await notion.list())).toEqual([
    'Home.md',
    'Home/Ideas.md',
    'Home/Ideas/Untitled.md',
    'Home/In a column.md',
    'Home/Plans∕2026.md',
    'Home/Tasks.md',
    'Home/Tasks/Write.md',
  ])
})

test('what search misses is found under the pages that hold it, and databases by their rows', async () => {
  const home = fake.page('Home')
  const child = fake.page('Child', '', { parent: fake.under(home), hidden: true })
  const grandchild = fake.page('Grandchild', '', { parent: fake.under(child), hidden: true })
  const linked = fake.page('Only mentioned', '', { hidden: true })
  const inside = fake.source('Inside', { parent: { type: 'page_id', page_id: home.page.id }, hidden: true })
  fake.row(inside, 'Row').hidden = true
  const byRow = fake.source('By its row', { hidden: true })
  fake.row(byRow, 'Seen')
  fake.row(byRow, 'Unseen').hidden = true
  home.body = [
    `\t<page url="${child.page.url}">Child</page>`,
    `<mention-page url="${linked.page.url}">Only mentioned</mention-page>`,
    `<database url="${inside.url}?v=1" inline="false">Inside</database>`,
    '```',
    `<page url="${linked.page.url}">literal</page>`,
    '```',
  ].join('\n')
  child.body = `<page url="{{${grandchild.page.url}}}">Grandchild</page>`
  await using notion = await drive(fake, { config: { includeDatabases: false } })
  expect(pathsOf(await notion.list())).toEqual([
    'By its row/Seen.md',
    'By its row/Unseen.md',
    'Home.md',
    'Home/Child.md',
    'Home/Child/Grandchild.md',
    'Home/Inside/Row.md',
  ])
  await using flat = await drive(fake, { config: { includeDatabases: false, descend: 'none' } })
  expect(pathsOf(await flat.list())).toEqual(['By its row/Seen.md', 'By its row/Unseen.md', 'Home.md'])
})

test('pages that are edited while the search is read, and so move to its front, are listed all the same', async () => {
  fake.pageCap = 5
  const old = Array.from({ length: 7 }, (_, index) => fake.page(`old ${index}`))
  for (let index = 0; index < 20; index++) fake.page(`page ${index}`)
  fake.next.set('POST search', [
    () => undefined,
    () => undefined,
    () => undefined,
    () => {
      for (const page of old) fake.edit(page, 'now among the newest')
      return undefined
    },
  ])
  await using notion = await drive(fake, { config: { descend: 'none' } })
  expect(await notion.list()).toHaveLength(27)
  // One for data sources, six for pages, and two that look once more.
  expect(fake.count('POST search')).toBe(9)
})

test('a page whose text Notion does not give is there: its place is reported, what it holds stays', async () => {
  const home = fake.page('Home')
  home.textless = true
  await using notion = await drive(fake)
  const [entry] = await notion.list()
  expect(entry!.path).toBe('Home.md')
  expect(notion.unreadable).toMatchObject([{ path: 'Home/', error: { code: 'unprocessable' } }])
  await expect(notion.read(entry!)).rejects.toMatchObject({ code: 'unprocessable' })
})

test('root pages and databases: what lies under them and nothing else', async () => {
  const home = fake.page('Home')
  const child = fake.page('Child', '', { parent: fake.under(home) })
  const secret = fake.page('Other')
  home.body = `<page url="${secret.page.url}">a link</page>`
  fake.page('Hidden', '', { parent: fake.under(child), hidden: true })
  child.body = [...fake.pages.values()].map(({ page }) => `<page url="${page.url}">x</page>`).join('\n')
  const tasks = fake.source('Tasks')
  fake.row(tasks, 'Write')
  const others = fake.source('Others')
  fake.row(others, 'No')
  await using byPage = await drive(fake, {
    config: { rootPages: [`https://www.notion.so/acme/Home-${home.page.id.replaceAll('-', '')}?pvs=4`] },
  })
  expect(pathsOf(await byPage.list())).toEqual(['Home.md', 'Home/Child.md', 'Home/Child/Hidden.md'])
  await using byDatabase = await drive(fake, { config: { databases: [tasks.id] } })
  const before = fake.count('POST search')
  expect(pathsOf(await byDatabase.list())).toEqual(['Tasks.md', 'Tasks/Write.md'])
  expect(fake.count('POST search')).toBe(before)
  fake.trash(home)
  await using gone = await drive(fake, { config: { rootPages: [home.page.id] } })
  await expect(gone.list()).rejects.toMatchObject({ code: 'misconfigured' })
  expect((await gone.check()).checks).toMatchObject([{ capability: 'rootPages', status: 'failed' }, {}])
})

test('a result that Notion cuts off: rows go on by time of creation, search is reported', async () => {
  fake.resultCap = 7
  const tasks = fake.source('Tasks')
  for (let index = 0; index < 30; index++) fake.row(tasks, `row ${index}`)
  await using notion = await drive(fake, { config: { databases: [tasks.id], includeDatabases: false } })
  expect(await notion.list()).toHaveLength(30)
  expect(notion.unreadable).toEqual([])
  await using all = await drive(fake)
  await all.list()
  expect(all.unreadable).toMatchObject([{ path: '', error: { code: 'forbidden' } }])
  for (const { page } of fake.pages.values()) page.created_time = '2026-02-01T08:00:00.000Z'
  await using stuck = await drive(fake, { config: { databases: [tasks.id] } })
  await stuck.list()
  expect(stuck.unreadable).toMatchObject([{ path: 'Tasks/', error: { code: 'forbidden' } }])
})

test('a 500 on page 40 is asked again; a lasting one ends the listing', async () => {
  const tasks = fake.source('Tasks')
  fake.pageCap = 1
  for (let index = 0; index < 50; index++) fake.row(tasks, `row ${index}`)
  const fail = () => failure(500, 'internal_server_error', 'Unexpected error occurred.')
  const query = 'POST data_sources/:id/query'
  const calm = Array.from({ length: 39 }, () => () => undefined)
  fake.next.set(query, [...calm, fail])
  const options = { config: { databases: [tasks.id], includeDatabases: false } }
  await using notion = await drive(fake, options)
  expect(await notion.list()).toHaveLength(50)
  fake.next.set(query, [...calm, fail, fail, fail])
  await expect(notion.list()).rejects.toMatchObject({ code: 'unavailable' })
})

test('a database that cannot be queried keeps its rows; a cursor that Notion forgot ends the listing', async () => {
  const tasks = fake.source('Tasks')
  fake.pageCap = 2
  for (let index = 0; index < 5; index++) fake.row(tasks, `row ${index}`)
  await using notion = await drive(fake)
  fake.next.set('POST data_sources/:id/query', [
    () => undefined,
    () => failure(400, 'validation_error', 'The start_cursor provided is invalid.'),
  ])
  await expect(notion.list()).rejects.toMatchObject({ code: 'unavailable' })
  fake.sources.get(tasks.id)!.unqueryable = true
  expect(pathsOf(await notion.list())).toEqual(['Tasks.md'])
  expect(notion.unreadable).toMatchObject([{ path: 'Tasks/', error: { code: 'unprocessable' } }])
})

test('of a database with several data sources the one that search misses is found', async () => {
  const databaseId = fake.id()
  fake.source('Seen', { databaseId })
  fake.row(fake.source('Missed', { databaseId, hidden: true }), 'Row').hidden = true
  await using notion = await drive(fake)
  expect(pathsOf(await notion.list())).toEqual(['Missed.md', 'Missed/Row.md', 'Seen.md'])
})

test('a listing goes on from its checkpoints, and skips what stood before them', async () => {
  for (let index = 0; index < 50; index++) fake.page(`page ${index}`)
  const tasks = fake.source('Tasks')
  for (let index = 0; index < 5; index++) fake.row(tasks, `row ${index}`)
  await using notion = await drive(fake)
  const all: string[] = []
  const places: { cursor: Json; after: number }[] = []
  for await (const item of notion.items())
    if ('kind' in item) places.push({ cursor: item.cursor, after: all.length })
    else all.push(item.path)
  expect(places.map(({ after }) => after)).toEqual([20, 40, 50, 56])
  const looked = fake.count('GET pages/:id/markdown')
  expect((await notion.list({ resume: places[1]!.cursor })).map(({ path }) => path)).toEqual(all.slice(40))
  expect(fake.count('GET pages/:id/markdown') - looked).toBe(10)
})

test('a cursor that comes twice, and an answer that is no list, end the listing', async () => {
  fake.page('Home')
  await using notion = await drive(fake)
  const again = () => Response.json({ object: 'list', results: [], has_more: true, next_cursor: 'c1' })
  fake.next.set('POST search', [() => undefined, again, again])
  await expect(notion.list()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('twice') })
  for (const body of ['<html></html>', '{}']) {
    fake.next.set(
      'POST search',
      Array.from({ length: 3 }, () => () => new Response(body)),
    )
    await expect(notion.list(), body).rejects.toThrow()
  }
})

test('429: the time is handed on, and no other call is sent before it', async () => {
  fake.page('Home', 'text')
  await using notion = await drive(fake)
  const [home] = await notion.list()
  fake.next.set('GET pages/:id/markdown', [() => tooMany(90)])
  await expect(notion.read(home!)).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 90_000 })
  const calls = fake.total()
  await expect(notion.read(home!)).rejects.toMatchObject({ code: 'rate_limited' })
  expect(fake.total()).toBe(calls)
})

test('a revoked token, a renewed one, a missing capability, nothing shared', async () => {
  await using nobody = await drive(fake, { credentials: async () => ({ method: 'token', token: 'ntn_other' }) })
  await expect(nobody.list()).rejects.toMatchObject({ code: 'unauthenticated' })
  const asked: unknown[] = []
  await using renewed = await drive(fake, {
    credentials: async (options) => {
      asked.push(options?.refused)
      return { method: 'oauth', accessToken: options?.refused ? token : 'old', extra: {} }
    },
  })
  const { account, tenant, checks } = await renewed.check()
  expect(asked.slice(0, 2)).toEqual([false, true])
  expect({ account, tenant }).toEqual({ account: 'cx in Acme', tenant: fake.workspaceId })
  expect(checks).toMatchObject([
    { capability: 'pages', status: 'failed', remediation: expect.stringContaining('Connections') },
    {},
  ])
  fake.page('Home')
  const before = fake.total()
  await using notion = await drive(fake)
  await notion.check()
  expect(fake.total() - before).toBeLessThanOrEqual(3)
  fake.tokens.set(token, ['read_users'])
  await expect(notion.list()).rejects.toMatchObject({
    code: 'forbidden',
    remediation: expect.stringContaining('“Read content”'),
  })
})

test('who may read: the person who signed in, the workspace, named readers, and everybody for published pages', async () => {
  fake.people.push({ id: 'u-bot', name: 'robot', bot: true }, { id: 'u-ann', name: 'Ann', email: 'ann@example.com' })
  const page = fake.page('Home')
  const aclOf = async (config: Record<string, string | boolean | string[]>) => {
    await using notion = await drive(fake, { config })
    const entries = await notion.list()
    expect((await notion.acls(entries)).get(entries[0]!.id)).toEqual(entries[0]!.acl)
    return entries[0]!.acl
  }
  expect(await aclOf({})).toBeUndefined()
  fake.ownedBy = 'user'
  expect(await aclOf({})).toEqual({ allOf: [[{ type: 'user', id: 'u-ann', email: 'ann@example.com' }]] })
  const group = `notion:${fake.workspaceId}:members`
  expect(await aclOf({ access: 'workspace' })).toEqual({ allOf: [[{ type: 'group', id: group }]] })
  expect(await aclOf({ access: 'readers', readers: ['bob@example.com'] })).toEqual({
    allOf: [[{ type: 'user', id: 'bob@example.com', email: 'bob@example.com' }]],
  })
  page.page.public_url = 'https://acme.notion.site/home'
  expect(await aclOf({ publicPages: true })).toEqual({ allOf: [[{ type: 'anyone' }]] })
  fake.pageCap = 1
  await using notion = await drive(fake, { config: { access: 'workspace' } })
  expect(await notion.groups()).toEqual([
    { id: group, members: [{ type: 'user', id: 'u-ann', email: 'ann@example.com' }] },
  ])
})

test('a data source of thousands of rows is listed whole', async () => {
  const tasks = fake.source('Tasks')
  for (let index = 0; index < 5_000; index++) fake.row(tasks, `row ${index}`)
  await using notion = await drive(fake, { config: { databases: [tasks.id] } })
  expect(await notion.list()).toHaveLength(5_001)
}, 30_000)
