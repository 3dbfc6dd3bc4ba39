import { generateKeyPairSync } from 'node:crypto'
import { expect, it, vi } from 'vitest'
import { toAcl } from '../src/acl.ts'
import { Quota } from '../src/quota.ts'
import { reader } from './fake/model.ts'
import { directoryScopes, document, driveScope, failure, folder, me } from './fake/server.ts'
import { accessToken, fake, open, readers, refusal } from './harness.ts'

const member = [reader(me, 'user', 'organizer'), reader('staff@example.com', 'group')]
const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

function serviceAccount(url: string, email = 'cx@project.iam.gserviceaccount.com'): string {
  return JSON.stringify({
    type: 'service_account',
    client_email: email,
    private_key: keys.privateKey,
    token_uri: `${url}/token`,
  })
}

it('reads access lists of a shared drive from its members, and asks only for what differs', async () => {
  await using drive = await fake()
  drive.drive('0AHr', 'HR', member)
  const secret = drive.add('Secret', {
    mimeType: folder,
    driveId: '0AHr',
    inheritedPermissionsDisabled: true,
    permissions: [reader('boss@example.com')],
  })
  const open1 = drive.add('Wider', { mimeType: folder, driveId: '0AHr', permissions: [reader('guest@example.com')] })
  for (let index = 0; index < 500; index++) drive.add(`${index}.txt`, { driveId: '0AHr' })
  drive.add('in secret', { driveId: '0AHr', parents: [secret.id] })
  drive.add('in wider', { driveId: '0AHr', parents: [open1.id] })
  drive.add('own', { driveId: '0AHr', permissions: [reader('cleo@example.com')] })
  const session = await open(drive)
  const lists = new Map((await session.list()).map((entry) => [entry.title, readers(entry.acl)]))
  const staff = ['group:google:staff@example.com', `user:${me}`]
  expect(lists.get('7.txt')).toEqual(staff)
  expect(lists.get('own')).toEqual([...staff, 'user:cleo@example.com'].sort())
  expect(lists.get('in wider')).toEqual([...staff, 'user:guest@example.com'].sort())
  expect(lists.get('in secret')).toEqual([`user:${me}`, 'user:boss@example.com'].sort())
  expect(drive.count('GET /files/:id/permissions')).toBe(4)
})

it('asks an item whose permission ids do not fit what it should have inherited', async () => {
  await using drive = await fake()
  drive.drive('0AHr', 'HR', member)
  for (const name of ['a', 'b', 'c'])
    drive.add(name, {
      driveId: '0AHr',
      permissions: [reader('cleo@example.com')],
      extra: { hasAugmentedPermissions: false },
    })
  const entries = await (await open(drive)).list()
  for (const { acl } of entries) expect(readers(acl)).toContain('user:cleo@example.com')
  // The same ids of people and groups mean the same readers: the drive, and at most a few items asked side by side.
  expect(drive.count('GET /files/:id/permissions')).toBeLessThanOrEqual(4)
})

it('asks an item of which the listing tells nothing that would prove who may read', async () => {
  await using drive = await fake()
  drive.drive('0AHr', 'HR', member)
  const hidden = { permissionIds: undefined, hasAugmentedPermissions: undefined } as never
  const own = { inheritedPermissionsDisabled: true, permissions: [reader('cleo@example.com')] }
  const item = drive.add('own', { driveId: '0AHr', ...own, extra: hidden })
  item.extra = { ...item.extra, inheritedPermissionsDisabled: undefined } as never
  const [entry] = await (await open(drive)).list()
  expect(readers(entry?.acl)).toEqual([`user:${me}`, 'user:cleo@example.com'].sort())
})

it('names only the account itself where it may not see who else reads', async () => {
  await using drive = await fake()
  drive.add('from bob', { owner: 'bob@example.com', parents: [], permissions: [reader(me)] })
  const [entry] = await (await open(drive)).list()
  expect(readers(entry?.acl)).toEqual([`user:${me}`])
})

