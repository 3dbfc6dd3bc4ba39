import type { Acl, Entry } from '@cx/core'
import { expect, it } from 'vitest'
import { drive, fakeSite, reads } from './drive.ts'

const named = (acl: Acl | undefined) =>
  acl?.allOf.map((set) => set.map((one) => (one.type === 'anyone' ? 'anyone' : `${one.type}:${one.id}`)))

it.each(['cloud', 'data_center'] as const)(
  '%s: space, every restricted ancestor and the page, all of them',
  async (flavour) => {
    const fake = await fakeSite(flavour)
    const { model } = fake
    const staff = flavour === 'cloud' ? 'g-staff' : 'staff'
    model.spaces[0]!.permissions.push(
      reads('user', 'u-cy'),
      { principal: { type: 'user', id: 'u-bob' }, operation: { key: 'create', targetType: 'page' } },
      { principal: { type: 'user', id: 'u-bob' }, operation: { key: 'administer', targetType: 'space' } },
    )
    const top = model.page('ENG', 'Top', '', { groups: [staff] })
    const open = model.page('ENG', 'Open', '', { parentId: top.id })
    const leaf = model.page('ENG', 'Leaf', '', { parentId: open.id, users: ['u-bob', 'u-ada'] })
    const free = model.page('ENG', 'Free', '')
    const file = model.add('attachment', 'ENG', 'f.txt', { containerId: leaf.id, bytes: new Uint8Array(1) })
    const site = await drive(fake, { config: { includeAttachments: true } })
    const acls = await site.acls(await site.list())
    const space = [`group:${staff}`, 'user:u-cy']
    expect(named(acls.get(free.id))).toEqual([space])
    expect(named(acls.get(top.id))).toEqual([space, [`group:${staff}`]])
    expect(named(acls.get(open.id))).toEqual([space, [`group:${staff}`]])
    expect(named(acls.get(leaf.id))).toEqual([space, [`group:${staff}`], ['user:u-bob', 'user:u-ada']])
    expect(acls.get(file.id)).toEqual(acls.get(leaf.id))
    // Addresses where the product tells them.
    expect(acls.get(leaf.id)!.allOf[2]).toContainEqual({ type: 'user', id: 'u-bob', email: 'bob@example.com' })
    expect(
      [...(await site.groups()).find(({ id }) => id === staff)!.members].map((one) => 'id' in one && one.id),
    ).toEqual(['u-ada', 'u-bob'])
  },
)

it('asks anew for a page that was moved under a restricted one, without a new version', async () => {
  const fake = await fakeSite()
  const { model } = fake
  const closed = model.page('ENG', 'Closed', '', { users: ['u-ada'] })
  const page = model.page('ENG', 'Moved', '')
  const [entry] = (await (await drive(fake)).list()).filter(({ id }) => id === page.id)
  page.parentId = closed.id
  const acls = await (await drive(fake)).acls([entry!])
  expect(named(acls.get(page.id))).toEqual([['group:g-staff'], ['user:u-ada']])
})

it('completes lists that are cut short, and asks by itself for what the search does not know yet', async () => {
  const fake = await fakeSite()
  const { model } = fake
  const people = Array.from({ length: 430 }, (_, i) => model.user(`u-${i}`, `U${i}`, `u${i}@example.com`).id)
  const long = model.page('ENG', 'Long', '', { users: people })
  const fresh = model.page('ENG', 'Fresh', '', { users: ['u-ada'], unindexed: true })
  const site = await drive(fake)
  const acls = await site.acls(await site.list())
  expect(named(acls.get(long.id))![1]).toHaveLength(430)
  expect(named(acls.get(fresh.id))).toEqual([['group:g-staff'], ['user:u-ada']])
})

it('counts folders, and takes what is above and out of sight for closed to everyone', async () => {
  const fake = await fakeSite()
  const { model } = fake
  const folder = model.folder('ENG', ['Board'])!
  folder.users = ['u-ada']
  const inside = model.page('ENG', 'Inside', '', { parentId: folder.id })
  const orphan = model.page('ENG', 'Orphan', '', { parentId: '999999' })
  const site = await drive(fake)
  const entries = await site.list()
  const acls = await site.acls(entries)
  expect(named(acls.get(orphan.id))).toEqual([['group:g-staff'], []])
  expect(named(acls.get(inside.id))).toEqual([['group:g-staff'], ['user:u-ada']])
  // The call for restrictions of a folder fails: unknown is not open.
  const blind = await drive(fake)
  folder.unindexed = true
  fake.intercept = ({ path }) =>
    path.startsWith(`/rest/api/content/${folder.id}/restriction`)
      ? Response.json({ message: 'Nope' }, { status: 404 })
      : undefined
  expect(named((await blind.acls(entries)).get(inside.id))).toEqual([['group:g-staff'], []])
})

