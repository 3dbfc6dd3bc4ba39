import { afterEach, beforeEach, expect, test } from 'vitest'
import { daysAgo, drive, token } from './drive.ts'
import { allScopes, FakeSlack, tooSoon } from './fake-slack.ts'

let fake: FakeSlack
beforeEach(async () => {
  fake = await new FakeSlack().start()
  fake.tokens.set(token, { scopes: allScopes })
  fake.user('U0ANN00001', 'ann')
  fake.user('U0BOB00001', 'bob')
})
afterEach(() => fake.stop())

test('a thread is a document, the messages of a day another', async () => {
  const general = fake.channel('general')
  fake.post(general, '1772366400.000100', 'Shall we ship <https://example.com/r|the release>?')
  fake.reply(general, '1772366400.000100', '1772452800.000200', 'Yes')
  fake.post(general, '1772366460.000100', 'Lunch!', { user: 'U0BOB00001' })
  fake.post(general, '1772452800.000300', 'joined', { subtype: 'channel_join' })
  fake.post(general, '1772452800.000400', 'to all', { subtype: 'thread_broadcast', thread_ts: '1772366400.000100' })
  await using slack = await drive(fake, { config: { channels: ['#general'] } })
  const entries = await slack.list()
  expect(entries.map(({ id, path, title }) => ({ id, path, title }))).toEqual([
    { id: `slack:T0ACME0001:${general.id}:2026-03-01`, path: 'general/2026/03/01.md', title: '#general — 2026-03-01' },
    {
      id: `slack:T0ACME0001:${general.id}:1772366400.000100`,
      path: 'general/2026/03/01/1772366400.000100.md',
      title: '#general — ann: Shall we ship the release?',
    },
  ])
  expect(entries[1]).toMatchObject({
    author: 'ann',
    createdAt: '2026-03-01T12:00:00.000Z',
    updatedAt: '2026-03-02T12:00:00.000Z',
    url: `https://acme.slack.com/archives/${general.id}/p1772366400000100?thread_ts=1772366400.000100&cid=${general.id}`,
    acl: { allOf: [[{ type: 'group', id: 'slack:T0ACME0001:members' }]] },
  })
  expect(await slack.text(entries[0]!)).toBe(
    [
      '**ann** 2026-03-01 12:00\n\nShall we ship [the release](https://example.com/r)?',
      `↳ [1 reply](https://acme.slack.com/archives/${general.id}/p1772366400000100?thread_ts=1772366400.000100&cid=${general.id})`,
      '**bob** 2026-03-01 12:01\n\nLunch!\n',
    ].join('\n\n'),
  )
  expect(await slack.text(entries[1]!)).toMatch(/Shall we ship[\s\S]*\*\*bob\*\* 2026-03-02 12:00\n\nYes\n$/)
})

test('channels by id, by name and by former name; direct messages and strangers are reported', async () => {
  const general = fake.channel('general')
  const renamed = fake.channel('old-name')
  const hidden = fake.channel('secret', { isPrivate: true, member: false })
  const link = `https://acme.slack.com/archives/${general.id}/p1772366400000100`
  fake.rename(renamed, 'new-name')
  for (const channel of [general, renamed, hidden]) fake.post(channel, daysAgo(1), 'hello')
  await using slack = await drive(fake, { config: { channels: [link, 'old-name', hidden.id, 'nowhere'] } })
  const entries = await slack.list()
  expect(entries.map(({ path }) => path.split('/')[0])).toEqual(['general', 'new-name'])
  expect(slack.unreadable.map(({ path, error }) => [path, error.code])).toEqual([
    ['nowhere/', 'not_found'],
    // Where its documents are is not known: nothing at all may be swept.
    ['', 'not_found'],
  ])
  expect(slack.unreadable[0]!.error.remediation).toContain('by its id')
})

test('a channel that is known by its id alone takes no list of channels', async () => {
  const general = fake.channel('general')
  for (let index = 0; index < 20; index++) fake.channel(`other-${index}`)
  fake.post(general, daysAgo(1), 'hello')
  await using slack = await drive(fake, { config: { channels: [general.id] } })
  expect(await slack.list()).toHaveLength(1)
  expect(fake.count('conversations.list')).toBe(0)
  // Account, channel, people, messages.
  expect(fake.total()).toBe(4)
})

