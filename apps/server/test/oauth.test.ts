import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CredentialVault, createVault, openKeyring, openSqliteStore, type Store } from '@cx/store'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Running, start } from './harness.ts'
import { json, startProvider, type TestProvider } from './oauth/provider.ts'

const plugin = fileURLToPath(new URL('./oauth/plugin.ts', import.meta.url))

let provider: TestProvider
let cx: Running
let data: string
let store: Store
let vault: CredentialVault
beforeAll(async () => {
  provider = await startProvider()
  cx = await start({
    CX_PLUGINS: `${plugin},@cx/plugin-filesystem`,
    CX_OAUTH_RETURN_ORIGINS: 'https://app.example.com',
    ...provider.env,
  })
  data = join(cx.folder, '../data')
  await cx.host.ready
  store = await openSqliteStore({ file: join(data, 'cx.sqlite') })
  vault = createVault({ store, keys: await openKeyring({ file: join(data, 'encryption-keys.json') }) })
})
afterAll(async () => {
  await store?.close()
  await cx?.close()
  await provider?.close()
})
afterEach(() => {
  provider.denial = undefined
  provider.answers.length = 0
  provider.requests.length = 0
  provider.asked.length = 0
})

const settings = (name = 'box') => ({ name, collection: 'oauth', config: { apiUrl: `${provider.url}/me` } })
const create = async (more: object = {}) =>
  (await cx.call('POST', '/connectors', { type: 'locker', ...settings(), ...more })).data
const show = async (id: string) => (await cx.call('GET', `/connectors/${id}`)).data
const init = async (body: object) => (await cx.call('POST', '/oauth/init', body)).data as unknown as Begun
interface Begun {
  readonly authUrl: string
  readonly state: string
  readonly expiresAt: string
}

/** The person's browser: to the provider and back, without what comes after. */
const visit = async (authUrl: string): Promise<string> => {
  const response = await fetch(authUrl, { redirect: 'manual' })
  expect(response.status).toBe(302)
  return response.headers.get('location')!
}
const back = async (url: string) => {
  const response = await fetch(url, { redirect: 'manual', headers: { Accept: 'text/html' } })
  return { status: response.status, location: response.headers.get('location'), body: await response.text(), response }
}
/** A connector that a person has authorized. */
const authorized = async (more: object = {}) => {
  const { id } = await create(more)
  expect((await back(await visit((await init({ connectorId: id })).authUrl))).status).toBe(200)
  return id
}
const probe = (id: string) => cx.call('POST', `/connectors/${id}/test`)
const rows = (sql: string): Record<string, unknown>[] => {
  const db = new Database(join(data, 'cx.sqlite'))
  try {
    return /^select/i.test(sql) ? (db.prepare(sql).all() as Record<string, unknown>[]) : [{ n: db.exec(sql) }]
  } finally {
    db.close()
  }
}

