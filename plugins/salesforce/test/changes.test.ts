import { expect, it } from 'vitest'
import { createWorld, errorOf } from './drive.ts'

it('sees rows that become visible late, and a block of one time that is longer than a page', async () => {
  await using world = await createWorld()
  const { org, fake } = world
  fake.pageSize = 200
  org.tick(3_600)
  const session = await world.open()
  const cursor = await session.now()
  // Saved five minutes before the cursor, committed only now.
  org.clock -= 300_000
  const late = org.insert('Account', { Name: 'late' })
  org.clock += 300_000
  for (let n = 0; n < 1_000; n++) org.insert('Account', { Name: `mass ${n}` })
  org.tick()
  fake.before = ({ n }) => {
    if (n % 5 === 0) fake.forgetCursors()
  }
  const { upserts, next } = await session.since(cursor)
  expect(new Set(upserts.map(({ id }) => id)).size).toBe(1_001)
  expect(upserts.some(({ id }) => id === late)).toBe(true)
  // More than a cursor remembers is shown once more, with the same versions; then it is quiet.
  org.tick(1_000)
  // As the engine does before each sync; it tells the server's time.
  await session.check()
  const again = await session.since(next)
  expect(
    again.upserts.every(({ id, version }) => upserts.some((one) => one.id === id && one.version === version)),
  ).toBe(true)
  // What real time passes meanwhile may bring it up once more.
  let quiet = await session.since(again.next)
  for (let round = 0; round < 3 && quiet.upserts.length > 0; round++) quiet = await session.since(quiet.next)
  expect(quiet).toMatchObject({ upserts: [], gone: [] })
})

it('shows a second change within one second again', async () => {
  await using world = await createWorld()
  const { org } = world
  const id = org.insert('Account', { Name: 'hot', Description: 'first' })
  const session = await world.open()
  await session.check()
  const cursor = await session.now()
  const [listed] = await session.list()
  expect(await session.text(listed!)).toContain('first')
  org.update('Account', id, { Description: 'second' })
  org.tick()
  const { upserts } = await session.since(cursor)
  expect(upserts).toHaveLength(1)
  expect(upserts[0]!.version).not.toBe(listed!.version)
  expect(await session.text(upserts[0]!)).toContain('second')
})

it('removes what was deleted and what left the filter, and brings back what was undeleted', async () => {
  await using world = await createWorld()
  const { org } = world
  const [a, b, c] = ['a', 'b', 'c'].map((Name) => org.insert('Account', { Name, Industry: 'Energy' }))
  org.tick(3_600)
  const session = await world.open({ config: { soqlFilter: "Industry = 'Energy'" } })
  const cursor = await session.now()
  org.remove('Account', a!)
  org.update('Account', b!, { Industry: 'Food' })
  org.update('Account', c!, { Name: 'C' })
  org.tick()
  const first = await session.since(cursor)
  expect(first.gone.sort()).toEqual([a, b])
  expect(first.upserts.map(({ title }) => title)).toEqual(['C'])
  org.update('Account', a!, { IsDeleted: false })
  org.tick()
  expect((await session.since(first.next)).upserts.map(({ id }) => id)).toEqual([a])
})

it('shows the record again when a comment comes or goes', async () => {
  await using world = await createWorld()
  const { org } = world
  const ticket = org.insert('Case', { CaseNumber: '1', Subject: 'x' })
  org.tick(3_600)
  const session = await world.open({ config: { objects: ['Case'], includeComments: true } })
  const cursor = await session.now()
  const comment = org.insert('CaseComment', { ParentId: ticket, CommentBody: 'hello' })
  org.tick()
  const added = await session.since(cursor)
  expect(added.upserts.map(({ id }) => id)).toEqual([ticket])
  expect(added.upserts).toEqual(await session.list())
  org.remove('CaseComment', comment)
  org.tick()
  const dropped = await session.since(added.next)
  expect(dropped.upserts).toEqual(await session.list())
  expect(dropped.upserts[0]!.version).not.toBe(added.upserts[0]!.version)
  expect(await session.text(dropped.upserts[0]!)).not.toContain('hello')
})

it('follows files and articles', async () => {
  await using world = await createWorld()
  const { org } = world
  const bytes = (text: string) => new TextEncoder().encode(text)
  const kept = org.addFile('kept.txt', bytes('one'))
  const gone = org.addFile('gone.txt', bytes('two'))
  const article = {
    KnowledgeArticleId: 'kA05g0000000001AAA',
    Language: 'de',
    Title: 't',
    UrlName: 'u',
    PublishStatus: 'Online',
    IsLatestVersion: true,
  }
  const old = org.insert('Knowledge__kav', article)
  const withdrawn = org.insert('Knowledge__kav', { ...article, KnowledgeArticleId: 'kA05g0000000002AAA', UrlName: 'v' })
  org.tick(3_600)
  const session = await world.open({ config: { objects: [], includeFiles: true, includeKnowledge: true } })
  const cursor = await session.now()
  org.addFile('kept.txt', bytes('three'), kept.document)
  org.remove('ContentDocument', gone.document)
  for (const id of [old, withdrawn])
    org.update('Knowledge__kav', id, { PublishStatus: 'Archived', IsLatestVersion: false })
  org.insert('Knowledge__kav', { ...article, Title: 'newer' })
  org.tick()
  const { upserts, gone: removed } = await session.since(cursor)
  expect(upserts.map(({ id }) => id)).toEqual([kept.document, 'kA05g0000000001AAA:de'])
  expect(await session.text(upserts[0]!)).toBe('three')
  expect(removed).toContain(gone.document)
  expect(removed).toContain('kA05g0000000002AAA:de')
  expect(removed).not.toContain('kA05g0000000001AAA:de')
})

it('expires with other objects, another filter, a hidden object, and after two weeks', async () => {
  await using world = await createWorld()
  const { org } = world
  org.insert('Account', { Name: 'a' })
  org.tick()
  const cursor = await (await world.open()).now()
  const refused = async (config: Record<string, never> | object) =>
    (await errorOf((await world.open({ config: config as never })).since(cursor))).code
  expect(await refused({ objects: ['Account', 'Case'] })).toBe('cursor_expired')
  expect(await refused({ soqlFilter: "Name != 'b'" })).toBe('cursor_expired')
  expect(await refused({ excludeFields: ['Account.Industry'] })).toBe('cursor_expired')
  const [plain] = await (await world.open()).list()
  const [shaped] = await (await world.open({ config: { excludeFields: ['Account.Industry'] } })).list()
  expect(shaped!.version).not.toBe(plain!.version)
  const later = await world.open()
  org.tick(15 * 86_400)
  expect((await errorOf(later.since(cursor))).code).toBe('cursor_expired')
  const hidden = await world.open()
  org.objects.delete('account')
  expect((await errorOf(hidden.since(cursor))).code).toBe('forbidden')
})
