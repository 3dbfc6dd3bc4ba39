import { expect, it } from 'vitest'
import { Drive } from '../src/client.ts'
import type { DriveFile } from '../src/item.ts'
import { Tree } from '../src/tree.ts'
import { reader } from './fake/model.ts'
import { document, failure, folder, shortcut } from './fake/server.ts'
import { accessToken, fake, open, readers, refusal } from './harness.ts'

const member = [reader('ann@example.com', 'user', 'organizer')]

it('lists flat: a call for 1,000 files, none for a folder', async () => {
  await using drive = await fake()
  let parent = drive.root
  for (let index = 0; index < 6_000; index++) {
    if (index % 100 === 0)
      parent = drive.add(`folder ${index}`, { mimeType: folder, parents: [index % 200 ? parent : drive.root] }).id
    drive.add(`${index}.txt`, { parents: [parent] })
  }
  const entries = await (await open(drive)).list()
  expect(entries).toHaveLength(6_000)
  expect(entries.some(({ path }) => path === 'My Drive/folder 0/folder 100/150.txt')).toBe(true)
  // Drives, the root, folders, and six pages of files.
  expect(drive.total).toBeLessThanOrEqual(9)
})

it('gives paths by where things stand, with the extension of what is delivered', async () => {
  await using drive = await fake()
  drive.drive('0AHr', 'HR/People', member)
  const papers = drive.add('Papers', { mimeType: folder })
  drive.add('a/b', { mimeType: document, parents: [papers.id] })
  drive.add('same', { parents: [papers.id] })
  drive.add('same', { parents: [papers.id] })
  drive.add('Budget', { mimeType: 'application/vnd.google-apps.spreadsheet' })
  drive.add('Deck', { mimeType: 'application/vnd.google-apps.presentation' })
  drive.add('Notes.MD', { mimeType: document })
  drive.add('Form', { mimeType: 'application/vnd.google-apps.form' })
  drive.add('from bob', { owner: 'bob@example.com', parents: [], permissions: [reader('ann@example.com')] })
  drive.add('rules.pdf', { driveId: '0AHr' })
  drive.add('old', { trashed: true })
  const session = await open(drive)
  const entries = await session.list()
  expect(entries.map(({ path }) => path).sort()).toEqual([
    'HR∕People/rules.pdf',
    'My Drive/Budget.xlsx',
    'My Drive/Deck.txt',
    'My Drive/Form',
    'My Drive/Notes.MD',
    'My Drive/Papers/a∕b.md',
    'My Drive/Papers/same',
    'My Drive/Papers/same',
    'Shared with me/from bob',
  ])
  expect(entries.find(({ title }) => title === 'Form')?.unavailable).toMatch(/does not export form/)
  expect(entries.find(({ title }) => title === 'a/b')).toMatchObject({
    id: expect.stringMatching(/^gdrive:/),
    author: 'ann',
    url: expect.stringContaining('https://drive.google.com/'),
  })
  expect(entries.find(({ title }) => title === 'Budget')).not.toHaveProperty('size')
  // Forgetting these hides shared drives without an error.
  expect(
    drive.log_
      .filter((line) => line.includes('/files?'))
      .every((line) => line.includes('includeItemsFromAllDrives=true')),
  ).toBe(true)
})

it('takes folders, drives and types from the configuration', async () => {
  await using drive = await fake()
  drive.drive('0AHr', 'HR', member)
  drive.drive('0AIt', 'IT', member)
  const top = drive.add('Top', { mimeType: folder })
  const below = drive.add('Below', { mimeType: folder, parents: [top.id] })
  for (let index = 0; index < 90; index++)
    drive.add('x.txt', { parents: [drive.add(`sub ${index}`, { mimeType: folder, parents: [below.id] }).id] })
  drive.add('in.pdf', { parents: [below.id], mimeType: 'application/pdf' })
  drive.add('out.txt')
  drive.add('hr.txt', { driveId: '0AHr' })
  const itFolder = drive.add('Guides', { driveId: '0AIt', mimeType: folder })
  drive.add('it.txt', { driveId: '0AIt', parents: [itFolder.id] })
  drive.add('other.txt', { driveId: '0AIt' })
  const paths = async (config: object) => (await open(drive, { config: { ...config } as never })).paths()
  const folders = await paths({
    folderIds: [`https://drive.google.com/drive/u/0/folders/${top.id}?usp=sharing`, itFolder.id],
  })
  expect(folders).toHaveLength(92)
  expect(folders).toContain('My Drive/Top/Below/in.pdf')
  expect(folders).toContain('IT/Guides/it.txt')
  expect(await paths({ sharedDriveIds: ['0AHr'] })).toEqual(['HR/hr.txt'])
  expect(await paths({ sharedDriveIds: ['drives/0AHr'], folderIds: [itFolder.id] })).toEqual([
    'HR/hr.txt',
    'IT/Guides/it.txt',
  ])
  expect(await paths({ folderIds: ['0AHr'] })).toEqual(['HR/hr.txt'])
  expect(await paths({ includeMimeTypes: ['application/*'] })).toEqual(['My Drive/Top/Below/in.pdf'])
  expect(await paths({ includeSharedDrives: false, excludeMimeTypes: ['text/plain'] })).toEqual([
    'My Drive/Top/Below/in.pdf',
  ])
  expect(await paths({ includeMyDrive: false })).toEqual(['HR/hr.txt', 'IT/Guides/it.txt', 'IT/other.txt'])
})

