import { expect, it } from 'vitest'
import { drive, fakeSite } from './drive.ts'

it.each(['cloud', 'data_center'] as const)(
  '%s: follows edits, renames, the bin and what comes back from it',
  async (flavour) => {
    const fake = await fakeSite(flavour)
    const { model } = fake
    const [a, b, c] = ['A', 'B', 'C'].map((title) => model.page('ENG', title, ''))
    // Too old for the time that is looked at again: only the bin tells of it.
    const long = { createdAt: Date.UTC(2020, 1, 1), modifiedAt: Date.UTC(2020, 1, 1) }
    const bin = model.page('ENG', 'Bin', '', { status: 'trashed', ...long })
    const next = async (cursor: Parameters<Awaited<ReturnType<typeof drive>>['since']>[0]) =>
      (await drive(fake)).since(cursor)
    let cursor = await (await drive(fake)).now()
    expect(await next(cursor)).toMatchObject({ upserts: [], gone: [] })

    model.edit(a!, { title: 'A2', body: 'new' })
    model.page('ENG', 'D', '')
    model.trash(b!)
    const first = await next(cursor)
    expect(first).toMatchObject({ paths: ['ENG/A2.md', 'ENG/D.md'], gone: [b!.id] })
    expect(first.upserts.find(({ id }) => id === a!.id)).toMatchObject({ version: '2', title: 'A2' })
    cursor = first.next
    expect(await next(cursor)).toMatchObject({ upserts: [], gone: [] })

    // Neither makes a version.
    bin.status = 'current'
    b!.status = 'current'
    model.trash(c!)
    expect(await next(cursor)).toMatchObject({ paths: ['ENG/B.md', 'ENG/Bin.md'], gone: [c!.id] })
    expect(JSON.stringify(cursor).length).toBeLessThan(8_000)
  },
)

it('takes an archived page for gone, unless archived ones are wanted', async () => {
  const fake = await fakeSite()
  const page = fake.model.page('ENG', 'A', '')
  const plain = await (await drive(fake)).now()
  const all = await (await drive(fake, { config: { includeArchived: true } })).now()
  page.status = 'archived'
  expect(await (await drive(fake)).since(plain)).toMatchObject({ gone: [page.id] })
  expect(await (await drive(fake, { config: { includeArchived: true } })).since(all)).toMatchObject({
    gone: [],
    upserts: [],
  })
})

it.each(['cloud', 'data_center'] as const)(
  '%s: a new comment makes its page new, a new attachment itself',
  async (flavour) => {
    const fake = await fakeSite(flavour)
    const { model } = fake
    const config = { includeComments: true, includeAttachments: true }
    const page = model.page('ENG', 'A', '<p>a</p>')
    model.page('ENG', 'Quiet', '')
    model.add('comment', 'ENG', '', { containerId: page.id, body: '<p>first</p>' })
    const before = new Map((await (await drive(fake, { config })).list()).map((entry) => [entry.path, entry.version]))
    const cursor = await (await drive(fake, { config })).now()
    expect(await (await drive(fake, { config })).since(cursor)).toMatchObject({ upserts: [], gone: [] })
    model.add('comment', 'ENG', '', { containerId: page.id, body: '<p>second</p>' })
    model.add('attachment', 'ENG', 'x.txt', { containerId: page.id, bytes: new Uint8Array(3) })
    const site = await drive(fake, { config })
    const { paths, upserts, next } = await site.since(cursor)
    expect(paths).toEqual(['ENG/A.md', 'ENG/A/x.txt'])
    const listed = await (await drive(fake, { config })).list()
    for (const entry of upserts) expect(entry).toEqual(listed.find(({ id }) => id === entry.id))
    expect(listed.find(({ path }) => path === 'ENG/A.md')!.version).not.toBe(before.get('ENG/A.md'))
    expect(listed.find(({ path }) => path === 'ENG/Quiet.md')!.version).toBe(before.get('ENG/Quiet.md'))
    expect(await (await drive(fake, { config })).since(next)).toMatchObject({ upserts: [], gone: [] })
  },
)

it('removes the attachments of a page in the bin with it', async () => {
  const fake = await fakeSite()
  const config = { includeAttachments: true }
  const page = fake.model.page('ENG', 'A', '')
  const file = fake.model.add('attachment', 'ENG', 'x.txt', { containerId: page.id, bytes: new Uint8Array(3) })
  const cursor = await (await drive(fake, { config })).now()
  fake.model.trash(page)
  expect((await (await drive(fake, { config })).since(cursor)).gone).toEqual([page.id, file.id])
})

it('takes in a new space at once, and lists again when one is gone or has another key', async () => {
  const fake = await fakeSite()
  const { model } = fake
  const config = { spaceKeys: [] }
  model.page('ENG', 'A', '')
  const cursor = await (await drive(fake, { config })).now()
  const hr = model.space('HR')
  model.page('HR', 'Old page', '', { modifiedAt: Date.UTC(2020, 1, 1), createdAt: Date.UTC(2020, 1, 1) })
  const { paths, next } = await (await drive(fake, { config })).since(cursor)
  expect(paths).toEqual(['HR/Old page.md'])
  hr.hidden = true
  await expect((await drive(fake, { config })).since(next)).rejects.toMatchObject({ code: 'cursor_expired' })
  hr.hidden = false
  expect(await (await drive(fake, { config })).since(next)).toMatchObject({ upserts: [], gone: [] })
  hr.key = 'PEOPLE'
  await expect((await drive(fake, { config })).since(next)).rejects.toMatchObject({ code: 'cursor_expired' })
})

