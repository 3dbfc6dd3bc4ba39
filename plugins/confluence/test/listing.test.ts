import type { Checkpoint, Entry } from '@cx/core'
import { expect, it } from 'vitest'
import { drive, fakeSite } from './drive.ts'

it('places pages under their ancestors and folders, posts by month, attachments under their page', async () => {
  const fake = await fakeSite()
  const { model } = fake
  const home = model.page('ENG', 'Home', '<p>x</p>')
  const folder = model.folder('ENG', ['Guides'])!
  const guide = model.page('ENG', 'A/B test', '<p>y</p>', { parentId: folder.id })
  const post = model.add('blogpost', 'ENG', 'News', { body: '<p>n</p>', createdAt: Date.UTC(2026, 2, 9) })
  model.add('attachment', 'ENG', 'plan.pdf', {
    containerId: guide.id,
    bytes: new Uint8Array(5),
    mediaType: 'application/pdf',
  })
  // A page that moved under one made after it: ids do not tell who comes first.
  const late = model.page('ENG', 'Late', '', { parentId: home.id })
  home.parentId = model.page('ENG', 'Top', '').id
  const site = await drive(fake, { config: { includeAttachments: true } })
  const entries = await site.list()
  expect(entries.map(({ path }) => path).sort()).toEqual([
    'ENG/Guides/A∕B test.md',
    'ENG/Guides/A∕B test/plan.pdf',
    'ENG/Top.md',
    'ENG/Top/Home.md',
    'ENG/Top/Home/Late.md',
    'ENG/blog/2026/03/News.md',
  ])
  expect(entries.find(({ id }) => id === guide.id)).toMatchObject({
    title: 'A/B test',
    version: '1',
    mimeType: 'text/markdown',
    url: `${fake.url}/wiki/spaces/ENG/pages/${guide.id}`,
    author: 'Ada Lovelace',
    metadata: { type: 'page', spaceKey: 'ENG', spaceName: 'Space ENG', version: 1 },
  })
  expect(entries.find(({ title }) => title === 'plan.pdf')).toMatchObject({ size: 5, mimeType: 'application/pdf' })
  expect(await site.paths({ paths: ['OTHER/'] })).toEqual([])
  expect([post.id, late.id].every((id) => entries.some((entry) => entry.id === id))).toBe(true)
})

it('leaves out what is archived or personal unless asked', async () => {
  const fake = await fakeSite()
  const { model } = fake
  model.page('ENG', 'Now', '')
  model.page('ENG', 'Once', '', { status: 'archived' })
  model.page('ENG', 'Bin', '', { status: 'trashed' })
  model.space('OLD', { status: 'archived' })
  model.page('OLD', 'Relic', '')
  model.space('~ada')
  model.page('~ada', 'Diary', '')
  model.space('HR')
  model.page('HR', 'Leave', '')
  const all = (config: object) => drive(fake, { config: { spaceKeys: [], ...config } }).then((site) => site.paths())
  expect(await all({})).toEqual(['ENG/Now.md', 'HR/Leave.md'])
  expect(await all({ excludeSpaceKeys: ['hr'] })).toEqual(['ENG/Now.md'])
  expect(await all({ includeArchived: true, includePersonalSpaces: true })).toEqual([
    'ENG/Now.md',
    'ENG/Once.md',
    'HR/Leave.md',
    'OLD/Relic.md',
    '~ada/Diary.md',
  ])
  // A personal space that is named is wanted; an archived one is not there any more.
  expect(await all({ spaceKeys: ['~ada', 'OLD'] })).toEqual(['~ada/Diary.md'])
})

