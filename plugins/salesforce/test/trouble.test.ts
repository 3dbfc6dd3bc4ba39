import { openConnector } from '@cx/testing'
import { expect, it } from 'vitest'
import salesforce from '../src/index.ts'
import { createWorld, errorOf } from './drive.ts'
import { refuse } from './fake/refuse.ts'
import { reference } from './fake/schema.ts'

const bulk = { bulkThreshold: 10 }

it('a bulk job that fails or is aborted by somebody: everything is listed by pages', async () => {
  await using world = await createWorld()
  for (let n = 0; n < 30; n++) world.org.insert('Account', { Name: `Account ${n}` })
  world.org.tick()
  for (const end of ['Failed', 'Aborted'] as const) {
    world.fake.bulkEnds = end
    const session = await world.open({ config: bulk })
    expect((await session.list()).length).toBe(30)
    expect(session.logs.join()).toContain(`state ${end}`)
  }
})

it('fewer rows than were promised are no whole listing, by pages and in bulk', async () => {
  await using world = await createWorld()
  for (let n = 0; n < 30; n++) world.org.insert('Account', { Name: `Account ${n}` })
  world.org.tick()
  world.fake.losesRows = true
  for (const config of [{}, bulk])
    expect(await errorOf((await world.open({ config })).list())).toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('29 of 30'),
    })
})

it('a sync that is stopped takes its bulk job back', async () => {
  await using world = await createWorld()
  const { fake, org } = world
  for (let n = 0; n < 30; n++) org.insert('Account', { Name: `Account ${n}` })
  org.tick()
  fake.bulkEnds = 'InProgress'
  fake.tokens.add('stop-token')
  const stop = new AbortController()
  await using session = await openConnector(salesforce, {
    config: { objects: ['Account'], instanceUrl: fake.url, ...bulk },
    credentials: () => ({ method: 'oauth', accessToken: 'stop-token', extra: {} }),
    signal: stop.signal,
  })
  const patched = () => fake.calls.filter(({ method }) => method === 'PATCH').length
  let polls = 0
  fake.before = ({ path }) => {
    if (/\/jobs\/query\/\w+$/.test(path) && ++polls === 3) stop.abort()
  }
  await expect(session.list()).rejects.toMatchObject({ name: 'AbortError' })
  expect(patched()).toBe(1)
})

it('ids are asked for in smaller lots when Salesforce cannot answer for as many; each record stays whole', async () => {
  await using world = await createWorld()
  const { org, fake } = world
  const tickets = Array.from({ length: 60 }, (_, n) => org.insert('Case', { CaseNumber: `${n}`, Subject: `s ${n}` }))
  for (const [n, ParentId] of tickets.entries())
    for (let m = 0; m < 8; m++) org.insert('CaseComment', { ParentId, CommentBody: `comment ${n}-${m}` })
  org.tick()
  const config = { objects: ['Case'], includeComments: true }
  const calm = await (await world.open({ config })).list()
  fake.pageSize = 50
  let lost = 0
  fake.before = ({ soql, path }) => {
    const ids = (/IN \(([^)]*)\)/.exec(soql)?.[1] ?? '').split(',').length
    if (/FROM (?:CaseComment|Case) WHERE/.test(soql) && ids > 20) throw refuse(400, 'QUERY_TIMEOUT', 'Too long.')
    if (/\/query\/01g/.test(path) && ++lost === 2) fake.forgetCursors()
  }
  const session = await world.open({ config })
  const busy = await session.list()
  expect(busy).toEqual(calm)
  const texts = await Promise.all(busy.map((entry) => session.text(entry)))
  for (const [n, text] of texts.entries())
    for (let m = 0; m < 8; m++) expect(text.split(`comment ${n}-${m}\n`)).toHaveLength(2)
})