it('keeps what it knows of a named space that is out of sight for a while', async () => {
  const fake = await fakeSite()
  const { model } = fake
  const config = { spaceKeys: ['ENG', 'HR'] }
  const hr = model.space('HR')
  const page = model.page('HR', 'A', '')
  const cursor = await (await drive(fake, { config })).now()
  hr.hidden = true
  const away = await (await drive(fake, { config })).since(cursor)
  expect(away).toMatchObject({ upserts: [], gone: [] })
  hr.hidden = false
  model.edit(page, { body: 'x' })
  expect((await (await drive(fake, { config })).since(away.next)).paths).toEqual(['HR/A.md'])
})

it('refuses the cursor of another configuration', async () => {
  const fake = await fakeSite()
  const cursor = await (await drive(fake)).now()
  await expect((await drive(fake, { config: { includeBlogPosts: false } })).since(cursor)).rejects.toMatchObject({
    code: 'cursor_expired',
  })
})

it('asks five times when nothing is new, however many pages and spaces there are', async () => {
  const fake = await fakeSite()
  for (let i = 0; i < 60; i++) {
    fake.model.space(`S${i}`)
    fake.model.page(`S${i}`, 'A', '')
  }
  const config = { spaceKeys: [] }
  const site = await drive(fake, { config })
  const cursor = await site.now()
  const before = fake.calls.length
  expect(await site.since(cursor)).toMatchObject({ upserts: [], gone: [] })
  const paths = fake.calls.slice(before).map(({ path, query }) => `${path} ${query.getAll('status').join()}`)
  // The spaces were asked for a moment ago.
  expect(paths.sort()).toEqual([
    '/api/v2/blogposts current',
    '/api/v2/blogposts trashed,archived',
    // Sixty rows in the time that is looked at again.
    '/api/v2/pages current',
    '/api/v2/pages current',
    '/api/v2/pages trashed,archived',
  ])
})

it.each(['cloud', 'data_center'] as const)('%s: goes by the clock of the server, not by ours', async (flavour) => {
  const fake = await fakeSite(flavour)
  const { model } = fake
  model.aheadMs = 5 * 3_600_000
  const config = { includeComments: true }
  const page = model.page('ENG', 'A', '<p>a</p>')
  const cursor = await (await drive(fake, { config })).now()
  model.edit(page, { body: '<p>b</p>' })
  const other = model.page('ENG', 'B', '')
  model.add('comment', 'ENG', '', { containerId: page.id, body: '<p>said</p>' })
  // Three hours pass before the next sync: there by its clock, here by ours.
  model.aheadMs += 3 * 3_600_000
  model.edit(other, { body: '<p>late</p>' })
  expect((await (await drive(fake, { config })).since(cursor)).paths).toEqual(['ENG/A.md', 'ENG/B.md'])
})

it('sees what the search learns late, behind what it knew before', async () => {
  const fake = await fakeSite()
  const { model } = fake
  const config = { includeComments: true }
  const [early, later] = [model.page('ENG', 'A', ''), model.page('ENG', 'B', '')]
  const cursor = await (await drive(fake, { config })).now()
  const late = model.add('comment', 'ENG', '', { containerId: early.id, body: '<p>first</p>', unindexed: true })
  model.aheadMs += 30 * 60_000
  model.add('comment', 'ENG', '', { containerId: later.id, body: '<p>second</p>' })
  const { paths, next } = await (await drive(fake, { config })).since(cursor)
  expect(paths).toEqual(['ENG/B.md'])
  late.unindexed = false
  expect((await (await drive(fake, { config })).since(next)).paths).toEqual(['ENG/A.md'])
})

it('lists again when a page comes back out of a full bin', async () => {
  const fake = await fakeSite()
  const pages = Array.from({ length: 500 }, (_, i) => fake.model.page('ENG', `P${i}`, '', { status: 'trashed' }))
  fake.model.edit(fake.model.page('ENG', 'New', ''), { modifiedAt: 0 })
  const cursor = await (await drive(fake)).now()
  pages[250]!.status = 'current'
  await expect((await drive(fake)).since(cursor)).rejects.toMatchObject({ code: 'cursor_expired' })
  pages[250]!.status = 'trashed'
  expect(await (await drive(fake)).since(cursor)).toMatchObject({ upserts: [], gone: [] })
})

it('keeps its cursor small in a large site with a full bin', async () => {
  const fake = await fakeSite()
  const pages = Array.from({ length: 3_000 }, (_, i) =>
    fake.model.page('ENG', `P${i}`, '', { status: i % 2 ? 'trashed' : 'current' }),
  )
  const cursor = await (await drive(fake)).now()
  expect(JSON.stringify(cursor).length).toBeLessThan(8_000)
  expect(await (await drive(fake)).since(cursor)).toMatchObject({ upserts: [], gone: [] })
  fake.model.trash(pages[0]!)
  fake.model.edit(pages[2]!, { body: 'x' })
  const { paths, gone, next } = await (await drive(fake)).since(cursor)
  expect(gone).toContain(pages[0]!.id)
  expect(gone.some((id) => pages.find((page) => page.id === id)!.status !== 'trashed')).toBe(false)
  expect(paths).toContain('ENG/P2.md')
  expect(paths.length).toBeLessThan(200)
  expect(await (await drive(fake)).since(next)).toMatchObject({ upserts: [], gone: [] })
})
