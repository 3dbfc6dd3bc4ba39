import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { drive } from './drive.ts'
import { problem } from './fake/http.ts'
import type { Account, FakeRepo } from './fake/model.ts'
import { FakeGitHub } from './fake/server.ts'

let hub: FakeGitHub
let ann: Account
let acme: Account
let repo: FakeRepo

beforeEach(async () => {
  hub = await new FakeGitHub().start()
  ann = hub.account('ann', 'User', 'ann@example.com')
  acme = hub.account('acme', 'Organization')
  hub.account('bob', 'User', 'bob@users.noreply.github.com')
  hub.tokens.set('ghp_ann', 'ann')
  repo = hub.repo(acme, 'docs')
  repo.commit({ 'a.md': 'text' })
  repo.visibility = 'private'
  repo.collaborators.add(ann.id)
})
afterEach(() => hub.stop())

const open = (
  credentials: { method: string; [key: string]: string } = { method: 'token', token: 'ghp_ann' },
  config = {},
) => drive({ config: { repos: ['acme/docs'], apiUrl: hub.url, ...config }, credentials })

describe('a GitHub App', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  const app = (key = pkcs1) => ({ method: 'app', appId: '4711', privateKey: key })
  beforeEach(() => {
    hub.keys['4711'] = publicKey
  })

  it.each([
    ['as downloaded (PKCS#1)', pkcs1],
    ['in PKCS#8', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
    ['with escaped line breaks', pkcs1.replaceAll('\n', '\\n')],
  ])('signs in with its key %s', async (_, key) => {
    await using driver = await open(app(key))
    expect(await driver.list()).toHaveLength(1)
    expect(hub.calls.filter(({ path }) => path.endsWith('/access_tokens'))).toHaveLength(1)
  })

  it('keeps one installation for each owner', async () => {
    const other = hub.account('globex', 'Organization')
    const theirs = hub.repo(other, 'site')
    theirs.visibility = 'private'
    theirs.commit({ 'b.md': 'b' })
    await using driver = await open(app(), { repos: ['acme/docs', 'globex/*'] })
    const entries = await driver.list()
    expect(entries.map(({ path }) => path)).toEqual(['acme/docs/a.md', 'globex/site/b.md'])
    expect(await Promise.all(entries.map((entry) => driver.text(entry)))).toEqual(['text', 'b'])
    expect((await driver.check()).account).toContain('acme')
  })

  it.each(['no key', '-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n-----END RSA PRIVATE KEY-----'])(
    'refuses %j without repeating it',
    async (key) => {
      await using driver = await open(app(key))
      const error = await driver.list().catch((thrown) => thrown)
      expect(error.code).toBe('unauthenticated')
      expect(JSON.stringify(error) + error.stack).not.toContain('c2VjcmV0')
    },
  )

  it("says so when another app's key is used", async () => {
    const { privateKey: wrong } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    await using driver = await open(
      app(
        createPrivateKey(wrong.export({ type: 'pkcs8', format: 'pem' }))
          .export({ type: 'pkcs1', format: 'pem' })
          .toString(),
      ),
    )
    await expect(driver.list()).rejects.toMatchObject({ code: 'unauthenticated' })
  })
})

it('reads public repositories without credentials, and without GraphQL, which wants some', async () => {
  repo.visibility = 'public'
  await using driver = await open({ method: 'none' }, { includeDiscussions: true })
  const [entry] = await driver.list()
  expect(await driver.text(entry!)).toBe('text')
  expect(driver.unreadable).toMatchObject([{ path: 'acme/docs/discussions/', error: { code: 'forbidden' } }])
  expect((await driver.check()).account).toBe('anonymous')
})