test('a channel that the app was thrown out of is reported; the others go on', async () => {
  const general = fake.channel('general')
  const lost = fake.channel('lost', { member: false })
  const hidden = fake.channel('hidden', { isPrivate: true })
  for (const channel of [general, lost, hidden]) fake.post(channel, daysAgo(1), 'hello')
  const config = { channels: ['general', 'lost', hidden.id] }
  {
    await using before = await drive(fake, { config })
    expect(await before.list()).toHaveLength(2)
  }
  hidden.members.clear()
  await using slack = await drive(fake, { config })
  expect((await slack.list()).map(({ path }) => path.split('/')[0])).toEqual(['general'])
  expect(slack.unreadable.map(({ path, error }) => [path, error.code])).toEqual([
    // This process has seen its name.
    ['hidden/', 'not_found'],
    ['lost/', 'forbidden'],
  ])
  expect(slack.unreadable[1]!.error.remediation).toContain('/invite')
})

test('autoJoin joins public channels', async () => {
  const open = fake.channel('open', { member: false })
  fake.post(open, daysAgo(1), 'hello')
  fake.tokens.set(token, { scopes: [...allScopes, 'channels:join'] })
  await using slack = await drive(fake, { config: { channels: ['open'], autoJoin: true } })
  expect(await slack.list()).toHaveLength(1)
  expect(open.members).toContain(fake.botId)
})

test('without `channels`, every channel that the app is in', async () => {
  fake.post(fake.channel('in'), daysAgo(1), 'hello')
  fake.post(fake.channel('out', { member: false }), daysAgo(1), 'hello')
  fake.post(fake.channel('private', { isPrivate: true }), daysAgo(1), 'hello')
  await using slack = await drive(fake)
  expect((await slack.list()).map(({ path }) => path.split('/')[0])).toEqual(['in', 'private'])
  expect(slack.unreadable).toEqual([])
})

test('a missing scope is reported by its name, for the channels it concerns', async () => {
  const general = fake.channel('general')
  const inner = fake.channel('inner', { isPrivate: true })
  for (const channel of [general, inner]) fake.post(channel, daysAgo(1), 'hello')
  fake.tokens.set(token, { scopes: allScopes.filter((scope) => scope !== 'groups:history') })
  await using slack = await drive(fake)
  expect(await slack.list()).toHaveLength(1)
  expect(slack.unreadable).toMatchObject([
    { path: 'inner/', error: { code: 'forbidden', message: expect.stringContaining('groups:history') } },
  ])
  // Private channels that cannot be listed look deleted: that must end the listing.
  fake.tokens.set(token, { scopes: allScopes.filter((scope) => scope !== 'groups:read') })
  await using other = await drive(fake)
  await expect(other.list()).rejects.toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining('groups:read'),
  })
})

test('what a plan hides holds back deletions of the channel', async () => {
  const general = fake.channel('general')
  for (let day = 1; day <= 9; day++) fake.post(general, daysAgo(day), `day ${day}`)
  general.hiddenBefore = daysAgo(4)
  await using slack = await drive(fake)
  expect(await slack.list()).toHaveLength(4)
  expect(slack.unreadable).toMatchObject([{ path: 'general/', error: { code: 'forbidden' } }])
})

test('dateRange takes whole days, relative or not', async () => {
  const general = fake.channel('general')
  for (let day = 0; day <= 9; day++) fake.post(general, daysAgo(day), `day ${day}`)
  const from = new Date(Date.now() - 5 * 86_400_000).toISOString().slice(0, 10)
  const to = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10)
  const counts = [{ from: '3d' }, { from, to }, { to }, undefined].map(async (dateRange) => {
    await using slack = await drive(fake, { config: dateRange === undefined ? {} : { dateRange } })
    return (await slack.list()).length
  })
  expect(await Promise.all(counts)).toEqual([4, 4, 8, 10])
  for (const dateRange of [{ from: '2026-13-45' }, { from: '2026-02-01', to: '2026-01-01' }]) {
    await using slack = await drive(fake, { config: { dateRange } })
    await expect(slack.list()).rejects.toMatchObject({ code: 'misconfigured' })
  }
})

test('a targeted listing asks for its day alone', async () => {
  const general = fake.channel('general')
  fake.pageCap = 50
  for (let day = 0; day < 200; day++) fake.post(general, daysAgo(day), `day ${day}`)
  fake.reply(general, daysAgo(150), daysAgo(1), 'late')
  await using slack = await drive(fake, { config: { channels: [general.id] } })
  const all = await slack.list()
  const thread = all.find(({ path }) => path.endsWith(`${daysAgo(150)}.md`))!
  const before = fake.count('conversations.history')
  expect(await slack.list({ paths: [thread.path] })).toEqual([thread])
  expect(fake.count('conversations.history')).toBe(before + 1)
  const month = thread.path.slice(0, 'general/2026/03/'.length)
  expect((await slack.list({ paths: [month] })).length).toBe(all.filter(({ path }) => path.startsWith(month)).length)
  fake.rename(general, 'all')
  await using later = await drive(fake, { config: { channels: [general.id] } })
  expect(await later.list({ paths: [thread.path] })).toEqual([])
  expect(later.unreadable).toMatchObject([{ path: thread.path }])
})