describe('authorization', () => {
  test('from an inactive connector to a sync', async () => {
    const { id } = await create()
    expect(await show(id)).toMatchObject({ status: 'inactive', hasCredentials: false, oauthClient: null })
    expect(await cx.call('POST', `/connectors/${id}/sync`)).toMatchObject({
      status: 409,
      error: { details: { reason: 'connector_inactive' } },
    })
    const { authUrl, state, expiresAt } = await init({ connectorId: id })
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(590_000)
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(600_000)
    const redirectUri = `${cx.url}/api/v1/oauth/callback/locker`
    const callback = await visit(authUrl)
    expect(Object.fromEntries(provider.asked[0]!)).toEqual({
      response_type: 'code',
      client_id: 'client-1',
      redirect_uri: redirectUri,
      scope: 'openid offline_access',
      prompt: 'consent',
      state,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    })
    const { status, body, response } = await back(callback)
    expect([status, body]).toEqual([200, expect.stringContaining('box may read from Locker now')])
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
    expect(provider.requests).toEqual([
      {
        path: '/token',
        authorization: `Basic ${Buffer.from('client-1:canary-client-secret%3A%2F%2B%C3%A4').toString('base64')}`,
        form: {
          grant_type: 'authorization_code',
          code: 'canary-code-1',
          redirect_uri: redirectUri,
          code_verifier: expect.stringMatching(/^[\w-]{43}$/),
        },
      },
    ])
    expect(await show(id)).toMatchObject({
      status: 'active',
      hasCredentials: true,
      credentials: { method: 'oauth', hints: { accessToken: '••••', refreshToken: '••••' } },
    })
    expect(await cx.sync(id)).toMatchObject({ status: 'completed', progress: { indexed: 1 } })
    // What the token answer says besides is the connector's to use, and no secret.
    expect((await cx.call('GET', `/connectors/${id}/documents`)).data[0]).toMatchObject({
      title: 'Note of ann',
      url: 'https://eu.locker.test/note',
    })
  })

  test('a connector can be created by the authorization itself', async () => {
    const count = async () => (await cx.call('GET', '/connectors?type=locker')).meta.total as number
    const before = await count()
    const body = { provider: 'locker', connector: settings('late') }
    const { authUrl } = await init(body)
    expect(await count()).toBe(before)
    expect((await back(await visit(authUrl))).status).toBe(200)
    expect((await cx.call('GET', '/connectors?type=locker&limit=100')).data).toContainEqual(
      expect.objectContaining({ name: 'late', status: 'active' }),
    )
    const wrong = { ...body, connector: { ...settings(), config: {}, schedule: 'often' } }
    const { status, error } = await cx.call('POST', '/oauth/init', wrong)
    expect(status).toBe(400)
    expect(error.details.map(({ path }) => path).sort()).toEqual(['/connector/config/apiUrl', '/connector/schedule'])
  })

  test('a state is used once, at its own provider, within ten minutes', async () => {
    const { id } = await create()
    const first = await visit((await init({ connectorId: id })).authUrl)
    const answers = await Promise.all([back(first), back(first), back(first)])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400])
    expect((await back(first)).body).toContain('Begin again')
    expect(provider.requests).toHaveLength(1)

    const second = new URL(await visit((await init({ connectorId: id })).authUrl))
    const wrong = new URL(second)
    wrong.searchParams.set('state', `${second.searchParams.get('state')}x`)
    expect((await back(wrong.href)).status).toBe(400)
    const elsewhere = new URL(second)
    elsewhere.pathname = elsewhere.pathname.replace('locker', 'filesystem')
    expect((await back(elsewhere.href)).status).toBe(400)
    // Whoever tried it elsewhere has used it up.
    expect((await back(second.href)).status).toBe(400)

    const third = await visit((await init({ connectorId: id })).authUrl)
    rows(`UPDATE tickets SET expires_at = ${Date.now() - 1}`)
    expect((await back(third)).body).toContain('more than ten minutes ago')
    expect((await back(`${cx.url}/api/v1/oauth/callback/locker`)).status).toBe(400)
    expect(provider.requests).toHaveLength(1)

    const fourth = await visit((await init({ connectorId: id })).authUrl)
    await cx.call('DELETE', `/connectors/${id}`)
    expect((await back(fourth)).body).toContain('was deleted meanwhile')
  })

  test('people are sent back to allowed origins alone, however it went', async () => {
    const { id } = await create()
    for (const returnUrl of [
      'https://evil.example.com/',
      'https://app.example.com.evil.example.com/',
      'https://app.example.com@evil.example.com/',
      '//evil.example.com',
      'http://app.example.com/',
      'javascript:alert(1)',
      'data:text/html,x',
      '/relative',
    ]) {
      const { status, error } = await cx.call('POST', '/oauth/init', { connectorId: id, returnUrl })
      expect([status, error.details[0]?.path], returnUrl).toEqual([400, '/returnUrl'])
    }
    const returnUrl = 'https://app.example.com/done?tab=1#top'
    expect((await back(await visit((await init({ connectorId: id, returnUrl })).authUrl))).location).toBe(
      `https://app.example.com/done?tab=1&connectorId=${id}&status=connected#top`,
    )
    provider.denial = { error: 'access_denied', error_description: 'No, thank you <script>' }
    const denied = await back(await visit((await init({ connectorId: id, returnUrl })).authUrl))
    expect(denied.status).toBe(302)
    expect(Object.fromEntries(new URL(denied.location!).searchParams)).toMatchObject({
      connectorId: id,
      status: 'failed',
      error: 'access_denied',
      error_description: expect.stringContaining('Access to Locker was not granted'),
    })
    expect((await init({ connectorId: id, returnUrl: `${cx.url}/console` })).state).toBeDefined()
    const page = await back(await visit((await init({ connectorId: id })).authUrl))
    expect([page.status, page.body]).toEqual([400, expect.stringContaining('No, thank you &lt;script&gt;')])
    // What was granted before stays.
    expect(await show(id)).toMatchObject({ status: 'active' })
  })

  test('what goes wrong at the provider is told in a sentence, and changes nothing', async () => {
    const { id } = await create()
    const attempt = async () => (await back(await visit((await init({ connectorId: id })).authUrl))).body
    const cases: readonly (readonly [(typeof provider.answers)[number], string])[] = [
      [json(401, { error: 'invalid_client' }), 'check its id and secret'],
      [json(400, { error: 'invalid_grant', error_description: 'Code is old' }), '(It says: Code is old)'],
      [json(200, { error: 'bad_verification_code' }), 'does not accept the authorization'],
      [json(200, { ok: false, error: 'bad_client_secret' }), 'check its id and secret'],
      [json(400, { error: 'invalid_scope' }), 'does not grant what is asked for'],
      [json(400, { error: 'out_of_cheese' }), 'answered &quot;out_of_cheese&quot;'],
      [json(500, { error: 'invalid_grant' }), 'Locker answered 500'],
      [(to) => to.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Hello'), 'no token answer'],
      [json(200, ['x']), 'no token answer'],
      [json(200, { token_type: 'Bearer' }), 'no token answer'],
      [json(302, {}, { Location: 'http://169.254.169.254/' }), 'Locker answered 302'],
      [(to) => to.destroy(), 'could not be reached'],
      [
        (to) => json(400, { error: 'odd', error_description: `code ${provider.requests.at(-1)?.form.code}` })(to),
        'code ***',
      ],
    ]
    for (const [answer, sentence] of cases) {
      provider.answers.push(answer)
      expect(await attempt()).toContain(sentence)
      expect(await show(id)).toMatchObject({ status: 'inactive', hasCredentials: false })
    }
    for (const denial of [{ error: 'server_error' }, { error: 'temporarily_unavailable' }]) {
      provider.denial = denial
      expect(await attempt()).toContain('later')
    }
    provider.denial = {}
    expect(await attempt()).toContain('Not connected')
  })

  test('connectors that are not for OAuth, or not in sight, and clients that nobody configured', async () => {
    const folder = (
      await cx.call('POST', '/connectors', {
        ...settings('files'),
        type: 'filesystem',
        config: { root: cx.folder },
      })
    ).data
    expect(await cx.call('POST', '/oauth/init', { connectorId: folder.id })).toMatchObject({ status: 422 })
    expect(await cx.call('POST', '/oauth/init', { connectorId: 'conn_nope' })).toMatchObject({ status: 404 })
    expect(await cx.call('POST', '/oauth/init', {})).toMatchObject({ status: 400 })
    expect(await cx.call('POST', '/oauth/init', { provider: 'nope', connector: settings() })).toMatchObject({
      status: 400,
      error: { details: [{ path: '/provider' }] },
    })
    const { id } = await create()
    expect(await cx.call('POST', '/oauth/init', { connectorId: id, method: 'token' })).toMatchObject({ status: 422 })
    expect(
      await cx.call('POST', '/connectors', {
        ...settings('f'),
        type: 'filesystem',
        config: { root: cx.folder },
        oauthClient: { clientId: 'x' },
      }),
    ).toMatchObject({ status: 400, error: { details: [{ path: '/oauthClient' }] } })
    const bare = await start({ CX_PLUGINS: plugin })
    try {
      const { data } = await bare.call('POST', '/connectors', { type: 'locker', ...settings() })
      const { status, error } = await bare.call('POST', '/oauth/init', { connectorId: data.id })
      expect([status, error.message]).toEqual([409, expect.stringContaining('CX_OAUTH_LOCKER_CLIENT_ID')])
      expect(error.message).toContain(`${bare.url}/api/v1/oauth/callback/locker`)
    } finally {
      await bare.close()
    }
  })

  test("a connector's own client is used instead of the deployment's, and not shown", async () => {
    const oauthClient = {
      clientId: 'own',
      clientSecret: 'canary-own-secret',
      authorizationUrl: `${provider.url}/authorize`,
      tokenUrl: `${provider.url}/own/token`,
      revocationUrl: `${provider.url}/own/revoke`,
    }
    const id = await authorized({ oauthClient })
    expect(provider.asked[0]?.get('client_id')).toBe('own')
    const basic = `Basic ${Buffer.from('own:canary-own-secret').toString('base64')}`
    expect(provider.requests).toMatchObject([{ path: '/own/token', authorization: basic }])
    expect(await show(id)).toMatchObject({ oauthClient: { clientId: 'own' } })
    expect((await cx.call('PUT', `/connectors/${id}`, { oauthClient: null })).data).toMatchObject({ oauthClient: null })
    await init({ connectorId: id }).then(({ authUrl }) => visit(authUrl))
    expect(provider.asked[1]?.get('client_id')).toBe('client-1')
  })
})