it('grants what can be found, and drops what is over, hidden or by link only', () => {
  const permissions = [
    { id: '1', type: 'user', emailAddress: 'Ann@Example.com' },
    { id: '2', type: 'user', emailAddress: 'gone@example.com', deleted: true },
    { id: '3', type: 'user', emailAddress: 'late@example.com', expirationTime: '2026-01-01T00:00:00Z' },
    { id: '4', type: 'user', emailAddress: 'peek@example.com', view: 'metadata' },
    { id: '8', type: 'user', emailAddress: 'site@example.com', view: 'published' },
    { id: '5', type: 'domain', domain: 'example.com', allowFileDiscovery: true },
    { id: '6', type: 'domain', domain: 'link.example.com', allowFileDiscovery: false },
    { id: 'anyoneWithLink', type: 'anyone', allowFileDiscovery: false },
  ] as const
  const now = Date.parse('2026-06-01T00:00:00Z')
  expect(readers(toAcl(permissions, { linkShares: 'ignore' }, now))).toEqual([
    'domain:example.com',
    'user:ann@example.com',
  ])
  expect(readers(toAcl(permissions, { linkShares: 'grant' }, now))).toContain('anyone')
  expect(toAcl([], { linkShares: 'ignore' })).toEqual({ allOf: [[]] })
  // Its id alone says that only the link leads there.
  expect(toAcl([{ id: 'anyoneWithLink', type: 'anyone' }], { linkShares: 'ignore' })).toEqual({ allOf: [[]] })
})

it('refreshes many access lists by one listing', async () => {
  await using drive = await fake()
  for (let index = 0; index < 300; index++) drive.add(`${index}.txt`)
  const entries = await (await open(drive)).list()
  const session = await open(drive)
  const before = drive.total
  const lists = await session.acls(entries.slice(0, 200))
  for (const [id, acl] of await session.acls(entries.slice(200))) lists.set(id, acl)
  expect(lists.size).toBe(300)
  expect(drive.total - before).toBeLessThanOrEqual(6)
})

it('lists members of groups when told to', async () => {
  await using drive = await fake()
  drive.token(accessToken, [driveScope, ...directoryScopes])
  drive.groups.set('staff@example.com', [
    { email: 'Bob@example.com', type: 'USER' },
    { email: 'leads@example.com', type: 'GROUP' },
    { email: 'gone@example.com', type: 'USER', status: 'SUSPENDED' },
  ])
  expect(await (await open(drive)).groups()).toEqual([])
  expect(await (await open(drive, { config: { groupMembers: true } })).groups()).toEqual([
    {
      id: 'google:staff@example.com',
      members: [
        { type: 'user', id: 'bob@example.com', email: 'Bob@example.com' },
        { type: 'group', id: 'google:leads@example.com' },
      ],
    },
  ])
})

it('signs in as a service account, as somebody else by delegation, and renews a token that is refused', async () => {
  await using drive = await fake()
  drive.serviceAccounts.set('cx@project.iam.gserviceaccount.com', {
    publicKey: keys.publicKey,
    delegated: [driveScope],
  })
  drive.add('x.txt')
  const serviceAccountKey = serviceAccount(drive.url)
  const plain = await open(drive, { credentials: () => ({ method: 'serviceAccount', serviceAccountKey }) })
  expect(await plain.check()).toMatchObject({ account: 'cx@project.iam.gserviceaccount.com' })
  const delegated = await open(drive, {
    credentials: () => ({ method: 'serviceAccount', serviceAccountKey, subject: me }),
  })
  expect(await delegated.check()).toMatchObject({ account: me, tenant: `p-${me}` })
  expect(drive.count('POST /token')).toBe(2)
  for (const token of drive.tokens.keys()) if (token.startsWith('sa-')) drive.tokens.delete(token)
  expect(await delegated.list()).toHaveLength(1)
  expect(drive.count('POST /token')).toBe(3)
  const wide = await open(drive, {
    config: { groupMembers: true },
    credentials: () => ({ method: 'serviceAccount', serviceAccountKey, subject: me }),
  })
  expect(await refusal(wide.check())).toMatchObject({
    code: 'unauthenticated',
    message: expect.stringContaining('unauthorized_client'),
    remediation: expect.stringContaining('admin.directory.group.readonly'),
  })
})

it.each([
  ['no JSON', () => 'BEGIN-nonsense-9f2c'],
  [
    'no key',
    (url: string) =>
      JSON.stringify({ client_email: 'a@b', private_key: 'BEGIN-nonsense-9f2c', token_uri: `${url}/token` }),
  ],
  ['an unknown account', (url: string) => serviceAccount(url, 'gone@project.iam.gserviceaccount.com')],
])('refuses a service account key that is %s, and repeats nothing of it', async (_, make) => {
  await using drive = await fake()
  const session = await open(drive, {
    credentials: () => ({ method: 'serviceAccount', serviceAccountKey: make(drive.url) }),
  })
  const error = await refusal(session.check())
  expect(error).toMatchObject({ code: 'unauthenticated', remediation: expect.any(String) })
  expect(JSON.stringify([error, error.message])).not.toMatch(/nonsense|PRIVATE KEY/)
})

