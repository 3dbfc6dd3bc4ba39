import type { Entry } from '@cx/core'
import { expect, it } from 'vitest'
import { reader } from './fake/model.ts'
import { failure, folder, shortcut } from './fake/server.ts'
import { fake, open, readers, refusal } from './harness.ts'

const member = [reader('ann@example.com', 'user', 'organizer')]
const pathsOf = (entries: readonly Entry[]) => entries.map(({ path }) => path).sort()

it('asks each log once when nothing happened', async () => {
  await using drive = await fake()
  drive.drive('0AHr', 'HR', member)
  drive.drive('0AIt', 'IT', member)
  const cursor = await (await open(drive)).now()
  const before = drive.total
  expect(await (await open(drive)).since(cursor)).toMatchObject({ upserts: [], gone: [] })
  expect(drive.total - before).toBe(3)
})

it('gives the paths below a folder that was renamed, moved, trashed or restored', async () => {
  await using drive = await fake()
  const top = drive.add('Top', { mimeType: folder })
  const deep = drive.add('Deep', { mimeType: folder, parents: [top.id] })
  const a = drive.add('a.txt', { parents: [top.id], content: 'a' })
  const b = drive.add('b.txt', { parents: [deep.id], content: 'b' })
  const session = () => open(drive)
  const versions = (await (await session()).list()).map(({ version }) => version).sort()
  let cursor = await (await session()).now()
  const next = async () => {
    const news = await (await session()).since(cursor)
    cursor = news.next
    return news
  }
  drive.edit(top, { name: 'Renamed' })
  const renamed = await next()
  expect(pathsOf(renamed.upserts)).toEqual(['My Drive/Renamed/Deep/b.txt', 'My Drive/Renamed/a.txt'])
  expect(renamed.upserts.map(({ version }) => version).sort()).toEqual(versions)
  drive.edit(deep, { parents: [drive.root] })
  expect(pathsOf((await next()).upserts)).toEqual(['My Drive/Deep/b.txt'])
  drive.edit(top, { trashed: true })
  const trashed = await next()
  expect(trashed.upserts).toEqual([])
  expect(trashed.gone).toContain(`gdrive:${a.id}`)
  expect(trashed.gone).not.toContain(`gdrive:${b.id}`)
  drive.edit(top, { trashed: false })
  expect(pathsOf((await next()).upserts)).toEqual(['My Drive/Renamed/a.txt'])
})

it('removes what leaves a configured folder, and takes up what comes into it', async () => {
  await using drive = await fake()
  const inside = drive.add('In', { mimeType: folder })
  const sub = drive.add('Sub', { mimeType: folder, parents: [inside.id] })
  const file = drive.add('x.txt', { parents: [sub.id] })
  const config = { folderIds: [inside.id] }
  const cursor = await (await open(drive, { config })).now()
  drive.edit(sub, { parents: [drive.root] })
  const left = await (await open(drive, { config })).since(cursor)
  expect(left).toMatchObject({ upserts: [], gone: [`gdrive:${file.id}`] })
  drive.edit(sub, { parents: [inside.id] })
  drive.add('elsewhere.txt')
  expect(pathsOf((await (await open(drive, { config })).since(left.next)).upserts)).toEqual(['My Drive/In/Sub/x.txt'])
})

it('keeps a file that moves between My Drive and shared drives', async () => {
  await using drive = await fake()
  drive.drive('0AHr', 'HR', member)
  drive.drive('0AIt', 'IT', member)
  const file = drive.add('x.txt', { content: 'x' })
  const follow = async (cursor: Parameters<Awaited<ReturnType<typeof open>>['since']>[0]) =>
    (await open(drive)).since(cursor)
  let cursor = await (await open(drive)).now()
  for (const [driveId, parent, path] of [
    ['0AHr', '0AHr', 'HR/x.txt'],
    ['0AIt', '0AIt', 'IT/x.txt'],
    [undefined, drive.root, 'My Drive/x.txt'],
  ] as const) {
    drive.edit(file, { driveId, parents: [parent] })
    const { upserts, gone, next } = await follow(cursor)
    expect(upserts.at(-1)?.path).toBe(path)
    expect(gone).toEqual([])
    cursor = next
  }
})

it('sees who may read now', async () => {
  await using drive = await fake()
  const file = drive.add('x.txt')
  const cursor = await (await open(drive)).now()
  drive.edit(file, { permissions: [...file.permissions, reader('bob@example.com')] })
  const { upserts: entries } = await (await open(drive)).since(cursor)
  expect(readers(entries[0]?.acl)).toEqual(['user:ann@example.com', 'user:bob@example.com'])
})