it('reads roles, classes of people and anonymous access', async () => {
  const fake = await fakeSite()
  const { model } = fake
  const page = model.page('ENG', 'A', '')
  const entry = {
    id: page.id,
    path: 'ENG/A.md',
    version: '1',
    ref: { k: 'page', s: model.spaces[0]!.id },
  } satisfies Entry
  const acl = async () => named((await (await drive(fake)).acls([entry])).get(page.id))
  model.spaces[0]!.permissions = [reads('access_class', 'anonymous-users')]
  expect(await acl()).toEqual([['anyone']])
  model.spaces[0]!.permissions = [reads('access_class', 'something-new')]
  expect(await acl()).toEqual([[]])
  model.roleMode = 'ROLES'
  model.spaces[0]!.assignments = [
    { principal: { principalType: 'USER', principalId: 'u-cy' } },
    { principal: { principalType: 'ACCESS_CLASS', principalId: 'ALL_LICENSED_USERS' } },
  ]
  expect(await acl()).toEqual([['user:u-cy', 'group:access-class:all-licensed-users']])
  // What was before roles counts no more with them, and both count in between.
  model.spaces[0]!.permissions = [reads('user', 'u-bob')]
  expect(await acl()).toEqual([['user:u-cy', 'group:access-class:all-licensed-users']])
  model.roleMode = 'ROLES_TRANSITION'
  expect(await acl()).toEqual([['user:u-bob', 'user:u-cy', 'group:access-class:all-licensed-users']])
  model.group('g-2', 'designers', ['u-cy'])
  model.group('g-1', 'confluence-users-acme', ['u-ada', 'u-bob'])
  const groups = new Map((await (await drive(fake)).groups()).map(({ id, members }) => [id, members]))
  expect(groups.get('access-class:all-licensed-users')!.map((one) => 'id' in one && one.id)).toEqual(['u-ada', 'u-bob'])
})

it('takes members that may not be seen for unknown, and restrictions without lists too', async () => {
  const fake = await fakeSite()
  const { model } = fake
  model.group('g-hidden', 'hidden', ['u-cy'])
  model.group('g-later', 'later', ['u-bob'])
  const page = model.page('ENG', 'A', '', { users: ['u-cy'], unindexed: true })
  const open = model.page('ENG', 'B', '')
  const site = await drive(fake)
  const entries = await site.list()
  fake.intercept = ({ path }) => {
    if (path === '/rest/api/group/g-hidden/membersByGroupId') return new Response('', { status: 403 })
    return path.startsWith(`/rest/api/content/${page.id}/restriction`)
      ? Response.json({ operation: 'read' })
      : undefined
  }
  await expect(site.groups()).rejects.toMatchObject({ code: 'forbidden' })
  expect(fake.calls.some(({ path }) => path.includes('g-later'))).toBe(true)
  expect([...(await site.acls(entries)).keys()]).toEqual([open.id])
})

it('says nothing of a space whose readers are unknown, and goes on with the others', async () => {
  const fake = await fakeSite()
  const { model } = fake
  model.space('HR', { permissions: [reads('user', 'u-cy')] })
  model.page('ENG', 'A', '')
  const page = model.page('HR', 'B', '')
  const site = await drive(fake, { config: { spaceKeys: ['ENG', 'HR'] } })
  const entries = await site.list()
  const closed = model.spaces[0]!.id
  fake.intercept = ({ path }) =>
    path === `/api/v2/spaces/${closed}/permissions` ? new Response('', { status: 403 }) : undefined
  await expect(site.acls(entries)).rejects.toMatchObject({ code: 'forbidden' })
  expect(site.logs.join()).toContain('Who may view a space is unknown')
  fake.intercept = () => undefined
  expect(named((await site.acls(entries)).get(page.id))).toEqual([['user:u-cy']])
})

it('Data Center: asks older lines by JSON-RPC, knows anonymous access, and fails closed without either', async () => {
  const fake = await fakeSite('data_center')
  const { model } = fake
  const page = model.page('ENG', 'A', '')
  const entry = {
    id: page.id,
    path: 'ENG/A.md',
    version: '1',
    ref: { k: 'page', s: model.spaces[0]!.id },
  } satisfies Entry
  const acl = async () => named((await (await drive(fake)).acls([entry])).get(page.id))
  const comments = { ...reads('anonymous', ''), operation: { key: 'create', targetType: 'comment' } }
  model.spaces[0]!.permissions.push(comments)
  expect(await acl()).toEqual([['group:staff']])
  model.spaces[0]!.permissions.push(reads('anonymous', ''))
  expect(await acl()).toEqual([['group:staff', 'anyone']])
  fake.intercept = ({ path }) => (path.endsWith('/permissions') ? new Response('', { status: 404 }) : undefined)
  await expect(acl()).rejects.toMatchObject({ code: 'forbidden', remediation: expect.stringContaining('9.1') })
  fake.rpc = [
    {
      type: 'VIEWSPACE',
      spacePermissions: [
        { userName: 'bob', groupName: null },
        { userName: null, groupName: 'staff' },
      ],
    },
    { type: 'EDITSPACE', spacePermissions: [{ userName: 'cy', groupName: null }] },
  ]
  // The name is told, the id is what restrictions and groups use.
  expect(await acl()).toEqual([['user:u-bob', 'group:staff']])
  const viewers = (one: object) => [{ type: 'VIEWSPACE', spacePermissions: [one] }]
  fake.rpc = viewers({ userName: null, groupName: null })
  expect(await acl()).toEqual([['anyone']])
  fake.rpc = viewers({ user: 'bob' })
  expect(await acl()).toEqual([[]])
})
