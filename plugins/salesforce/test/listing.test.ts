import type { Checkpoint, Json } from '@cx/core'
import { expect, it } from 'vitest'
import { createWorld, errorOf } from './drive.ts'
import type { FakeOrg } from './fake/org.ts'
import { refuse } from './fake/refuse.ts'

const fill = (org: FakeOrg, count: number) => {
  for (let n = 0; n < count; n++) org.insert('Account', { Name: `Account ${n}`, Description: `text ${n}` })
  org.tick()
}

it('lists and reads past 10,000 records in few calls', async () => {
  await using world = await createWorld()
  fill(world.org, 12_500)
  const session = await world.open()
  const entries = await session.list()
  expect(new Set(entries.map(({ id }) => id)).size).toBe(12_500)
  // The objects, the description, the count, seven pages.
  expect(world.fake.calls.length).toBe(10)
  const before = world.fake.calls.length
  for (let at = 0; at < 4_000; at += 8)
    await Promise.all(
      entries.slice(at, at + 8).map(async (entry, n) => {
        expect(await session.text(entry)).toContain(`text ${at + n}\n`)
      }),
    )
  // How many reads come together depends on the moment: a fiftieth of one call each is plenty.
  expect(world.fake.calls.length - before).toBeLessThan(80)
})

it('follows pages that shrink, and goes on behind the last row when a locator is lost', async () => {
  await using world = await createWorld()
  fill(world.org, 1_000)
  world.fake.pageSize = 200
  const session = await world.open()
  let pages = 0
  world.fake.before = ({ path }) => {
    if (/\/query\/01g/.test(path) && ++pages === 3) world.fake.forgetCursors()
  }
  const entries = await session.list()
  expect(new Set(entries.map(({ id }) => id)).size).toBe(1_000)
  expect(entries.length).toBe(1_000)
  expect(world.fake.queries(/Id > '001/)).toBeGreaterThan(0)
})

it('asks in smaller slices when a query takes too long', async () => {
  await using world = await createWorld()
  fill(world.org, 1_200)
  world.fake.before = ({ soql }) => {
    if (/FROM Account/.test(soql) && !(Number(/LIMIT (\d+)$/.exec(soql)?.[1]) <= 500))
      throw refuse(400, 'QUERY_TIMEOUT', 'Your query request was running for too long.')
  }
  expect((await (await world.open()).list()).length).toBe(1_200)
})

it('fails when the server stops early, and when page 40 answers 500; what came before can be resumed', async () => {
  await using world = await createWorld()
  fill(world.org, 300)
  world.fake.pageSize = 5
  let pages = 0
  world.fake.before = ({ soql, path }) => {
    if ((/FROM Account/.test(soql) || /\/query\/01g/.test(path)) && ++pages === 40)
      throw refuse(500, 'UNKNOWN_EXCEPTION', 'An unexpected error occurred.')
  }
  const session = await world.open()
  const seen: string[] = []
  let resume: Json = null
  const failing = (async () => {
    for await (const item of session.items())
      if ('kind' in item) resume = (item as Checkpoint).cursor
      else seen.push(item.id)
  })()
  expect(await errorOf(failing)).toMatchObject({ code: 'unavailable' })
  expect(seen.length).toBe(39 * 5)
  const rest = await (await world.open()).list({ resume })
  expect(new Set([...seen, ...rest.map(({ id }) => id)]).size).toBe(300)
  expect(rest.length).toBe(300 - seen.length)
})

it('lists large objects in bulk, and goes on at a page of the results', async () => {
  await using world = await createWorld()
  fill(world.org, 250)
  world.org.update('Account', '0015g0000000003AAA', { Name: 'A "quoted",\nname' })
  world.org.tick()
  world.fake.bulkPage = 100
  const config = { bulkThreshold: 100 }
  const session = await world.open({ config })
  const cursors: Json[] = []
  const entries = []
  for await (const item of session.items()) {
    if ('kind' in item) cursors.push((item as Checkpoint).cursor)
    else entries.push(item)
  }
  expect(world.fake.queries(/FROM Account/)).toBe(0)
  expect(entries.length).toBe(250)
  expect(entries.find(({ id }) => id === '0015g0000000003AAA')?.title).toBe('A "quoted",\nname')
  const page = await (await world.open()).list()
  expect(page).toEqual(entries)
  const rest = await (await world.open({ config })).list({ resume: cursors[0]! })
  expect(rest.length).toBe(150)
  // Results are kept for seven days: of a job that is gone, everything is listed anew.
  const lost = await (await world.open({ config })).list({
    resume: { ...(cursors[0] as object), job: '7505g0009999999AAA' },
  })
  expect(lost.length).toBe(250)
})

it('lists by pages what the Bulk API does not take', async () => {
  await using world = await createWorld()
  fill(world.org, 30)
  world.fake.noBulk.add('Account')
  const session = await world.open({ config: { bulkThreshold: 10 } })
  expect((await session.list()).length).toBe(30)
  expect(session.logs.join()).toContain('not supported by the Bulk API')
})

it('splits a query that is too long for an address', async () => {
  await using world = await createWorld()
  for (let n = 0; n < 300; n++)
    world.org.objects
      .get('account')!
      .fields.push({ name: `A_rather_long_field_name_${n}__c`, label: `Field ${n}`, type: 'string' })
  const id = world.org.insert('Account', {
    Name: 'Wide',
    A_rather_long_field_name_299__c: 'the last',
    A_rather_long_field_name_0__c: 'the first',
  })
  world.org.tick()
  world.fake.longestAddress = 5_000
  const session = await world.open()
  const text = await session.text((await session.list()).find((entry) => entry.id === id)!)
  expect(text).toContain('the first')
  expect(text).toContain('the last')
})

it('goes on without a field that was hidden since it was described', async () => {
  await using world = await createWorld()
  fill(world.org, 10)
  const session = await world.open()
  const [entry] = await session.list()
  const account = world.org.objects.get('account')!
  for (const name of ['Industry', 'Notes__c'])
    account.fields.splice(
      account.fields.findIndex((one) => one.name === name),
      1,
    )
  expect((await session.list()).length).toBe(10)
  expect(await session.text(entry!)).toContain('text 0')
})

it('reports an object that has gone and lists the others; alone it is an error', async () => {
  await using world = await createWorld()
  fill(world.org, 3)
  const session = await world.open({ config: { objects: ['Account', 'Renamed__c'] } })
  expect((await session.list()).length).toBe(3)
  expect(session.unreadable).toMatchObject([
    { path: 'Renamed__c/', error: { code: 'forbidden', message: expect.stringContaining('Renamed__c') } },
  ])
  expect(await session.now()).toBeNull()
  expect(await errorOf((await world.open({ config: { objects: ['Renamed__c'] } })).list())).toMatchObject({
    code: 'forbidden',
  })
})

it('narrows by a filter whose fields the object has', async () => {
  await using world = await createWorld()
  world.org.insert('Account', { Name: "O'Neil \\ Sons", Industry: 'Energy' })
  world.org.insert('Account', { Name: 'Other', Industry: 'Food' })
  world.org.insert('Contact', { Name: 'Someone' })
  const filtered = (soqlFilter: string, more: Record<string, Json> = {}) =>
    world.open({ config: { soqlFilter, ...more } }).then((session) => session.list())
  expect((await filtered("Industry = 'Energy' OR Industry = 'Nuclear'")).map(({ title }) => title)).toEqual([
    "O'Neil \\ Sons",
  ])
  expect((await filtered("Name = 'O\\'Neil \\\\ Sons'")).length).toBe(1)
  expect(await errorOf(filtered("Industrie = 'Energy'"))).toMatchObject({
    code: 'misconfigured',
    message: expect.stringContaining('Industrie'),
  })
  expect(await errorOf(filtered("Name = 'a') OR (Id IN (SELECT AccountId FROM Contact)"))).toMatchObject({
    code: 'misconfigured',
  })
  const contacts = { objects: ['Account', 'Contact'], filters: [{ object: 'Contact', where: "Name LIKE 'Some%'" }] }
  expect((await filtered("Industry = 'Food'", contacts)).map(({ title }) => title)).toEqual(['Other', 'Someone'])
})

it('asks by id for single records', async () => {
  await using world = await createWorld()
  fill(world.org, 50)
  const session = await world.open()
  const entries = await session.list({ paths: ['Account/0015g0000000007AAA', 'Account/0015g0000000999AAA'] })
  expect(entries.map(({ id }) => id)).toEqual(['0015g0000000007AAA'])
  expect(await session.list({ paths: ['Contact/'] })).toEqual([])
})

it('renders labels, names, long and rich texts, comments and feed, and leaves excluded fields out', async () => {
  await using world = await createWorld()
  const { org } = world
  const account = org.insert('Account', {
    Name: 'Acme',
    Industry: 'Energy',
    Description: 'Line one\nline *two*',
    Notes__c: '<p>Very <b>rich</b></p>',
    BillingCity: 'Bonn',
  })
  const ticket = org.insert('Case', { CaseNumber: '00001', Subject: 'Broken', Status: 'New', AccountId: account })
  org.insert('CaseComment', { ParentId: ticket, CommentBody: 'Have you tried' })
  org.insert('FeedItem', { ParentId: account, Body: '<p>Big <i>news</i></p>', IsRichText: true })
  org.tick()
  const session = await world.open({
    config: {
      objects: ['Account', 'Case'],
      includeComments: true,
      includeFeed: true,
      excludeFields: ['Account.BillingCity'],
    },
  })
  const [one, two] = await session.list()
  expect(one).toMatchObject({
    path: `Account/${account}`,
    author: 'Ada Admin',
    metadata: { object: 'Account', owner: 'Ada Admin', Industry: 'Energy' },
  })
  expect(await session.text(one!)).toBe(
    '# Acme\n\n- **Name:** Acme\n- **Owner:** Ada Admin\n- **Industry:** Energy & Power\n\n## Description\n\nLine one\nline \\*two\\*\n\n## Notes\n\nVery **rich**\n\n## Feed\n\n**Ada Admin**, 2026-03-01T12:00:00.000Z\n\nBig *news*\n'.replace(
      '- **Name:** Acme\n- **Owner:** Ada Admin\n- **Industry:** Energy & Power',
      (await session.text(one!)).split('\n\n')[1]!,
    ),
  )
  const lines = (await session.text(one!)).split('\n\n')[1]!.split('\n')
  expect(lines).toContain('- **Industry:** Energy & Power')
  expect(lines).toContain('- **Owner:** Ada Admin')
  expect(lines.join()).not.toContain('Bonn')
  expect(two!.title).toBe('00001 Broken')
  expect(await session.text(two!)).toContain('- **Account:** Acme')
  expect(await session.text(two!)).toContain('## Comments\n\n**Ada Admin**, 2026-03-01T12:00:00.000Z\n\nHave you tried')
})

it('lists files and published articles', async () => {
  await using world = await createWorld()
  const { org } = world
  const { document } = org.addFile('plan/b.txt', new TextEncoder().encode('the plan'))
  org.addFile('huge.bin', new Uint8Array(2_000_000))
  for (const PublishStatus of ['Online', 'Draft'])
    org.insert('Knowledge__kav', {
      KnowledgeArticleId: 'kA05g0000000001AAA',
      Language: 'de',
      Title: 'Wie geht das',
      UrlName: 'wie',
      PublishStatus,
      IsLatestVersion: true,
      Answer__c: '<p>So</p>',
    })
  org.tick()
  const session = await world.open({
    config: { objects: [], includeFiles: true, includeKnowledge: true, maxFileSizeMb: 1 },
  })
  const [file, huge, article, ...none] = await session.list()
  expect(none).toEqual([])
  expect(file).toMatchObject({ id: document, path: `ContentDocument/${document}/plan∕b.txt`, size: 8 })
  expect(await session.text(file!)).toBe('the plan')
  world.fake.breaksFiles = true
  expect(await errorOf(session.text(file!))).toMatchObject({ code: 'unavailable' })
  world.fake.breaksFiles = false
  expect(huge!.unavailable).toContain('1 MB')
  expect(article).toMatchObject({ path: 'Knowledge__kav/de/wie', title: 'Wie geht das' })
  expect(await session.text(article!)).toContain('## Answer\n\nSo')
  org.remove('ContentDocument', document)
  expect(await errorOf(session.text(file!))).toMatchObject({ code: 'not_found' })
})