test('a forgotten page cursor and a 500 on a later page lose nothing', async () => {
  const general = fake.channel('general')
  fake.pageCap = 7
  for (let day = 0; day < 40; day++) fake.post(general, daysAgo(day), `day ${day}`)
  await using slack = await drive(fake)
  const undisturbed = await slack.list()
  const seen: typeof undisturbed = []
  for await (const item of slack.items()) {
    if ('kind' in item) {
      if (seen.length < 10) fake.expireCursors()
    } else seen.push(item)
  }
  expect(undisturbed).toHaveLength(40)
  // Nor is a message twice in its day.
  expect(seen).toEqual(undisturbed)
  const failing = [undefined, undefined, undefined, () => new Response('oops', { status: 500 })]
  fake.next.set(
    'conversations.history',
    failing.map((one) => one ?? (() => undefined)),
  )
  const part: string[] = []
  let resume: unknown
  const broken = (async () => {
    for await (const item of slack.items())
      if ('kind' in item) resume = item.cursor
      else part.push(item.path)
  })()
  await expect(broken).rejects.toMatchObject({ code: 'unavailable' })
  const rest = await slack.list({ resume: resume as never })
  expect(new Set([...part, ...rest.map(({ path }) => path)]).size).toBe(40)
  expect(rest.length).toBeLessThan(40)
})

test('the limit class shows by pages of 15, and the log says what that means', async () => {
  const general = fake.channel('general')
  fake.limitedClass = true
  for (let day = 0; day < 40; day++) fake.post(general, daysAgo(day), `day ${day}`)
  await using slack = await drive(fake)
  expect(await slack.list()).toHaveLength(40)
  expect(slack.logs.filter((line) => line.includes('1 call a minute'))).toHaveLength(1)
  expect((await slack.check()).checks).toContainEqual(expect.objectContaining({ capability: 'rate limit' }))
  // Small pages for another reason are no sign.
  fake.limitedClass = false
  fake.pageCap = 15
  for (let index = 0; index < 12; index++) fake.channel(`more-${index}`)
  fake.pageCap = 14
  await using other = await drive(fake)
  await other.list()
  expect(other.logs.filter((line) => line.includes('1 call a minute'))).toEqual([])
})

test('429 becomes rate_limited with its time, and no call of the method comes before', async () => {
  const general = fake.channel('general')
  fake.post(general, daysAgo(1), 'hello')
  await using slack = await drive(fake)
  fake.next.set('conversations.history', [() => tooSoon(40)])
  await expect(slack.list()).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 40_000 })
  await expect(slack.list()).rejects.toMatchObject({ code: 'rate_limited' })
  expect(fake.count('conversations.history')).toBe(1)
})

test('access: a public channel is the workspace, a private one its members', async () => {
  fake.user('U0GUEST001', 'guest', { is_restricted: true })
  fake.user('U0GONE0001', 'gone', { deleted: true })
  // Of a company that shares one channel with us: in the list, and no member of the workspace.
  fake.user('U0PARTNER1', 'partner', { team_id: 'T0PARTNER1' })
  // Of our own organisation's grid, and a member of this workspace too.
  fake.user('U0GRID0001', 'grid', { team_id: 'T0OTHER001', enterprise_user: { teams: ['T0OTHER001', 'T0ACME0001'] } })
  const open = fake.channel('open')
  const inner = fake.channel('inner', { isPrivate: true })
  inner.members.add('U0BOB00001').add('U0GUEST001').add('U0PARTNER1')
  for (const channel of [open, inner]) fake.post(channel, daysAgo(1), 'hello')
  await using slack = await drive(fake)
  const entries = await slack.list()
  expect(entries.map(({ acl }) => acl)).toEqual([
    { allOf: [[{ type: 'group', id: 'slack:T0ACME0001:members' }]] },
    { allOf: [[{ type: 'group', id: `slack:${inner.id}` }]] },
  ])
  expect([...(await slack.acls(entries)).values()]).toEqual(entries.map(({ acl }) => acl))
  const person = (id: string, name: string) => ({ type: 'user', id: `slack:user:${id}`, email: `${name}@example.com` })
  expect(await slack.groups()).toEqual([
    {
      id: 'slack:T0ACME0001:members',
      members: [person('U0ANN00001', 'ann'), person('U0BOB00001', 'bob'), person('U0GRID0001', 'grid')],
    },
    {
      id: `slack:${inner.id}`,
      members: [person('U0BOB00001', 'bob'), person('U0GUEST001', 'guest'), person('U0PARTNER1', 'partner')],
    },
  ])
})