describe('errors', () => {
  it('tells a wrong token', async () => {
    await using driver = await open({ method: 'token', token: 'ghp_wrong' })
    await expect(driver.check()).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  it('refreshes an OAuth token once, when GitHub refuses it', async () => {
    hub.tokens.set('gho_new', 'ann')
    let asked = 0
    const credentials = {
      method: 'oauth',
      get accessToken() {
        return asked++ === 0 ? 'gho_old' : 'gho_new'
      },
      extra: {},
    }
    await using driver = await drive({
      config: { repos: ['acme/docs'], apiUrl: hub.url },
      credentials: credentials as never,
    })
    expect(await driver.list()).toHaveLength(1)
  })

  it.each([
    [
      'primary limit',
      () => ({
        ...problem(403, 'API rate limit exceeded for user ID 1.'),
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 120) },
      }),
      110_000,
      125_000,
    ],
    [
      'secondary limit',
      () => problem(403, 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'),
      60_000,
      60_000,
    ],
    ['Retry-After in seconds', () => problem(429, 'slow down', { 'retry-after': '90' }), 89_000, 90_000],
    [
      'Retry-After as a date',
      () => problem(403, 'slow down', { 'retry-after': new Date(Date.now() + 90_000).toUTCString() }),
      85_000,
      91_000,
    ],
  ])('%s becomes rate_limited with its time, and no further call is made', async (_, reply, least, most) => {
    hub.faults.push(({ path }) => (path.includes('/commits/') ? reply() : undefined))
    await using driver = await open()
    const error = await driver.list().catch((thrown) => thrown)
    expect(error).toMatchObject({ code: 'rate_limited' })
    expect(error.retryAfterMs).toBeGreaterThanOrEqual(least)
    expect(error.retryAfterMs).toBeLessThanOrEqual(most)
    hub.forget()
    await expect(driver.list()).rejects.toMatchObject({ code: 'rate_limited' })
    expect(hub.calls).toEqual([])
  })

  it('waits a short time by itself', async () => {
    let told = 0
    hub.faults.push(() =>
      told++ === 0 ? problem(403, 'You have exceeded a secondary rate limit.', { 'retry-after': '1' }) : undefined,
    )
    await using driver = await open()
    expect(await driver.list()).toHaveLength(1)
    expect(hub.calls[1]!.at - hub.calls[0]!.at).toBeGreaterThanOrEqual(990)
  })

  it('does without an archive and without GraphQL while they fail', async () => {
    repo.commit(Object.fromEntries(Array.from({ length: 160 }, (_, index) => [`f/${index}.txt`, `file ${index}`])))
    const down = problem(502, 'Server Error')
    hub.faults.push(({ path }) => (/tarball|graphql/.test(path) ? down : undefined))
    await using driver = await open()
    const entries = (await driver.list()).slice(0, 20)
    for (const text of await Promise.all(entries.map((entry) => driver.text(entry)))) expect(text).toMatch(/^file \d+$/)
  })

  it('understands a GraphQL limit in a 200', async () => {
    await using driver = await open()
    const [entry] = await driver.list()
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 300) }
    const body = { errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }] }
    hub.faults.push(({ path }) => (path === '/graphql' ? { status: 200, body, headers } : undefined))
    const error = await driver.read(entry!).catch((thrown) => thrown)
    expect(error).toMatchObject({ code: 'rate_limited' })
    expect(error.retryAfterMs).toBeGreaterThan(250_000)
  })

  it('leaves others their share of the limit', async () => {
    hub.limit = { limit: 5000, remaining: 900, reset: Math.floor(Date.now() / 1000) + 600 }
    await using driver = await open(undefined, { rateLimitReserve: 20 })
    await expect(driver.list()).rejects.toMatchObject({ code: 'rate_limited' })
  })

  it('shows what a forbidden token lacks, and where to sign on', async () => {
    const denied = problem(403, 'Resource not accessible by personal access token', {
      'x-accepted-github-permissions': 'contents=read',
    })
    hub.faults.push(({ path }) => (path.includes('/git/trees/') ? denied : undefined))
    await using driver = await open()
    expect(await driver.list()).toEqual([])
    expect(driver.unreadable).toMatchObject([
      { path: 'acme/docs/', error: { code: 'forbidden', remediation: expect.stringContaining('contents=read') } },
    ])
    hub.faults.splice(0, 1, () =>
      problem(403, 'Resource protected by organization SAML enforcement.', {
        'x-github-sso': 'required; url=https://github.com/orgs/acme/sso?x=1',
      }),
    )
    await expect(driver.list()).rejects.toMatchObject({
      code: 'forbidden',
      remediation: expect.stringContaining('https://github.com/orgs/acme/sso?x=1'),
    })
  })

  it('ends at once when aborted, and never retries a 409', async () => {
    const controller = new AbortController()
    hub.faults.push(() => 'hang')
    await using driver = await drive({
      config: { repos: ['acme/docs'], apiUrl: hub.url },
      credentials: { method: 'token', token: 'ghp_ann' },
      signal: controller.signal,
    })
    const listing = driver.list()
    setTimeout(() => controller.abort(new Error('cancelled')), 50)
    await expect(listing).rejects.toThrow('cancelled')
  })
})