it('says what to do about a revoked token, a missing scope and an API that is off', async () => {
  await using drive = await fake()
  drive.add('x.txt', { content: 'x' })
  const session = await open(drive)
  drive.token(accessToken, ['openid'])
  expect(await refusal(session.list())).toMatchObject({
    code: 'forbidden',
    remediation: expect.stringContaining('drive.readonly'),
  })
  drive.token(accessToken, ['https://www.googleapis.com/auth/drive.metadata.readonly'])
  expect((await (await open(drive)).check()).checks).toMatchObject([
    { capability: 'list', status: 'ok' },
    { capability: 'read', status: 'failed', remediation: expect.stringContaining('drive.readonly') },
  ])
  drive.before = () =>
    failure(
      403,
      'accessNotConfigured',
      'Google Drive API has not been used in project 12 before or it is disabled. Enable it by visiting https://console.developers.google.com/',
    )
  expect(await refusal((await open(drive)).list())).toMatchObject({
    code: 'misconfigured',
    message: expect.stringContaining('console.developers.google.com'),
  })
  drive.before = () => undefined
  drive.tokens.delete(accessToken)
  expect(await refusal((await open(drive)).list())).toMatchObject({
    code: 'unauthenticated',
    remediation: expect.stringContaining('Reconnect'),
  })
})

it('asks the host once for a fresh token after a 401', async () => {
  await using drive = await fake()
  drive.add('x.txt')
  drive.token('ya29.fresh')
  drive.tokens.delete(accessToken)
  let token = accessToken
  const session = await open(drive, { credentials: () => ({ method: 'oauth', accessToken: token, extra: {} }) })
  const first = session.check()
  token = 'ya29.fresh'
  await first
  expect(await session.list()).toHaveLength(1)
})

it('tells tenants apart, and checks with three calls', async () => {
  await using drive = await fake()
  drive.add('x.txt', { content: 'x' })
  const first = await (await open(drive)).check()
  expect(first).toEqual({
    account: me,
    tenant: `p-${me}`,
    checks: [
      { capability: 'list', status: 'ok', message: 'Google Drive can be listed.' },
      { capability: 'read', status: 'ok', message: '"x.txt" can be read.' },
    ],
  })
  expect(drive.total).toBe(3)
  drive.token(accessToken, [driveScope], 'other@elsewhere.com')
  expect((await (await open(drive)).check()).tenant).not.toBe(first.tenant)
  expect((await (await open(drive, { config: { folderIds: ['nowhere'] } })).check()).checks).toMatchObject([
    { capability: 'list', status: 'failed' },
    { status: 'skipped' },
  ])
  // One document that is too large says nothing of the way in.
  drive.delete([...drive.items.keys()][0]!)
  drive.exportLimit = 1
  drive.add('Long', { mimeType: document, content: 'long' })
  expect((await (await open(drive)).check()).checks).toMatchObject([{ status: 'ok' }, { status: 'skipped' }])
})

it('waits when the quota is used up, all calls together, and goes on', async () => {
  await using drive = await fake()
  for (let index = 0; index < 5; index++) drive.add(`${index}.txt`, { content: 'x' })
  const session = await open(drive)
  const entries = await session.list()
  drive.throttled = 1
  const began = performance.now()
  await Promise.all(entries.map((entry) => session.text(entry)))
  expect(performance.now() - began).toBeGreaterThan(900)
  // Five reads, one of them twice.
  expect(drive.log_.filter((line) => line.includes('alt=media'))).toHaveLength(6)
})

it('passes on how long Google asks to wait', async () => {
  await using drive = await fake()
  drive.before = () => failure(429, 'rateLimitExceeded', 'Too many requests.', { retryAfter: '90' })
  expect(await refusal((await open(drive)).list())).toMatchObject({ code: 'rate_limited', retryAfterMs: 90_000 })
})

it('spends quota units no faster than told', async () => {
  const signal = new AbortController().signal
  const quota = new Quota({ unitsPerMinute: 60_000 })
  const began = performance.now()
  // 1,200 are there at once; the other 200 take 206 ms.
  for (let spent = 0; spent < 1_400; spent += 100) await quota.turn(100, signal)
  const tookMs = performance.now() - began
  expect(tookMs).toBeGreaterThan(150)
  // Without a word of how long, each refusal in a row doubles the pause; a call that goes through ends the row.
  const patient = new Quota({ unitsPerMinute: 0, baseMs: 20 })
  const pauses: number[] = []
  const pause = async () => {
    const from = performance.now()
    patient.refused(undefined)
    await patient.turn(1, signal)
    pauses.push(performance.now() - from)
  }
  for (let refusals = 0; refusals < 4; refusals++) await pause()
  patient.passed()
  await pause()
  expect(pauses[3]).toBeGreaterThan(150)
  expect(pauses[4]).toBeLessThan(100)
  await expect(quota.turn(60_000, AbortSignal.timeout(20))).rejects.toThrow()
})