test('members that cannot be read are unknown, not none', async () => {
  const inner = fake.channel('inner', { isPrivate: true })
  fake.channel('other', { isPrivate: true })
  await using slack = await drive(fake)
  fake.next.set('conversations.members', [() => Response.json({ ok: false, error: 'ekm_access_denied' })])
  await expect(slack.groups()).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('#inner') })
  expect(fake.count('conversations.members')).toBe(2)
  expect((await slack.groups()).map(({ id }) => id)).toContain(`slack:${inner.id}`)
})

test('check names the account, the team and what is missing; browse shows what can be configured', async () => {
  const general = fake.channel('general')
  fake.channel('elsewhere', { member: false })
  fake.post(general, daysAgo(1), 'hello')
  fake.tokens.set(token, { scopes: allScopes.filter((scope) => scope !== 'users:read.email') })
  await using slack = await drive(fake)
  expect(await slack.check()).toMatchObject({ account: 'cx in Acme', tenant: 'T0ACME0001' })
  expect(fake.total()).toBe(3)
  const { checks = [] } = await slack.check()
  expect(checks.map(({ capability, status }) => `${capability}: ${status}`)).toEqual([
    'channels: ok',
    'messages: ok',
    'scope users:read: ok',
    'scope users:read.email: skipped',
    'scope files:read: ok',
  ])
  expect((await slack.browse('')).map(({ path, title }) => ({ path, title }))).toEqual([
    { path: expect.any(String), title: '#elsewhere (the app is not a member)' },
    { path: general.id, title: '#general' },
  ])
})

test('where GET is not found, everything goes by POST', async () => {
  const general = fake.channel('general')
  fake.post(general, daysAgo(1), 'hello')
  fake.reply(general, daysAgo(1), daysAgo(0), 'answer')
  fake.postOnly = true
  fake.pageCap = 1
  await using slack = await drive(fake, { config: { channels: ['general'] } })
  const entries = await slack.list()
  expect(await Promise.all(entries.map((entry) => slack.text(entry)))).toEqual([
    expect.stringContaining('hello'),
    expect.stringContaining('answer'),
  ])
  expect(fake.refusedGets).toBe(1)
})

test('a token that rotates is renewed once; a revoked one asks to reconnect', async () => {
  fake.post(fake.channel('general'), daysAgo(1), 'hello')
  fake.tokens.set('xoxe.xoxb-old', { scopes: allScopes, expired: true })
  const asked: boolean[] = []
  await using slack = await drive(fake, {
    credentials: async ({ refused = false } = {}) => {
      asked.push(refused)
      return { method: 'oauth', accessToken: asked.includes(true) ? token : 'xoxe.xoxb-old', extra: {} }
    },
  })
  expect(await slack.list()).toHaveLength(1)
  expect(asked.filter(Boolean)).toHaveLength(1)
  await using revoked = await drive(fake, { credentials: async () => ({ method: 'token', token: 'xoxb-revoked' }) })
  await expect(revoked.check()).rejects.toMatchObject({
    code: 'unauthenticated',
    remediation: expect.stringContaining('Reconnect'),
  })
  await using browser = await drive(fake, { credentials: async () => ({ method: 'token', token: 'xoxc-1' }) })
  await expect(browser.check()).rejects.toMatchObject({ code: 'unauthenticated' })
})

test('where Slack says that more follows, it is looked for or the listing fails', async () => {
  const general = fake.channel('general')
  for (let day = 0; day < 5; day++) fake.post(general, daysAgo(day), `day ${day}`)
  const newest = general.messages.get(daysAgo(0))!
  const page = (messages: unknown[]) => () => Response.json({ ok: true, messages, has_more: true })
  await using slack = await drive(fake)
  fake.next.set('conversations.history', [page([newest])])
  expect(await slack.list()).toHaveLength(5)
  fake.next.set('conversations.history', [page([])])
  await expect(slack.list()).rejects.toMatchObject({ code: 'unavailable' })
})

test('people of other workspaces are known by what their messages say', async () => {
  const shared = fake.channel('shared')
  fake.post(shared, daysAgo(1), 'hello', { user: 'U0STRANGER', user_profile: { display_name: 'zoe' } })
  await using slack = await drive(fake)
  expect(await slack.text((await slack.list())[0]!)).toContain('**zoe**')
})
