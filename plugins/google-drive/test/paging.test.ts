import { expect, it } from 'vitest'
import { reader } from './fake/model.ts'
import { directoryScopes, driveScope, folder, me } from './fake/server.ts'
import { accessToken, fake, open, readers } from './harness.ts'

const member = [reader(me, 'user', 'organizer')]

it('reads shared drives, readers and groups to the last page', async () => {
  await using drive = await fake()
  drive.token(accessToken, [driveScope, ...directoryScopes])
  const people = Array.from({ length: 250 }, (_, i) => reader(`p${i}@example.com`))
  for (let index = 0; index < 120; index++) drive.drive(`0A${String(index).padStart(3, '0')}`, `Drive ${index}`, member)
  drive.drives.get('0A119')!.members = [...member, ...people]
  drive.add('last.txt', { driveId: '0A119' })
  for (let index = 0; index < 201; index++) drive.groups.set(`g${index}@example.com`, [])
  drive.groups.set(
    'g200@example.com',
    people.map((one) => ({ email: one.emailAddress!, type: 'USER' })),
  )
  const session = await open(drive, { config: { groupMembers: true } })
  const [entry] = await session.list()
  expect(entry?.path).toBe('Drive 119/last.txt')
  expect(readers(entry?.acl)).toHaveLength(251)
  const groups = await session.groups()
  expect(groups).toHaveLength(201)
  expect(groups.find(({ id }) => id === 'google:g200@example.com')?.members).toHaveLength(250)
})

it('takes what changed again while the log was read as it is then', async () => {
  await using drive = await fake()
  drive.drive('0AHr', 'HR', member)
  const top = drive.add('Top', { mimeType: folder, driveId: '0AHr' })
  drive.add('in.txt', { driveId: '0AHr', parents: [top.id] })
  const shared = drive.add('shared.txt', { driveId: '0AHr', permissions: [reader('bob@example.com')] })
  const cursor = await (await open(drive)).now()
  drive.pageCap = 2
  drive.edit(top, { name: 'Second' })
  drive.edit(shared, { content: 'new' })
  drive.add('more.txt', { driveId: '0AHr' })
  let pages = 0
  drive.before = (route, url) => {
    if (route === 'GET /changes' && url.searchParams.has('driveId') && ++pages === 2) {
      drive.edit(top, { name: 'Third' })
      drive.edit(shared, { permissions: [reader('cleo@example.com')] })
    }
    return undefined
  }
  const { upserts } = await (await open(drive)).since(cursor)
  const last = (title: string) => upserts.findLast((entry) => entry.title === title)
  expect(last('in.txt')?.path).toBe('HR/Third/in.txt')
  expect(readers(last('shared.txt')?.acl)).toEqual([`user:${me}`, 'user:cleo@example.com'].sort())
})
