import { generateKeyPairSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { anyOf } from '../src/sharing.ts'
import { createWorld, errorOf } from './drive.ts'
import { refuse } from './fake/refuse.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

it('signs in by JWT and by client credentials, and mints anew when a token has expired', async () => {
  await using world = await createWorld()
  const { fake } = world
  fake.apps.set('consumer', { publicKey, users: new Set(['bot@example.com']) })
  fake.clients.set('consumer', { secret: 'consumer-secret' })
  const jwt = (username: string) => async () => ({ method: 'jwt', clientId: 'consumer', username, privateKey })
  const config = { loginUrl: fake.url }
  const session = await world.open({ discover: true, config, credentials: jwt('bot@example.com') })
  expect(await session.check()).toMatchObject({ account: 'Acme', tenant: world.org.id })
  fake.tokens.clear()
  expect(await session.list()).toEqual([])
  expect(await errorOf(world.open({ discover: true, config, credentials: jwt('eve@example.com') }))).toMatchObject({
    code: 'unauthenticated',
    message: expect.stringContaining("hasn't approved"),
  })
  const client = (clientSecret: string) => async () => ({
    method: 'client_credentials',
    clientId: 'consumer',
    clientSecret,
  })
  expect(await (await world.open({ credentials: client('consumer-secret') })).check()).toMatchObject({
    tenant: world.org.id,
  })
  const wrong = await errorOf((await world.open({ credentials: client('wrong-secret') })).check())
  expect(wrong).toMatchObject({ code: 'unauthenticated' })
  expect(wrong.message).not.toContain('wrong-secret')
})

it('asks the host for fresh credentials once when a token is refused', async () => {
  await using world = await createWorld()
  world.fake.tokens.add('renewed-token')
  const asked: boolean[] = []
  const session = await world.open({
    credentials: async (options) => {
      asked.push(options?.refused ?? false)
      return { method: 'oauth', accessToken: options?.refused ? 'renewed-token' : 'stale-token', extra: {} }
    },
  })
  await session.check()
  expect(asked.slice(0, 2)).toEqual([false, true])
  const revoked = await world.open({
    credentials: async () => ({ method: 'oauth', accessToken: 'revoked-token', extra: {} }),
  })
  const before = world.fake.calls.length
  expect(await errorOf(revoked.check())).toMatchObject({ code: 'unauthenticated' })
  expect(world.fake.calls.length - before).toBe(2)
})

it('believes only Salesforce hosts that come with a token, and knows the host for people', async () => {
  await using world = await createWorld()
  const to = (instance_url: string) =>
    world.open({
      discover: true,
      credentials: async () => ({ method: 'oauth', accessToken: 'secret-token', extra: { instance_url } }),
    })
  expect(await errorOf(to('https://salesforce.com.evil.example'))).toMatchObject({ code: 'misconfigured' })
  expect(await errorOf(to('http://acme.my.salesforce.com'))).toMatchObject({ code: 'misconfigured' })
  await to('https://acme.my.salesforce.com')
  expect(await errorOf(world.open({ config: { instanceUrl: 'https://acme.lightning.force.com' } }))).toMatchObject({
    message: expect.stringContaining('acme.my.salesforce.com'),
  })
})

it('stops before the daily limit, and after Salesforce has refused', async () => {
  await using world = await createWorld()
  world.fake.used = 7_999
  world.fake.limit = 10_000
  const session = await world.open()
  expect(await errorOf(session.check())).toMatchObject({
    code: 'rate_limited',
    message: expect.stringContaining('8000 of its 10000'),
    retryAfterMs: expect.any(Number),
  })
  const calls = world.fake.calls.length
  expect(await errorOf(session.list())).toMatchObject({ code: 'rate_limited' })
  expect(world.fake.calls.length).toBe(calls)

  const spent = await world.open({ config: { apiReservePercent: 0 } })
  world.fake.used = 10_000
  expect(await errorOf(spent.check())).toMatchObject({
    code: 'rate_limited',
    message: expect.stringContaining('TotalRequests'),
  })
  world.fake.used = 0
  world.fake.before = () => {
    throw refuse(403, 'REQUEST_LIMIT_EXCEEDED', 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.')
  }
  expect((await errorOf((await world.open()).check())).retryAfterMs).toBeLessThan(60_000)
})

it('names another organisation as another tenant', async () => {
  await using world = await createWorld()
  const session = await world.open()
  expect((await session.check()).tenant).toBe('00D5g00000AbCdEEAV')
  world.org.table('Organization').clear()
  world.org.insertAs('00D5g00000ZzZzZEAV', 'Organization', { Name: 'Acme (refreshed)', IsSandbox: true })
  expect(await session.check()).toMatchObject({ tenant: '00D5g00000ZzZzZEAV', account: 'Acme (refreshed) (sandbox)' })
})

it('reads who may see a record: owner, those above, shares, groups, whoever sees all', async () => {
  await using world = await createWorld()
  const { org } = world
  const ceo = org.insert('UserRole', { Name: 'CEO', ParentRoleId: null })
  const sales = org.insert('UserRole', { Name: 'Sales', ParentRoleId: ceo })
  const user = (name: string, UserRoleId: string | null, more = {}) =>
    org.insert('User', {
      Name: name,
      Email: `${name}@example.com`,
      UserRoleId,
      IsActive: true,
      UserType: 'Standard',
      ...more,
    })
  const boss = user('boss', ceo)
  const rep = user('rep', sales)
  const peer = user('peer', null)
  const left = user('left', null, { IsActive: false })
  const reading = org.insert('PermissionSet', {
    Name: 'Read',
    PermissionsViewAllData: false,
    PermissionsModifyAllData: false,
  })
  for (const object of ['Account', 'Project__c', 'Contact'])
    org.insert('ObjectPermissions', {
      ParentId: reading,
      SobjectType: object,
      PermissionsRead: true,
      PermissionsViewAllRecords: false,
    })
  for (const AssigneeId of [boss, rep, left])
    org.insert('PermissionSetAssignment', { AssigneeId, PermissionSetId: reading })
  org.insert('PermissionSetAssignment', {
    AssigneeId: peer,
    PermissionSetId: reading,
    ExpirationDate: '2026-01-01T00:00:00.000+0000',
  })
  const team = org.insert('Group', { Name: 'Team', Type: 'Regular', DoesIncludeBosses: false })
  for (const UserOrGroupId of [peer, left]) org.insert('GroupMember', { GroupId: team, UserOrGroupId })
  const account = org.insert('Account', { Name: 'a' })
  org.insert('AccountShare', { AccountId: account, UserOrGroupId: rep })
  org.insert('AccountShare', { AccountId: account, UserOrGroupId: team })
  const project = org.insert('Project__c', { Name: 'p' })
  org.insert('Project__Share', { ParentId: project, UserOrGroupId: rep })
  const contact = org.insert('Contact', { Name: 'c', AccountId: account })
  const alone = org.insert('Contact', { Name: 'alone' })
  const { document } = org.addFile('f.txt', new Uint8Array(1))
  org.insert('ContentDocumentLink', { ContentDocumentId: document, LinkedEntityId: account })
  org.insert('ContentDocumentLink', { ContentDocumentId: document, LinkedEntityId: peer })
  org.tick()

  const session = await world.open({ config: { objects: ['Account', 'Project__c', 'Contact'], includeFiles: true } })
  const entries = await session.list()
  const acls = await session.readers(entries)
  const people = await session.people()
  const allowed = (id: string) => {
    const sets = acls.get(id)!.map((set) => new Set(set.flatMap((one) => people(one))))
    return [...(sets[0] ?? [])].filter((one) => sets.every((set) => set.has(one))).sort()
  }
  // `peer` is in the group, but may not read accounts any more: the permission set has expired.
  expect(allowed(account)).toEqual(['ada@example.com', 'boss@example.com', 'rep@example.com'])
  // Nothing tells whether a custom object follows the hierarchy.
  expect(allowed(project)).toEqual(['ada@example.com', 'rep@example.com'])
  expect(allowed(contact)).toEqual(['ada@example.com', 'boss@example.com', 'rep@example.com'])
  expect(allowed(alone)).toEqual(['ada@example.com'])
  expect(allowed(document)).toEqual(['ada@example.com', 'boss@example.com', 'peer@example.com', 'rep@example.com'])

  org.objects.delete('accountshare')
  const blind = await world.open({ config: { objects: ['Account'] } })
  expect((await blind.readers(entries.slice(0, 1))).get(account)).toEqual([
    ['sf:objread:Account'],
    ['sf:objall:Account'],
  ])
  org.sharingModel('Account', 'Read')
  const open = await world.open({ config: { objects: ['Account'] } })
  expect((await open.readers(entries.slice(0, 1))).get(account)).toEqual([['sf:objread:Account']])
  org.sharingModel('Account', 'SomethingNew')
  const unknown = await world.open({ config: { objects: ['Account'] } })
  expect((await unknown.readers(entries.slice(0, 1))).get(account)).toEqual([['sf:objall:Account']])
})

it('closes articles with data categories', async () => {
  await using world = await createWorld()
  const { org } = world
  const make = (UrlName: string, article: string) =>
    org.insert('Knowledge__kav', {
      KnowledgeArticleId: article,
      Language: 'de',
      Title: UrlName,
      UrlName,
      PublishStatus: 'Online',
      IsLatestVersion: true,
    })
  make('free', 'kA05g0000000001AAA')
  org.insert('Knowledge__DataCategorySelection', { ParentId: make('secret', 'kA05g0000000002AAA') })
  const session = await world.open({ config: { objects: [], includeKnowledge: true } })
  const acls = await session.readers(await session.list())
  expect([...acls.values()]).toEqual([[['sf:objread:Knowledge__kav']], [['sf:objall:Knowledge__kav']]])
})

it('joins alternatives into sets, and closes rather than grows', () => {
  const p = (id: string) => ({ type: 'group', id }) as const
  expect(anyOf([])).toEqual({ allOf: [[]] })
  expect(anyOf([{ allOf: [[p('a')]] }, { allOf: [[p('b')], [p('c')]] }])).toEqual({
    allOf: [
      [p('a'), p('b')],
      [p('a'), p('c')],
    ],
  })
  const many = Array.from({ length: 9 }, (_, n) => ({ allOf: [[p(`x${n}`)], [p(`y${n}`)]] }))
  expect(anyOf(many).allOf.length).toBeLessThanOrEqual(16)
})

it('offers objects to choose', async () => {
  await using world = await createWorld()
  const items = await (await world.open()).browse()
  expect(items.map(({ path }) => path)).toContain('Project__c')
  expect(items.map(({ path }) => path)).not.toContain('AccountShare')
})