describe('permissions', () => {
  it('gives public repositories to everyone and private ones to a group of people, by numeric id', async () => {
    hub.writers.add('ann')
    repo.collaborators.add(hub.accounts.find((one) => one.login === 'bob')!.id)
    const open1 = hub.repo(acme, 'open')
    open1.commit({ 'b.md': 'b' })
    await using driver = await open(undefined, { repos: ['acme/docs', 'acme/open'] })
    const entries = await driver.list()
    expect(entries.map(({ acl }) => acl)).toEqual([
      { allOf: [[{ type: 'group', id: `github:repo:${repo.id}` }]] },
      { allOf: [[{ type: 'anyone' }]] },
    ])
    expect([...(await driver.acls(entries))]).toEqual(entries.map(({ id, acl }) => [id, acl]))
    const bob = hub.accounts.find((one) => one.login === 'bob')!
    expect(await driver.groups()).toEqual([
      {
        id: `github:repo:${repo.id}`,
        members: [
          { type: 'user', id: `github:user:${ann.id}`, email: 'ann@example.com' },
          { type: 'user', id: `github:user:${bob.id}` },
        ],
      },
    ])
    repo.visibility = 'internal'
    await using later = await open()
    expect((await later.groups()).map(({ id }) => id)).toEqual([`github:repo:${repo.id}`, `github:org:${acme.id}`])
  })

  it('takes a refusal to list collaborators as unknown, not as nobody', async () => {
    await using driver = await open()
    // Thrown after what could be read: the engine then drops no group.
    await expect(driver.groups()).rejects.toMatchObject({ code: 'forbidden' })
    expect(driver.logs.join()).toContain('unknown')
    expect((await driver.check()).checks).toContainEqual(
      expect.objectContaining({
        capability: 'permissions',
        status: 'failed',
        remediation: expect.stringContaining('metadata=read'),
      }),
    )
  })

  it('yields everything anew when visibility or the name changes, and follows the id', async () => {
    await using driver = await open(undefined, { repos: [String(repo.id)] })
    const cursor = await driver.now()
    repo.name = 'handbook'
    repo.visibility = 'public'
    const { upserts, gone, next } = await driver.since(cursor)
    expect(gone).toEqual([])
    expect(upserts).toMatchObject([
      { id: `${repo.id}/a.md`, path: 'acme/handbook/a.md', acl: { allOf: [[{ type: 'anyone' }]] } },
    ])
    expect((await driver.since(next)).upserts).toEqual([])
  })
})