it('takes a folder out of a shared drive of others, which has no list and no log for this account', async () => {
  await using drive = await fake()
  drive.drive('0AOthers', 'Others', [reader('bob@example.com', 'user', 'organizer')])
  const options = { driveId: '0AOthers', owner: 'bob@example.com' }
  const permissions = [reader('ann@example.com')]
  const plans = drive.add('Plans', { ...options, mimeType: folder, permissions })
  const deep = drive.add('2026', { ...options, mimeType: folder, parents: [plans.id] })
  drive.add('a.txt', { ...options, parents: [plans.id], content: 'a' })
  const file = drive.add('b.txt', { ...options, parents: [deep.id], content: 'b' })
  drive.add('secret.txt', options)
  const config = { folderIds: [plans.id] }
  const session = await open(drive, { config })
  const cursor = await session.now()
  const entries = await session.list()
  expect(session.unreadable).toEqual([])
  expect(entries.map(({ path }) => path)).toEqual(['Shared with me/Plans/a.txt', 'Shared with me/Plans/2026/b.txt'])
  expect(entries.map(({ acl }) => readers(acl))).toEqual([['user:ann@example.com'], ['user:ann@example.com']])
  expect(await (await open(drive)).paths()).toEqual(['Shared with me/Plans/2026/b.txt', 'Shared with me/Plans/a.txt'])
  drive.edit(deep, { name: '2027' })
  const news = await (await open(drive, { config })).since(cursor)
  expect(news.upserts.map(({ path }) => path)).toEqual(['Shared with me/Plans/2027/b.txt'])
  drive.edit(deep, { trashed: true })
  expect((await (await open(drive, { config })).since(news.next)).gone).toContain(`gdrive:${file.id}`)
})

it('does without a list of shared drives and a folder that is My Drive, where there is neither', async () => {
  await using drive = await fake()
  const top = drive.add('Top', { mimeType: folder, parents: ['root'] })
  drive.add('x.txt', { parents: [top.id] })
  drive.before = (route, url) =>
    route === 'GET /drives' || url.pathname.endsWith('/files/root')
      ? failure(404, 'notFound', 'File not found: .')
      : undefined
  for (const config of [{}, { folderIds: [top.id] }]) {
    const session = await open(drive, { config })
    await session.now()
    expect((await session.list()).map(({ id }) => id)).toHaveLength(1)
    expect(session.unreadable).toEqual([])
  }
  expect(await (await open(drive)).browse('folders/root')).toMatchObject([{ title: 'Top' }])
  drive.before = (route) => (route === 'GET /drives' ? failure(500, 'backendError', 'Internal Error') : undefined)
  expect(await refusal((await open(drive)).list())).toMatchObject({ code: 'unavailable' })
})

it('keeps what a shortcut led to while a policy keeps it from the account', async () => {
  await using drive = await fake()
  const others = { owner: 'bob@example.com', permissions: [reader('ann@example.com')], parents: [] }
  const bobs = drive.add('bobs', { ...others, mimeType: document })
  const team = drive.add('Team', { mimeType: folder })
  const extra = { shortcutDetails: { targetId: bobs.id, targetMimeType: document } }
  const config = { folderIds: [team.id] }
  const cursor = await (await open(drive, { config })).now()
  const link = drive.add('Link', { mimeType: shortcut, parents: [team.id], extra })
  drive.before = (route, url) =>
    route === 'GET /files/:id' && url.pathname.endsWith(bobs.id)
      ? failure(403, 'domainPolicy', 'The domain administrators have disabled Drive apps.')
      : undefined
  const session = await open(drive, { config })
  expect(await session.list()).toEqual([])
  expect(session.unreadable).toMatchObject([{ path: 'My Drive/Team/Link.md', error: { code: 'forbidden' } }])
  expect((await session.since(cursor)).gone).toEqual([`gdrive:${link.id}`])
})