test('an address that may not be connected to is told in a sentence, by a test and by a sync', async () => {
  provider.valid.add('typed in')
  const credentials = { method: 'token', token: 'typed in' }
  const config = { apiUrl: 'http://169.254.169.254/latest/meta-data' }
  const sentence = expect.stringContaining('169.254.169.254 is a metadata service of a cloud')
  const tried = await cx.call('POST', '/connectors/test', { type: 'locker', config, credentials })
  expect(tried.data).toMatchObject({ success: false, message: sentence })
  const { id } = await create({ config, credentials })
  expect(await cx.sync(id)).toMatchObject({ status: 'failed', error: { code: 'misconfigured', message: sentence } })
})

describe('renewal', () => {
  test('a refused token is renewed once; what the provider gives besides is kept', async () => {
    const id = await authorized()
    await age(id)
    provider.valid.clear()
    provider.requests.length = 0
    const tests = await Promise.all([1, 2, 3, 4].map(() => probe(id)))
    expect(tests.map(({ data }) => data.success)).toEqual([true, true, true, true])
    expect(provider.requests).toMatchObject([
      { path: '/token', form: { grant_type: 'refresh_token', refresh_token: expect.stringContaining('canary') } },
    ])
    // Refused so soon after, it is an older token that was refused.
    provider.valid.clear()
    expect((await probe(id)).data.success).toBe(false)
    expect(provider.requests).toHaveLength(1)
  })

  test('tokens are renewed before they end; while they are good, a provider that is down does not matter', async () => {
    const id = await authorized()
    provider.requests.length = 0
    await age(id, { expiresAt: Date.now() + 120_000 })
    expect((await probe(id)).data.success).toBe(true)
    expect(provider.requests).toEqual([])
    await age(id, { expiresAt: Date.now() + 30_000, obtainedAt: Date.now() - 3_570_000 })
    provider.answers.push(json(503, {}))
    expect((await probe(id)).data.success).toBe(true)
    expect(provider.requests).toHaveLength(1)
    await age(id, { expiresAt: Date.now() - 1 })
    expect((await probe(id)).data.success).toBe(true)
    expect(provider.requests).toHaveLength(2)
    const { oauth } = (await vault.get(id, 'credentials')) as { readonly oauth: object }
    expect(oauth).toMatchObject({
      accessToken: expect.stringContaining('canary'),
      refreshToken: expect.stringContaining('canary'),
      extra: { instance_url: 'https://eu.locker.test', 'team.id': 'T1' },
    })
  })

  test('without a new refresh token the old one goes on', async () => {
    const id = await authorized()
    await age(id, { expiresAt: Date.now() - 1 })
    provider.valid.add('renewed')
    provider.answers.push(json(200, { access_token: 'renewed', token_type: 'bot', expires_in: '3600' }))
    expect((await probe(id)).data.success).toBe(true)
    const { oauth } = (await vault.get(id, 'credentials')) as { readonly oauth: Record<string, unknown> }
    expect(oauth).toMatchObject({ accessToken: 'renewed', refreshToken: expect.stringContaining('canary') })
    expect(Number(oauth.expiresAt) - Number(oauth.obtainedAt)).toBe(3_600_000)
  })

  test('a refresh token of no use ends in reauthorization_required, until a person authorizes again', async () => {
    const id = await authorized()
    await age(id)
    provider.valid.clear()
    provider.answers.push(json(400, { error: 'invalid_grant', error_description: 'Revoked.' }))
    const job = await cx.sync(id)
    expect(job).toMatchObject({ status: 'failed', error: { code: 'unauthenticated' } })
    const shown = await show(id)
    expect(shown).toMatchObject({ status: 'error', lastError: { code: 'reauthorization_required' } })
    const calls = provider.requests.length
    expect(await cx.call('POST', `/connectors/${id}/sync`)).toMatchObject({
      status: 409,
      error: { code: 'conflict', details: { reason: 'reauthorization_required' } },
    })
    expect(provider.requests).toHaveLength(calls)
    expect((await cx.call('GET', '/connectors?status=error')).data.map((one) => one.id)).toContain(id)
    expect((await back(await visit((await init({ connectorId: id })).authUrl))).status).toBe(200)
    expect(await show(id)).toMatchObject({ status: 'active', lastError: null })
    expect(await cx.sync(id)).toMatchObject({ status: 'completed' })
  })

  test('other credentials lift it too', async () => {
    const id = await authorized()
    await age(id)
    provider.valid.clear()
    provider.answers.push(json(400, { error: 'invalid_grant' }))
    expect((await probe(id)).data).toMatchObject({ success: false, message: expect.stringContaining('/oauth/init') })
    expect(await show(id)).toMatchObject({ status: 'error' })
    provider.valid.add('typed in')
    await cx.call('PUT', `/connectors/${id}`, { credentials: { method: 'token', token: 'typed in' } })
    expect(await show(id)).toMatchObject({ status: 'active', credentials: { method: 'token' } })
    expect(await cx.sync(id)).toMatchObject({ status: 'completed' })
  })

  test('a provider that is down, or does not know the client, is not the end of the authorization', async () => {
    const id = await authorized()
    await age(id)
    provider.valid.clear()
    for (const [answer, words] of [
      [json(500, {}), 'Locker answered 500'],
      [json(401, { error: 'invalid_client' }), 'check its id and secret'],
      [(to) => to.end('garbage'), 'no token answer'],
    ] satisfies [(typeof provider.answers)[number], string][]) {
      provider.answers.push(answer)
      expect((await probe(id)).data).toMatchObject({ success: false, message: expect.stringContaining(words) })
      expect(await show(id)).toMatchObject({ status: 'active' })
    }
    expect((await probe(id)).data).toMatchObject({ success: true })
  })

  test('deleting a connector revokes what it was given, unless another lives by it; a dead provider does not matter', async () => {
    for (const { id } of (await cx.call('GET', '/connectors?type=locker&limit=100')).data)
      await cx.call('DELETE', `/connectors/${id}`)
    const [one, two, three] = [await authorized(), await authorized(), await authorized()]
    provider.requests.length = 0
    await cx.call('DELETE', `/connectors/${one}`)
    expect(provider.requests).toEqual([])
    await cx.call('DELETE', `/connectors/${two}`)
    const refreshToken = expect.stringMatching(/^canary-refresh/)
    expect((await cx.call('DELETE', `/connectors/${three}`)).status).toBe(200)
    expect(provider.requests).toMatchObject([{ path: '/revoke', form: { token: refreshToken } }])
    const four = await authorized()
    provider.answers.push((to) => to.destroy())
    expect((await cx.call('DELETE', `/connectors/${four}`)).status).toBe(200)
    expect(rows('SELECT * FROM secrets')).toEqual([])
  })
})

test('no secret is in the database, its log or an answer', async () => {
  const id = await authorized()
  const answers = [await show(id), await cx.call('GET', '/connectors'), await cx.call('GET', '/audit')]
  await cx.sync(id)
  await init({ connectorId: id })
  for (const file of ['cx.sqlite', 'cx.sqlite-wal']) {
    const bytes = (await readFile(join(data, file))).toString('latin1')
    expect(bytes.length).toBeGreaterThan(0)
    expect(bytes).not.toContain('canary')
    for (const asked of provider.asked) expect(bytes).not.toContain(asked.get('state'))
  }
  expect(JSON.stringify(answers)).not.toContain('canary')
})

/** Makes stored tokens look older, so that a refusal means them and not the ones before. */
async function age(id: string, change: Readonly<Record<string, number>> = {}): Promise<void> {
  const credentials = (await vault.get(id, 'credentials')) as { readonly method: string; readonly oauth: object }
  const oauth = { ...credentials.oauth, obtainedAt: Date.now() - 60_000, ...change }
  await vault.save(id, { ...credentials, oauth })
}