it('sends one call to find out, where Google says no without a time', async () => {
  const signal = new AbortController().signal
  const quota = new Quota({ unitsPerMinute: 0, baseMs: 20 })
  quota.refused(undefined)
  let sent = 0
  const calls = Array.from({ length: 8 }, () => quota.turn(5, signal).then(() => void sent++))
  await Promise.race(calls)
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(sent).toBe(1)
  quota.refused(undefined)
  await vi.waitFor(() => expect(sent).toBe(2), 10_000)
  quota.passed()
  await Promise.all(calls)
  expect(sent).toBe(8)
})

it('opens a channel for each log, renews it with an overlap and closes the old one', async () => {
  await using drive = await fake()
  drive.drive('0AHr', 'HR', member)
  const session = await open(drive)
  const before = Date.now()
  const { handle, expiresAt } = await session.subscribe({
    url: 'https://cx.example.com/hooks/1',
    secret: 'channel-secret',
  })
  expect([...drive.channels.values()].map(({ log }) => log).sort()).toEqual(['0AHr', 'user'])
  for (const { body } of drive.channels.values())
    expect(body).toMatchObject({ type: 'web_hook', token: 'channel-secret', address: 'https://cx.example.com/hooks/1' })
  expect(JSON.stringify(handle)).not.toContain('channel-secret')
  const days = ((expiresAt ?? 0) - before) / 86_400_000
  expect(days).toBeCloseTo(5.6, 1)
  drive.longestChannelMs = 3_600_000
  const short = await session.subscribe({ url: 'https://cx.example.com/hooks/1', secret: 'channel-secret' })
  expect((short.expiresAt ?? 0) - before).toBeLessThan(3_000_000)
  for (const { id } of (short.handle as { channels: { id: string }[] }).channels) drive.channels.delete(id)
  const old = [...drive.channels.keys()]
  const renewed = await session.renew(JSON.parse(JSON.stringify(handle)), {
    url: 'https://cx.example.com/hooks/1',
    secret: 'channel-secret',
  })
  expect(drive.channels.size).toBe(2)
  for (const id of old) expect(drive.channels.has(id)).toBe(false)
  // Channels that ran out meanwhile are no reason to fail.
  drive.channels.clear()
  await session.renew(renewed.handle, { url: 'https://cx.example.com/hooks/1', secret: 'channel-secret' })
  drive.before = (route) =>
    route.includes('watch')
      ? failure(401, 'push.webhookUrlUnauthorized', 'Unauthorized WebHook callback channel')
      : undefined
  expect(await refusal(session.subscribe({ url: 'https://cx.example.com', secret: 's' }))).toMatchObject({
    code: 'misconfigured',
  })
  expect(await refusal(session.subscribe({ url: 'http://cx.example.com', secret: 'channel-secret' }))).toMatchObject({
    code: 'misconfigured',
  })
})

it('browses to ids that the configuration takes', async () => {
  await using drive = await fake()
  drive.drive('0AHr', 'HR', member)
  const mine = drive.add('Papers', { mimeType: folder })
  drive.add('file.txt')
  const shared = drive.add('Guides', { mimeType: folder, driveId: '0AHr' })
  drive.add('g.txt', { driveId: '0AHr', parents: [shared.id] })
  const session = await open(drive)
  expect((await session.browse('')).map(({ path, title }) => [path, title])).toEqual([
    ['folders/root', 'My Drive'],
    ['drives/0AHr', 'HR'],
    ['shared', 'Shared with me'],
  ])
  const others = { mimeType: folder, owner: 'bob@example.com', permissions: [reader(me)], parents: [] }
  const given = drive.add('Given', others)
  expect(await session.browse('shared')).toMatchObject([{ path: `folders/${given.id}`, title: 'Given' }])
  expect(await session.browse('folders/root')).toEqual([
    { path: `folders/${mine.id}`, title: 'Papers', hasChildren: true, selectable: true },
  ])
  const [guides] = await session.browse('drives/0AHr')
  expect(await session.browse(guides!.path)).toEqual([])
  expect(await (await open(drive, { config: { folderIds: [guides!.path] } })).paths()).toEqual(['HR/Guides/g.txt'])
})