it('reports a named space that is out of sight, and fails when all are', async () => {
  const fake = await fakeSite()
  fake.model.page('ENG', 'Now', '')
  const site = await drive(fake, { config: { spaceKeys: ['ENG', 'GONE'] } })
  expect(await site.paths()).toEqual(['ENG/Now.md'])
  expect(site.unreadable).toMatchObject([
    { path: 'GONE/', error: { code: 'misconfigured', message: expect.stringContaining('GONE') } },
  ])
  expect((await site.check()).checks).toMatchObject([
    { capability: 'space GONE', status: 'failed' },
    { capability: 'spaces', status: 'ok' },
  ])
  fake.model.spaces[0]!.hidden = true
  const lost = await drive(fake, { config: { spaceKeys: ['ENG'] } })
  await expect(lost.list()).rejects.toMatchObject({
    code: 'misconfigured',
    remediation: expect.stringContaining('spaceKeys'),
  })
  await expect(lost.check()).rejects.toMatchObject({ code: 'misconfigured' })
})

it('finds a space by the key it had before', async () => {
  const fake = await fakeSite()
  fake.model.page('ENG', 'Now', '')
  Object.assign(fake.model.spaces[0]!, { key: 'ENGINE', alias: 'ENG' })
  for (const content of fake.model.contents.values()) content.spaceKey = 'ENGINE'
  expect(await (await drive(fake)).paths()).toEqual(['ENGINE/Now.md'])
})

it('goes on behind empty pages, and takes fewer rows where many are too much', async () => {
  const fake = await fakeSite()
  for (let i = 0; i < 60; i++) fake.model.page('ENG', `P${i}`, '')
  fake.emptyPages = true
  fake.intercept = ({ path, query }) =>
    path === '/api/v2/pages' && Number(query.get('limit')) > 25
      ? new Response('upstream timed out', { status: 504 })
      : undefined
  const site = await drive(fake)
  expect(await site.list()).toHaveLength(60)
  const tried = fake.calls.filter(({ path }) => path === '/api/v2/pages').map(({ query }) => Number(query.get('limit')))
  expect(tried.slice(0, 5)).toEqual([250, 125, 62, 31, 15])
  // The smaller size stays for the run.
  expect(new Set(tried.slice(4))).toEqual(new Set([15]))
})

it.each(['cloud', 'data_center'] as const)('%s: ends where only empty pages follow, without end', async (flavour) => {
  const fake = await fakeSite(flavour)
  for (let i = 0; i < 30; i++) fake.model.page('ENG', `P${i}`, '')
  fake.endless = true
  const site = await drive(fake)
  expect(await site.list()).toHaveLength(30)
  expect(site.unreadable).toEqual([])
})

it('throws at a 500 on page 40, and at a cursor that ran out: never a short list', async () => {
  const fake = await fakeSite()
  for (let i = 0; i < 300; i++) fake.model.page('ENG', `P${i}`, '')
  fake.mostRows = 5
  let page = 0
  fake.intercept = ({ path }) =>
    path === '/api/v2/pages' && ++page >= 40 ? new Response('', { status: 500 }) : undefined
  await expect((await drive(fake)).list()).rejects.toMatchObject({ code: 'unavailable' })
  page = 0
  fake.intercept = ({ path }) => {
    if (path === '/api/v2/pages' && ++page === 20) fake.expireCursors()
    return undefined
  }
  await expect((await drive(fake)).list()).rejects.toMatchObject({ code: 'unavailable' })
})

it.each(['cloud', 'data_center'] as const)(
  '%s: takes an answer without rows for a fault, not for none',
  async (flavour) => {
    const fake = await fakeSite(flavour)
    fake.model.page('ENG', 'A', '')
    fake.intercept = ({ path }) =>
      /(pages|content)$/.test(path) ? Response.json({ message: 'maintenance' }) : undefined
    await expect((await drive(fake)).list()).rejects.toMatchObject({ code: 'unavailable' })
  },
)