it('an article that is taken back to be a draft leaves; the next draft of a published one does not', async () => {
  await using world = await createWorld()
  const { org } = world
  const article = (id: string, PublishStatus: string, more = {}) =>
    org.insert('Knowledge__kav', {
      KnowledgeArticleId: id,
      Language: 'de',
      Title: id,
      UrlName: id,
      PublishStatus,
      IsLatestVersion: true,
      ...more,
    })
  const back = article('kA05g0000000001AAA', 'Online')
  article('kA05g0000000002AAA', 'Online')
  org.tick(3_600)
  const session = await world.open({ config: { objects: [], includeKnowledge: true } })
  const cursor = await session.now()
  org.update('Knowledge__kav', back, { PublishStatus: 'Draft' })
  article('kA05g0000000002AAA', 'Draft', { IsLatestVersion: false })
  org.tick()
  expect((await session.since(cursor)).gone).toEqual(['kA05g0000000001AAA:de'])
})

it('an object in another case is one object, and is known by that name when it is hidden', async () => {
  await using world = await createWorld()
  const { org } = world
  const id = org.insert('Account', { Name: 'a' })
  org.tick()
  const config = { objects: ['account', 'ACCOUNT', 'Case'] }
  const session = await world.open({ config })
  const [entry, ...none] = await session.list()
  expect([entry!.path, none]).toEqual([`ACCOUNT/${id}`, []])
  expect(await session.list({ paths: [entry!.path] })).toEqual([entry])
  org.objects.delete('account')
  const hidden = await world.open({ config })
  expect(await hidden.list()).toEqual([])
  expect(hidden.unreadable.map(({ path }) => path)).toEqual(['ACCOUNT/'])
})

it('calls that are refused together share one new token', async () => {
  await using world = await createWorld()
  const { fake } = world
  fake.clients.set('consumer', { secret: 's' })
  let refused = 0
  let signIns = 0
  const together = Promise.withResolvers<void>()
  const patient: typeof fetch = async (input, init) => {
    const isSignIn = String(input).endsWith('/token')
    if (isSignIn && ++signIns > 1) await together.promise
    const response = await fetch(input, init)
    if (response.status === 401 && ++refused === 3) setTimeout(together.resolve, 20)
    return response
  }
  await using session = await openConnector(salesforce, {
    config: { objects: ['Account'], instanceUrl: fake.url },
    credentials: () => ({ method: 'client_credentials', clientId: 'consumer', clientSecret: 's' }),
    fetch: patient,
  })
  await session.check()
  fake.tokens.clear()
  await Promise.all([session.check(), session.check(), session.groups()])
  expect([refused, signIns]).toEqual([3, 2])
})

it('groups without hierarchy, for objects that do not follow it', async () => {
  await using world = await createWorld()
  const { org } = world
  const person = (name: string, UserRoleId: string | null) =>
    org.insert('User', {
      Name: name,
      Email: `${name}@example.com`,
      UserRoleId,
      IsActive: true,
      UserType: 'Standard',
    })
  const ceo = org.insert('UserRole', { Name: 'CEO', ParentRoleId: null })
  const sales = org.insert('UserRole', { Name: 'Sales', ParentRoleId: ceo })
  const [boss, rep] = [person('boss', ceo), person('rep', sales)]
  const reading = org.insert('PermissionSet', {
    Name: 'Read',
    PermissionsViewAllData: false,
    PermissionsModifyAllData: false,
  })
  for (const SobjectType of ['Account', 'Project__c'])
    org.insert('ObjectPermissions', {
      ParentId: reading,
      SobjectType,
      PermissionsRead: true,
      PermissionsViewAllRecords: false,
    })
  for (const AssigneeId of [boss, rep]) org.insert('PermissionSetAssignment', { AssigneeId, PermissionSetId: reading })
  const role = org.insert('Group', { Type: 'Role', RelatedId: sales, DoesIncludeBosses: false })
  const outer = org.insert('Group', { Type: 'Regular', DoesIncludeBosses: true })
  org.insert('GroupMember', { GroupId: outer, UserOrGroupId: role })
  const account = org.insert('Account', { Name: 'a' })
  const project = org.insert('Project__c', { Name: 'p' })
  org.insert('AccountShare', { AccountId: account, UserOrGroupId: outer })
  org.insert('Project__Share', { ParentId: project, UserOrGroupId: outer })
  org.tick()
  const allowed = async (config = {}) => {
    const session = await world.open({ config: { objects: ['Account', 'Project__c'], ...config } })
    const people = await session.people()
    const readers = await session.readers(await session.list())
    return [account, project].map((id) => {
      const sets = readers.get(id)!.map((set) => new Set(set.flatMap((one) => people(one))))
      return ['boss', 'rep'].filter((name) => sets.every((set) => set.has(`${name}@example.com`)))
    })
  }
  expect(await allowed()).toEqual([['boss', 'rep'], ['rep']])
  expect(await allowed({ customHierarchy: true })).toEqual([
    ['boss', 'rep'],
    ['boss', 'rep'],
  ])
  world.fake.restrictionRules = [
    { TargetEntity: 'Project__c', EnforcementType: 'Restrict' },
    { TargetEntity: 'Account', EnforcementType: 'Scoping' },
  ]
  expect(await allowed()).toEqual([['boss', 'rep'], []])
})

