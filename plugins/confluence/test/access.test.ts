import { expect, it } from 'vitest'
import { basic, drive, fakeSite, token } from './drive.ts'

const oauth = { method: 'oauth', accessToken: 'oauth-token-1', extra: {} }

it('knows whom it is and which site: the cloud id, or the address and the id of the server', async () => {
  const cloud = await fakeSite()
  cloud.model.page('ENG', 'Now', '')
  const told = await (await drive(cloud)).check()
  expect(told).toMatchObject({ account: 'Ada Lovelace', tenant: 'cloud-1' })
  expect(told.checks).toMatchObject([{ capability: 'spaces', status: 'ok' }])
  cloud.cloudId = 'cloud-2'
  expect(await (await drive(cloud)).check()).toMatchObject({ tenant: 'cloud-2' })
  const own = await fakeSite('data_center')
  expect(await (await drive(own)).check()).toMatchObject({ tenant: `${own.url}/confluence#SRV-1` })
})

it.each([
  ['an API token', 'cloud', { method: 'api_token', email: 'ada@example.com', token }],
  ['a sign-in', 'cloud', oauth],
  ['a personal access token', 'data_center', { method: 'pat', token }],
] as const)(
  'checks by three calls with %s, which the listing after it does not make again',
  async (_, flavour, way) => {
    const fake = await fakeSite(flavour)
    fake.granted = [{ id: 'cloud-1', url: fake.url }]
    fake.grants.set('Bearer oauth-token-1', { user: 'u-ada' })
    const called: string[] = []
    const counting: typeof fetch = (input, init) => {
      called.push(new URL(input instanceof Request ? input.url : input).pathname)
      return fetch(input, init)
    }
    const config = { deployment: flavour, ...(way.method === 'oauth' && { apiUrl: fake.url }) }
    const site = await drive(fake, { credentials: way, config: flavour === 'cloud' ? config : {}, fetch: counting })
    await site.check()
    const checked = called.splice(0)
    expect(checked).toHaveLength(3)
    await site.list()
    expect(called.filter((path) => checked.includes(path))).toEqual([])
  },
)

it('does not take an anonymous visit for an empty wiki', async () => {
  for (const flavour of ['cloud', 'data_center'] as const) {
    const fake = await fakeSite(flavour)
    fake.anonymous = true
    const site = await drive(fake, {
      credentials: { method: flavour === 'cloud' ? 'api_token' : 'pat', email: 'x@example.com', token: 'wrong' },
    })
    await expect(site.list()).rejects.toMatchObject({
      code: 'unauthenticated',
      message: expect.stringContaining('anonymous'),
    })
  }
})

it('refreshes a revoked OAuth token once, then asks to reconnect', async () => {
  const fake = await fakeSite()
  fake.granted = [{ id: 'cloud-1', url: fake.url }]
  const site = await drive(fake, { credentials: oauth, config: { apiUrl: fake.url } })
  await expect(site.check()).rejects.toMatchObject({
    code: 'unauthenticated',
    remediation: expect.stringContaining('90 days'),
  })
  expect(site.asked.filter(Boolean)).toHaveLength(1)
})

it('names the scope that a token lacks, and spares the refresh token', async () => {
  const fake = await fakeSite()
  fake.granted = [
    { id: 'cloud-9', url: 'https://other.example.com' },
    { id: 'cloud-1', url: fake.url },
  ]
  fake.model.page('ENG', 'Now', '')
  fake.grants.set('Bearer oauth-token-1', {
    user: 'u-ada',
    scopes: ['read:space:confluence', 'search:confluence', 'read:content-details:confluence'],
  })
  const site = await drive(fake, { credentials: oauth, config: { apiUrl: fake.url } })
  const { checks, tenant } = await site.check()
  expect(tenant).toBe('cloud-1')
  expect(checks![0]).toMatchObject({ capability: 'spaces', status: 'ok' })
  expect(checks).toContainEqual(expect.objectContaining({ capability: 'scope read:page:confluence', status: 'failed' }))
  expect(checks!.map(({ capability }) => capability)).not.toContain('scope search:confluence')
  expect(site.asked.some(Boolean)).toBe(false)
  // Nothing is taken for deleted.
  expect(await site.list()).toEqual([])
  expect(site.unreadable).toMatchObject([{ path: 'ENG/', error: { code: 'forbidden' } }])
})