it('follows the shortcut to a file of others in a configured folder', async () => {
  await using drive = await fake()
  const team = drive.add('Team', { mimeType: folder })
  const bobs = drive.add('bobs.txt', {
    owner: 'bob@example.com',
    parents: [],
    permissions: [reader('ann@example.com')],
    content: '1',
  })
  const config = { folderIds: [team.id] }
  let cursor = await (await open(drive, { config })).now()
  const next = async () => {
    const news = await (await open(drive, { config })).since(cursor)
    cursor = news.next
    return news
  }
  const link = drive.add('Link.txt', {
    mimeType: shortcut,
    parents: [team.id],
    extra: { shortcutDetails: { targetId: bobs.id, targetMimeType: 'text/plain' } },
  })
  expect(pathsOf((await next()).upserts)).toEqual(['My Drive/Team/Link.txt'])
  drive.edit(bobs, { content: '2' })
  expect(pathsOf((await next()).upserts)).toEqual(['My Drive/Team/Link.txt'])
  drive.edit(link, { trashed: true })
  expect((await next()).gone).toEqual([`gdrive:${bobs.id}`])
})

type Fake = Awaited<ReturnType<typeof fake>>

function rename(drive: Fake): void {
  drive.drives.get('0AHr')!.name = 'People'
  drive.changes.push({ log: 'user', id: '0AHr', kind: 'drive' })
}

function throwOut(drive: Fake): void {
  drive.drives.get('0AHr')!.members = []
}

it.each<[string, (drive: Fake) => void]>([
  ['a drive was renamed', rename],
  ['a drive was added', (drive) => void drive.drive('0ANew', 'New', member)],
  ['the account was thrown out of a drive', throwOut],
  ['the log has forgotten the place', (drive) => drive.expireTokens()],
])('lists again after %s', async (_, happen) => {
  await using drive = await fake()
  drive.drive('0AHr', 'HR', member)
  const cursor = await (await open(drive)).now()
  happen(drive)
  expect(await refusal((await open(drive)).since(cursor))).toMatchObject({ code: 'cursor_expired' })
})

it.each<[string, (drive: Fake, id: string) => void]>([
  ['trashed', (drive, id) => drive.edit(drive.items.get(id)!, { trashed: true })],
  ['deleted', (drive, id) => drive.delete(id)],
])('leaves a configured folder that was %s to the listing, which says so', async (_, happen) => {
  await using drive = await fake()
  const pets = drive.add('Pets', { mimeType: folder })
  drive.add('x.txt', { parents: [pets.id] })
  const config = { folderIds: [pets.id] }
  const cursor = await (await open(drive, { config })).now()
  happen(drive, pets.id)
  const after = await open(drive, { config })
  expect(await refusal(after.since(cursor))).toMatchObject({ code: 'cursor_expired' })
  expect(await refusal(after.list())).toMatchObject({ code: 'misconfigured' })
})

it('lists again with another configuration, and always for a whole domain', async () => {
  await using drive = await fake()
  const cursor = await (await open(drive)).now()
  const other = await open(drive, { config: { excludeMimeTypes: ['image/*'] } })
  expect(await refusal(other.since(cursor))).toMatchObject({ code: 'cursor_expired' })
  for (const config of [{ respectGenAiRestriction: false }, { linkShares: 'grant' }])
    expect(await refusal((await open(drive, { config })).since(cursor))).toMatchObject({ code: 'cursor_expired' })
  const domain = await open(drive, { config: { corpus: 'domain' } })
  expect(await refusal(domain.since(await domain.now()))).toMatchObject({ code: 'cursor_expired' })
})

it('asks anew who may read a drive when a listing follows on the log', async () => {
  await using drive = await fake()
  drive.drive('0AHr', 'HR', member)
  const file = drive.add('x.txt', { driveId: '0AHr', permissions: [reader('bob@example.com')] })
  const session = await open(drive)
  const cursor = await session.now()
  drive.edit(file, { name: 'y.txt' })
  expect(readers((await session.since(cursor)).upserts[0]?.acl)).toContain('user:bob@example.com')
  file.permissions = [reader('cy@example.com')]
  await session.now()
  expect(readers((await session.list())[0]?.acl)).toEqual(['user:ann@example.com', 'user:cy@example.com'])
})

it('deletes nothing on the word of an incomplete search for shortcuts', async () => {
  await using drive = await fake()
  const team = drive.add('Team', { mimeType: folder })
  const config = { folderIds: [team.id] }
  const cursor = await (await open(drive, { config })).now()
  drive.add('bobs.txt', { owner: 'bob@example.com', parents: [], permissions: [reader('ann@example.com')] })
  drive.incomplete = () => true
  expect(await refusal((await open(drive, { config })).since(cursor))).toMatchObject({ code: 'unavailable' })
})

it('does not move past changes that failed', async () => {
  await using drive = await fake()
  drive.pageCap = 1
  const session = await open(drive)
  const cursor = await session.now()
  drive.add('a.txt')
  drive.add('b.txt')
  let pages = 0
  drive.before = (route) =>
    route === 'GET /changes' && ++pages === 2 ? failure(500, 'backendError', 'Internal Error') : undefined
  expect(await refusal(session.since(cursor))).toMatchObject({ code: 'unavailable' })
})