it('lists once what was opened in a shared drive, which Google counts to the files outside too', async () => {
  await using drive = await fake()
  drive.drive('0AHr', 'HR', member)
  drive.add('hr.txt', { driveId: '0AHr', extra: { viewedByMeTime: '2026-02-01T00:00:00.000Z' } })
  expect(await (await open(drive)).paths()).toEqual(['HR/hr.txt'])
  expect(await (await open(drive, { config: { includeSharedDrives: false } })).paths()).toEqual([])
})

it('finds the way to folders that it did not keep', async () => {
  await using drive = await fake()
  const a = drive.add('a', { mimeType: folder })
  const b = drive.add('b', { mimeType: folder, parents: [a.id] })
  const c = drive.add('c', { mimeType: folder, parents: [b.id] })
  const client = new Drive({
    apiUrl: drive.url,
    fetch,
    authorize: async () => ({ authorization: `Bearer ${accessToken}` }),
    unitsPerMinute: 0,
  })
  const tree = new Tree(client, 2)
  for (const item of [a, b, c]) tree.add(drive.resource(item) as DriveFile)
  const { folders, top } = await tree.chain(
    { id: 'x', parents: [c.id] },
    (id) => id === drive.root,
    new AbortController().signal,
  )
  expect(folders.map(({ name }) => name)).toEqual(['c', 'b', 'a'])
  expect(top).toBe(drive.root)
  // Only the dropped one was asked for.
  expect(drive.count('GET /files/:id')).toBe(1)
})

it('asks for forty folders at once below a configured one', async () => {
  await using drive = await fake()
  const top = drive.add('Top', { mimeType: folder })
  for (let index = 0; index < 100; index++)
    drive.add('x.txt', { parents: [drive.add(`sub ${index}`, { mimeType: folder, parents: [top.id] }).id] })
  expect(await (await open(drive, { config: { folderIds: [top.id] } })).list()).toHaveLength(100)
  expect(drive.count('GET /files')).toBe(4)
})

it('drops shortcuts to what is listed, follows the others with their key, and ends in circles of folders', async () => {
  await using drive = await fake()
  const team = drive.add('Team', { mimeType: folder })
  const own = drive.add('own.txt', { content: 'own' })
  const linked = drive.add('linked.txt', {
    owner: 'bob@example.com',
    permissions: [],
    parents: [],
    content: 'by link',
    resourceKey: '0-key',
  })
  const point = (name: string, targetId: string, extra: object = {}) =>
    drive.add(name, {
      mimeType: shortcut,
      parents: [team.id],
      extra: { shortcutDetails: { targetId, targetMimeType: 'text/plain', ...extra } },
    })
  point('to own', own.id)
  point('Spec', linked.id, { targetResourceKey: '0-key' })
  point('dead', 'gone')
  point('circle', team.id, { targetMimeType: folder })
  const session = await open(drive)
  const entries = await session.list()
  expect(entries.map(({ path }) => path).sort()).toEqual(['My Drive/Team/Spec', 'My Drive/own.txt'])
  expect(await session.text(entries.find(({ title }) => title === 'Spec'))).toBe('by link')
  const inFolder = await open(drive, { config: { folderIds: [team.id] } })
  expect(await inFolder.paths()).toEqual(['My Drive/Team/Spec', 'My Drive/Team/to own'])
  expect(await (await open(drive, { config: { followShortcuts: false } })).paths()).toEqual(['My Drive/own.txt'])
})

it('refuses a configuration of which nothing is there, and deletes nothing when a part of it is gone', async () => {
  await using drive = await fake()
  const top = drive.add('Top', { mimeType: folder })
  drive.add('x.txt', { parents: [top.id] })
  const error = await refusal((await open(drive, { config: { folderIds: ['nowhere'] } })).list())
  expect(error).toMatchObject({
    code: 'misconfigured',
    message: expect.stringContaining('no folder nowhere that ann@example.com may see'),
    remediation: expect.stringContaining('Share it'),
  })
  const file = drive.add('file.txt')
  expect(await refusal((await open(drive, { config: { folderIds: [file.id] } })).list())).toMatchObject({
    code: 'misconfigured',
  })
  const session = await open(drive, { config: { folderIds: ['nowhere', top.id] } })
  expect(await session.paths()).toEqual(['My Drive/Top/x.txt'])
  expect(session.unreadable).toMatchObject([{ path: '', error: { code: 'misconfigured' } }])
})