it('a query that runs too long for Salesforce is no wrong configuration', async () => {
  await using world = await createWorld()
  world.fake.before = ({ soql }) => {
    if (/FROM Account/.test(soql))
      throw refuse(400, 'REQUEST_RUNNING_TOO_LONG', 'Your request was running for too long.')
  }
  expect(await errorOf((await world.open()).list())).toMatchObject({ code: 'unavailable' })
})

it('a junction is seen by whoever sees both of its masters', async () => {
  await using world = await createWorld()
  const { org } = world
  org.objects.set('link__c', {
    info: { ...org.objects.get('project__c')!.info, name: 'Link__c', label: 'Link', keyPrefix: 'a01' },
    fields: [
      ...org.objects.get('project__c')!.fields.filter(({ name }) => !/__c$|^OwnerId$/.test(name)),
      reference('Account__c', 'Account', { relationshipOrder: 0, cascadeDelete: true }),
      reference('Project__c', 'Project__c', { relationshipOrder: 1, cascadeDelete: true }),
    ],
  })
  org.sharingModel('Link__c', 'ControlledByParent')
  const masters = {
    Account__c: org.insert('Account', { Name: 'a' }),
    Project__c: org.insert('Project__c', { Name: 'p' }),
  }
  const both = org.insert('Link__c', { Name: 'both', ...masters })
  const half = org.insert('Link__c', { Name: 'half', Account__c: masters.Account__c })
  org.tick()
  const session = await world.open({ config: { objects: ['Link__c'] } })
  const readers = await session.readers(await session.list())
  expect(readers.get(both)!.flat()).toEqual([
    'sf:objread:Link__c',
    'sf:objread:Account',
    'sf:objall:Account',
    `sf:user-and-above:${org.admin}`,
    'sf:objread:Project__c',
    'sf:objall:Project__c',
    `sf:only:${org.admin}`,
  ])
  expect(readers.get(half)).toEqual([['sf:objall:Link__c']])
  const groups = new Set((await session.groups()).map(({ id }) => id))
  expect(
    readers
      .get(both)!
      .flat()
      .filter((id) => !groups.has(id)),
  ).toEqual([])
})

it.each(['LastModifiedDate', 'CreatedDate'])('an object that keeps %s alone is followed too', async (stamp) => {
  await using world = await createWorld()
  const { org } = world
  const project = org.objects.get('project__c')!
  const dropped = stamp === 'CreatedDate' ? /^(?:SystemModstamp|LastModifiedDate)$/ : /^SystemModstamp$/
  project.fields.splice(0, project.fields.length, ...project.fields.filter(({ name }) => !dropped.test(name)))
  const [old] = [org.insert('Project__c', { Name: 'old' }), org.insert('Project__c', { Name: 'other' })]
  org.tick(3_600)
  const session = await world.open({ config: { objects: ['Project__c'] } })
  const cursor = await session.now()
  org.tick()
  org.remove('Project__c', old)
  const born = org.insert('Project__c', { Name: 'new' })
  org.tick()
  const { upserts, gone } = await session.since(cursor)
  expect([upserts.map(({ id }) => id), gone]).toEqual([[born], [old]])
})