it('resumes behind each checkpoint, over spaces and kinds', async () => {
  const fake = await fakeSite()
  const { model } = fake
  model.space('HR')
  for (let i = 0; i < 450; i++) model.page('ENG', `P${i}`, '')
  for (let i = 0; i < 210; i++) model.add('blogpost', 'ENG', `B${i}`)
  for (let i = 0; i < 30; i++) model.page('HR', `H${i}`, '')
  const config = { spaceKeys: ['ENG', 'HR'] }
  const seen: Entry[] = []
  const checkpoints: { after: number; cursor: Checkpoint['cursor'] }[] = []
  for await (const item of (await drive(fake, { config })).items())
    if ('kind' in item) checkpoints.push({ after: seen.length, cursor: item.cursor })
    else seen.push(item)
  expect(seen).toHaveLength(690)
  expect(checkpoints.length).toBeGreaterThanOrEqual(5)
  for (const { after, cursor } of checkpoints) {
    const rest = await (await drive(fake, { config })).list({ resume: cursor })
    expect(rest).toEqual(seen.slice(after))
  }
  const other = await drive(fake, { config: { spaceKeys: ['ENG'] } })
  await expect(other.list({ resume: checkpoints[0]!.cursor })).rejects.toMatchObject({ code: 'cursor_expired' })
})

it('keeps the documents of a space that may not be listed any more', async () => {
  const fake = await fakeSite()
  fake.model.space('HR')
  fake.model.page('ENG', 'Now', '')
  const hr = fake.model.spaces[1]!.id
  fake.intercept = ({ path, query }) =>
    path === '/api/v2/pages' && query.get('space-id') === hr
      ? Response.json({ message: 'Not permitted' }, { status: 403 })
      : undefined
  const site = await drive(fake, { config: { spaceKeys: ['ENG', 'HR'] } })
  expect(await site.paths()).toEqual(['ENG/Now.md'])
  expect(site.unreadable).toMatchObject([
    { path: 'HR/', error: { code: 'forbidden', message: expect.stringContaining('Not permitted') } },
  ])
})

it('lists 20,000 pages in 80 calls and a few', async () => {
  const fake = await fakeSite()
  for (let i = 0; i < 20_000; i++) fake.model.page('ENG', `P${i}`, '')
  const site = await drive(fake)
  expect(await site.list()).toHaveLength(20_000)
  expect(fake.calls.length).toBeLessThanOrEqual(84)
})

it('Data Center: counts for itself where the server cuts its pages and miscounts', async () => {
  const fake = await fakeSite('data_center')
  const top = fake.model.page('ENG', 'Top', '')
  for (let i = 0; i < 47; i++) fake.model.page('ENG', `P${i}`, '', { parentId: top.id })
  fake.mostRows = 10
  const paths = await (await drive(fake)).paths()
  expect(paths).toHaveLength(48)
  expect(paths).toContain('ENG/Top/P46.md')
})

it('Data Center: a page removed while listing does not hide another one', async () => {
  const fake = await fakeSite('data_center')
  const pages = Array.from({ length: 30 }, (_, i) => fake.model.page('ENG', `P${i}`, ''))
  fake.mostRows = 10
  fake.intercept = ({ path, query }) => {
    if (path === '/rest/api/content' && Number(query.get('start')) >= 9) pages[2]!.status = 'trashed'
    return undefined
  }
  await expect((await drive(fake)).list()).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('changed'),
  })
})

it('Data Center: steps over a page that breaks every list, and reports its space', async () => {
  const fake = await fakeSite('data_center')
  for (let i = 0; i < 40; i++) fake.model.page('ENG', `P${i}`, '', { poisoned: i === 17 })
  const site = await drive(fake)
  expect(await site.list()).toHaveLength(39)
  expect(site.unreadable).toMatchObject([{ path: 'ENG/', error: { code: 'unavailable' } }])
})

it('browses spaces and the pages in them', async () => {
  for (const flavour of ['cloud', 'data_center'] as const) {
    const fake = await fakeSite(flavour)
    fake.model.space('OLD', { status: 'archived' })
    const top = fake.model.page('ENG', 'Top', '')
    fake.model.page('ENG', 'Under', '', { parentId: top.id })
    const site = await drive(fake)
    expect(await site.browse('')).toEqual([
      { path: 'ENG', title: 'Space ENG', hasChildren: true, selectable: true },
      { path: 'OLD', title: 'Space OLD (archived)', hasChildren: true, selectable: true },
    ])
    expect(await site.browse('ENG')).toMatchObject([{ path: `ENG/${top.id}`, title: 'Top', selectable: false }])
    expect(await site.browse(`ENG/${top.id}`)).toMatchObject([{ title: 'Under' }])
  }
})