it('reports what an incomplete search may have left out', async () => {
  await using drive = await fake()
  drive.drive('0AHr', 'HR', member)
  drive.add('x.txt', { parents: [drive.add('Top', { id: 'top', mimeType: folder }).id] })
  // Of the folders alone, and of the files alone.
  for (const sign of ["mimeType = '", "mimeType != '"]) {
    drive.incomplete = (q) => q.includes(sign)
    const flat = await open(drive)
    await flat.list()
    expect(new Set(flat.unreadable.map(({ path }) => path))).toEqual(new Set(['HR', 'My Drive', 'Shared with me']))
  }
  drive.incomplete = () => true
  const walked = await open(drive, { config: { folderIds: ['top'] } })
  await walked.list()
  expect(walked.unreadable).toMatchObject([{ path: 'My Drive/Top', error: { code: 'unavailable' } }])
})

it('goes on without a drive that cannot be listed', async () => {
  await using drive = await fake()
  drive.drive('0AHr', 'HR', member)
  drive.add('x.txt')
  drive.add('hr.txt', { driveId: '0AHr' })
  drive.before = (route, url) =>
    route === 'GET /files' && url.searchParams.get('driveId') === '0AHr'
      ? failure(404, 'teamDriveNotFound', 'Shared drive not found: 0AHr')
      : undefined
  const session = await open(drive)
  expect(await session.paths()).toEqual(['My Drive/x.txt'])
  expect(session.unreadable).toMatchObject([{ path: 'HR', error: { code: 'not_found' } }])
})

it('starts a corpus over when Google forgets a page token, also when a resumed one is stale', async () => {
  await using drive = await fake()
  drive.pageCap = 10
  for (let index = 0; index < 95; index++) drive.add(`${index}.txt`)
  let pages = 0
  drive.before = (route) => {
    if (route === 'GET /files' && ++pages === 5) drive.expireTokens()
    return undefined
  }
  expect(new Set((await (await open(drive)).list()).map(({ id }) => id)).size).toBe(95)
  const { cursors } = await (await open(drive)).listItems()
  drive.expireTokens()
  expect(await (await open(drive)).list({ resume: cursors[4]! })).toHaveLength(95)
  expect(await (await open(drive)).list({ resume: (await (await open(drive)).listItems()).cursors[4]! })).toHaveLength(
    45,
  )
})

it('does not look whole after a 500 on page 40', async () => {
  await using drive = await fake()
  drive.pageCap = 2
  for (let index = 0; index < 100; index++) drive.add(`${index}.txt`)
  let pages = 0
  drive.before = (route) =>
    route === 'GET /files' && ++pages === 41 ? failure(500, 'backendError', 'Internal Error') : undefined
  expect(await refusal((await open(drive)).list())).toMatchObject({ code: 'unavailable' })
})

it('asks only for the corpora that the paths of a targeted sync touch', async () => {
  await using drive = await fake()
  drive.drive('0AHr', 'HR', member)
  drive.add('hr.txt', { driveId: '0AHr' })
  drive.add('x.txt')
  const session = await open(drive)
  expect((await session.list({ paths: ['HR/hr.txt'] })).map(({ path }) => path)).toEqual(['HR/hr.txt'])
  expect(drive.log_.some((line) => line.includes('corpora=user'))).toBe(false)
})

it('marks what may not be downloaded or used by AI', async () => {
  await using drive = await fake()
  drive.add('locked.pdf', { extra: { capabilities: { canDownload: false } } })
  drive.add('private.pdf', { extra: { capabilities: { canDownload: true, canAccessViaGenAi: false } } as never })
  const marks = async (config = {}) =>
    Object.fromEntries((await (await open(drive, { config })).list()).map((entry) => [entry.title, entry.unavailable]))
  expect(await marks()).toEqual({
    'locked.pdf': expect.stringMatching(/downloading/),
    'private.pdf': expect.stringMatching(/AI/),
  })
  expect(await marks({ respectGenAiRestriction: false })).toEqual({
    'locked.pdf': expect.anything(),
    'private.pdf': undefined,
  })
  // Not a byte changes; another version is what takes the old text out of the index.
  const versions = async (config = {}) => (await (await open(drive, { config })).list()).map(({ version }) => version)
  const [[locked, closed], [stillLocked, opened]] = [
    await versions(),
    await versions({ respectGenAiRestriction: false }),
  ]
  expect(stillLocked).toBe(locked)
  expect(opened).not.toBe(closed)
})