describe('changes', () => {
  it('sees a force-push, a rename and a commit of 400 files in a handful of calls', async () => {
    await using driver = await open()
    let cursor = await driver.now()
    const changes: Record<string, string | null> = { 'a.md': null, 'moved/a.md': 'text' }
    for (let index = 0; index < 400; index++) changes[`new/${index}.txt`] = `file ${index}`
    repo.edit(changes)
    hub.forget()
    const first = await driver.since(cursor)
    expect(first.upserts).toHaveLength(401)
    expect(first.gone).toEqual([`${repo.id}/a.md`])
    const texts = await Promise.all(first.upserts.map((entry) => driver.text(entry)))
    expect(texts).toContain('file 399')
    expect(hub.calls.length).toBeLessThanOrEqual(8)
    cursor = first.next
    repo.commit({ 'a.md': 'rewritten' })
    const second = await driver.since(cursor)
    expect(second.gone).toHaveLength(401)
    expect(second.upserts.map(({ path }) => path)).toEqual(['acme/docs/a.md'])
  })

  it('fetches a delta of 100 files in batches, siblings taken along', async () => {
    await using driver = await open()
    const cursor = await driver.now()
    repo.edit(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`n/${index}.txt`, `file ${index}`])))
    const { upserts } = await driver.since(cursor)
    hub.forget()
    for (const entry of upserts) expect(await driver.text(entry)).toMatch(/^file \d+$/)
    expect(hub.calls.length).toBeLessThanOrEqual(3)
  })

  it('does not download a large repository for 200 changed files', async () => {
    repo.commit(Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`n/${index}.txt`, `file ${index}`])))
    await using driver = await open()
    const cursor = await driver.now()
    repo.edit(Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`n/${index}.txt`, `new ${index}`])))
    const { upserts } = await driver.since(cursor)
    hub.forget()
    for (const entry of upserts) expect(await driver.text(entry)).toMatch(/^new \d+$/)
    expect(hub.calls.every(({ path }) => path === '/graphql')).toBe(true)
    expect(hub.calls.length).toBeLessThanOrEqual(5)
  })

  it('asks for a new listing when the old commit or the configuration is gone', async () => {
    await using driver = await open()
    const cursor = await driver.now()
    await using narrowed = await open(undefined, { pathFilter: 'docs/' })
    await expect(narrowed.since(cursor)).rejects.toMatchObject({ code: 'cursor_expired' })
    repo.forgetHistory()
    repo.git.commits.delete(
      (cursor as { repos: Record<string, { marks: { files: { commit: string } } }> }).repos[repo.id]!.marks.files
        .commit,
    )
    repo.edit({ 'z.md': 'z' })
    await expect(driver.since(cursor)).rejects.toMatchObject({ code: 'cursor_expired' })
  })

  it('goes on without a new repository that may not be read, and asks for it again', async () => {
    await using driver = await open(undefined, { repos: ['acme/*'] })
    const cursor = await driver.now()
    const fresh = hub.repo(acme, 'fresh')
    fresh.commit({ 'f.md': 'f' })
    repo.edit({ 'b.md': 'b' })
    hub.faults.push(({ path }) =>
      path.includes('/fresh/git/trees') ? problem(403, 'Resource not accessible') : undefined,
    )
    const first = await driver.since(cursor)
    expect(first.upserts.map(({ path }) => path)).toEqual(['acme/docs/b.md'])
    hub.faults.length = 0
    expect((await driver.since(first.next)).upserts.map(({ path }) => path)).toEqual(['acme/fresh/f.md'])
  })

  it('keeps what it knows of a repository that answers 404 for a while', async () => {
    const other = hub.repo(acme, 'other')
    other.commit({ 'o.md': 'o' })
    await using driver = await open(undefined, { repos: ['acme/docs', 'acme/other'] })
    const cursor = await driver.now()
    other.visibility = 'private'
    const away = await driver.since(cursor)
    expect(away).toMatchObject({ upserts: [], gone: [] })
    other.visibility = 'public'
    other.edit({ 'p.md': 'p' })
    expect((await driver.since(away.next)).upserts.map(({ path }) => path)).toEqual(['acme/other/p.md'])
  })
})

it('browses owners, repositories and folders', async () => {
  repo.commit({ 'README.md': 'x', 'docs/deep/a.md': 'a' })
  await using driver = await open()
  expect((await driver.browse('')).map(({ path }) => path)).toEqual(['ann', 'acme'])
  expect((await driver.browse('acme')).map(({ path }) => path)).toEqual(['acme/*', 'acme/docs'])
  expect(await driver.browse('acme/docs')).toEqual([
    { path: 'acme/docs/README.md', title: 'README.md', hasChildren: false, selectable: true },
    { path: 'acme/docs/docs', title: 'docs', hasChildren: true, selectable: true },
  ])
  expect((await driver.browse('acme/docs/docs')).map(({ path }) => path)).toEqual(['acme/docs/docs/deep'])
})