it('refuses a sign-in for another site', async () => {
  const fake = await fakeSite()
  fake.granted = [{ id: 'cloud-9', url: 'https://other.example.com' }]
  fake.grants.set('Bearer oauth-token-1', { user: 'u-ada' })
  const site = await drive(fake, { credentials: oauth, config: { apiUrl: fake.url } })
  await expect(site.check()).rejects.toMatchObject({
    code: 'misconfigured',
    message: expect.stringContaining('https://other.example.com'),
  })
})

it('takes tokens with scopes to the gateway', async () => {
  const fake = await fakeSite()
  fake.gatewayOnly = true
  fake.model.page('ENG', 'Now', '')
  const site = await drive(fake, { config: { apiUrl: fake.url } })
  expect(await site.paths()).toEqual(['ENG/Now.md'])
  expect((await site.check()).tenant).toBe('cloud-1')
})

it('says that there is no Confluence at an address', async () => {
  const fake = await fakeSite()
  const site = await drive(fake, { config: { instanceUrl: `${fake.url}/nowhere` } })
  await expect(site.check()).rejects.toMatchObject({
    code: 'misconfigured',
    message: expect.stringContaining('/nowhere'),
  })
})

it('says what a CAPTCHA wants, and what a closed door is', async () => {
  const fake = await fakeSite('data_center')
  fake.intercept = () => new Response('', { status: 403, headers: { 'X-Seraph-LoginReason': 'AUTHENTICATION_DENIED' } })
  await expect((await drive(fake)).check()).rejects.toMatchObject({
    code: 'unauthenticated',
    message: expect.stringContaining('CAPTCHA'),
  })
  fake.intercept = () => Response.json({ message: 'Current user not permitted to use Confluence' }, { status: 403 })
  await expect((await drive(fake)).check()).rejects.toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining('not permitted'),
  })
})

it('tells the products apart by asking; an old Data Center by its token', async () => {
  const old = await fakeSite('data_center')
  old.intercept = ({ path }) =>
    path === '/rest/api/server-information' ? new Response('', { status: 404 }) : undefined
  old.model.page('ENG', 'Now', '')
  expect(await (await drive(old)).paths()).toEqual(['ENG/Now.md'])
  const basicToo = await drive(old, {
    credentials: { method: 'basic', username: 'ada@example.com', password: token },
    config: { deployment: 'data_center' },
  })
  expect(await basicToo.paths()).toEqual(['ENG/Now.md'])
  expect(old.grants.has(basic)).toBe(true)
  const cloud = await fakeSite()
  cloud.model.page('ENG', 'Now', '')
  for (const instanceUrl of [cloud.url, `${cloud.url}/`, `${cloud.url}/wiki`, `${cloud.url}/wiki/`])
    expect(await (await drive(cloud, { config: { instanceUrl } })).paths()).toEqual(['ENG/Now.md'])
})

it('waits as long as it is told', async () => {
  const fake = await fakeSite()
  fake.intercept = ({ path }) =>
    path === '/api/v2/pages'
      ? Response.json({ message: 'Rate limited' }, { status: 429, headers: { 'retry-after': '7' } })
      : undefined
  await expect((await drive(fake)).list()).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 7_000 })
  const wait = async (headers: Record<string, string>) => {
    fake.intercept = ({ path }) => (path === '/api/v2/pages' ? new Response('', { status: 429, headers }) : undefined)
    const error = (await (await drive(fake)).list().catch((one: unknown) => one)) as { retryAfterMs: number }
    return Math.round(error.retryAfterMs / 10_000) * 10
  }
  expect(await wait({ 'x-ratelimit-reset': new Date(Date.now() + 120_000).toISOString() })).toBe(120)
  expect(await wait({})).toBe(30)
})

it('registers a signed webhook at Data Center, and says why not in the cloud', async () => {
  const own = await fakeSite('data_center')
  const target = { url: 'https://cx.example.com/hooks/1', secret: 'hush-hush' }
  expect(await (await drive(own)).subscribe(target)).toEqual({ handle: { id: '1' } })
  expect(own.webhooks).toMatchObject([{ url: target.url, active: true, configuration: { secret: 'hush-hush' } }])
  const cloud = await drive(await fakeSite())
  await expect(cloud.subscribe(target)).rejects.toMatchObject({
    code: 'misconfigured',
    remediation: expect.stringContaining('Automation'),
  })
})
