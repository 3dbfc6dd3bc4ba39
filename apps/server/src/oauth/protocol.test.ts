import { defineConnector, oauth2, type SourceConnector } from '@cx/core'
import { describe, expect, test } from 'vitest'
import { OAuthFailure } from './failure.ts'
import {
  authorizationAddress,
  exchangeCode,
  missingScopes,
  newVerifier,
  refreshTokens,
  revokeToken,
} from './protocol.ts'
import { oauthMethod, type Provider, resolveProvider } from './provider.ts'
import { freshnessOf, storedTokens, tokensIn } from './tokens.ts'

const plugin: SourceConnector = defineConnector({
  name: 'cellar',
  title: 'Cellar',
  description: '',
  config: { type: 'object' },
  auth: {
    oauth: oauth2({
      authorizationUrl: 'https://cellar.test/authorize?tenant=all',
      tokenUrl: 'https://cellar.test/token',
      revocationUrl: 'https://cellar.test/revoke',
      scopes: ['read', 'list'],
      scopeSeparator: ',',
      pkce: 'none',
    }),
  },
  connect: () => ({}),
  check: async () => ({ account: '' }),
  async *list() {},
  read: async () => ({ body: '', mimeType: 'text/plain' }),
})
const auth = oauthMethod(plugin)!
const provider = (client = {}): Provider =>
  resolveProvider(plugin, auth, { deployment: { clientId: 'c-1_x', ...client } })!
/** A provider that answers this; and what it was sent. */
const answering = (make: () => Response | Promise<Response>) => {
  const sent: { url: string; headers: Headers; form: Record<string, string> }[] = []
  const send: typeof fetch = async (url, init) => {
    sent.push({
      url: String(url),
      headers: new Headers(init?.headers),
      form: Object.fromEntries(new URLSearchParams(String(init?.body))),
    })
    return make()
  }
  return { fetch: send, sent }
}
const exchange = (given: Provider, fetch: typeof globalThis.fetch, timeoutMs?: number) =>
  exchangeCode(
    given,
    { code: 'c0de-c0de', redirectUri: 'https://cx.test/cb' },
    { fetch, ...(timeoutMs && { timeoutMs }) },
  )

describe('requests', () => {
  test('the address keeps what the plugin put there, and joins scopes as it says', async () => {
    const given = provider()
    expect(newVerifier(given)).toBeUndefined()
    expect(await authorizationAddress(given, { redirectUri: 'https://cx.test/cb', state: 's' })).toBe(
      'https://cellar.test/authorize?tenant=all&response_type=code&client_id=c-1_x&redirect_uri=https%3A%2F%2Fcx.test%2Fcb&scope=read%2Clist&state=s',
    )
  })

  test('a client proves itself in the body, by a header, or not at all', async () => {
    const grant = () => Response.json({ access_token: 'a', token_type: 'bearer' })
    const body = answering(grant)
    await exchange(provider({ clientSecret: 's' }), body.fetch)
    expect(body.sent[0]?.form).toMatchObject({ client_id: 'c-1_x', client_secret: 's' })
    const basic = answering(grant)
    await exchange({ ...provider({ clientSecret: 's-1.2_3:4' }), clientAuthentication: 'basic' }, basic.fetch)
    expect(basic.sent[0]?.headers.get('authorization')).toBe(`Basic ${btoa('c-1_x:s-1.2_3%3A4')}`)
    expect(basic.sent[0]?.form).not.toHaveProperty('client_secret')
    const open = answering(grant)
    await exchange(provider(), open.fetch)
    expect(open.sent[0]?.form).toMatchObject({ client_id: 'c-1_x' })
    expect(open.sent[0]?.form).not.toHaveProperty('client_secret')
  })

  test('a client of its own never meets the addresses of another', () => {
    const deployment = { clientId: 'd', clientSecret: 'ds', tokenUrl: 'https://d.test/token' }
    const own = { clientId: 'o', clientSecret: 'os', tokenUrl: 'https://o.test/token' }
    expect(resolveProvider(plugin, auth, { deployment })).toMatchObject({
      tokenUrl: 'https://d.test/token',
      revocationUrl: undefined,
    })
    expect(resolveProvider(plugin, auth, { deployment, own })).toMatchObject({
      clientId: 'o',
      clientSecret: 'os',
      tokenUrl: 'https://o.test/token',
      revocationUrl: undefined,
    })
    expect(resolveProvider(plugin, auth, { deployment: { tokenUrl: 'https://d.test/token' } })).toBeUndefined()
    expect(resolveProvider(plugin, auth, { deployment, own: { clientId: 'o' } })).toMatchObject({
      clientId: 'o',
      clientSecret: undefined,
      tokenUrl: 'https://d.test/token',
    })
  })
})

describe('what a vendor wants otherwise', () => {
  test('JSON instead of a form, and a header besides', async () => {
    const grant = answering(() => Response.json({ access_token: 'a', token_type: 'bearer' }))
    const wants = { tokenRequest: 'json', tokenHeaders: { 'x-version': '7' }, clientAuthentication: 'body' } as const
    const raw: { body: unknown; headers: Headers }[] = []
    const send: typeof fetch = (url, init) => {
      raw.push({ body: init?.body, headers: new Headers(init?.headers) })
      return grant.fetch(url, init)
    }
    await refreshTokens({ ...provider({ clientSecret: 's' }), ...wants }, 'r', { fetch: send })
    await revokeToken({ ...provider({ clientSecret: 's' }), ...wants }, 't', { fetch: send })
    expect(raw.map(({ body }) => JSON.parse(String(body)))).toEqual([
      { grant_type: 'refresh_token', refresh_token: 'r', client_id: 'c-1_x', client_secret: 's' },
      expect.objectContaining({ token: 't', client_id: 'c-1_x', client_secret: 's' }),
    ])
    for (const { headers } of raw)
      expect([headers.get('content-type'), headers.get('x-version')]).toEqual(['application/json', '7'])
  })

  test('a revocation that the token itself proves; a refusal with status 200 is one', async () => {
    const slack = { ...provider({ clientSecret: 's' }), revocation: 'bearer' } as const
    const { fetch, sent } = answering(() => Response.json({ ok: true, revoked: true }))
    await revokeToken(slack, 't0ken', { fetch })
    expect(sent[0]?.headers.get('authorization')).toBe('Bearer t0ken')
    expect(sent[0]?.form).not.toHaveProperty('client_secret')
    const refusing = answering(() => Response.json({ ok: false, error: 'invalid_auth' }))
    await expect(revokeToken(slack, 't0ken', refusing)).rejects.toMatchObject({ code: 'invalid_auth' })
  })

  const own = { fields: ['loginUrl', 'instanceUrl'], hosts: ['*.cellar.test', 'cellar.example'] }
  const hosted = [auth[0], { ...auth[1], ownHost: own }] as const
  const deployment = { clientId: 'd', clientSecret: 'ds' }
  const resolve = (config: Readonly<Record<string, unknown>>, more = {}) =>
    resolveProvider(plugin, hosted, { deployment, config, ...more })

  test("a customer's own host takes the place of the vendor's, in all addresses", () => {
    const at = (origin: string) => ({
      authorizationUrl: `${origin}/authorize?tenant=all`,
      tokenUrl: `${origin}/token`,
      revocationUrl: `${origin}/revoke`,
    })
    expect(resolve({})).toMatchObject(at('https://cellar.test'))
    expect(resolve({ loginUrl: '', instanceUrl: 'https://acme.cellar.test/home' })).toMatchObject(
      at('https://acme.cellar.test'),
    )
    expect(resolve({ loginUrl: 'https://cellar.example', instanceUrl: 'https://acme.cellar.test' })).toMatchObject(
      at('https://cellar.example'),
    )
    // What the operator says counts more.
    const operator = { deployment: { ...deployment, tokenUrl: 'https://o.test/token' } }
    expect(resolve({ loginUrl: 'https://acme.cellar.test' }, operator)).toMatchObject({
      authorizationUrl: 'https://cellar.test/authorize?tenant=all',
      tokenUrl: 'https://o.test/token',
    })
  })

  test("secrets go to the vendor's hosts alone, or to addresses given with them", () => {
    for (const loginUrl of [
      'https://cellar.test.evil.example',
      'https://evilcellar.test',
      'https://cellar.test',
      'http://acme.cellar.test',
      'https://127.0.0.1',
      'no address',
    ])
      expect(() => resolve({ loginUrl }), loginUrl).toThrow(OAuthFailure)
    const own = { clientId: 'o', clientSecret: 'os' }
    const elsewhere = { loginUrl: 'https://elsewhere.example' }
    expect(() => resolve(elsewhere, { own })).toThrow('`loginUrl` is no https address of *.cellar.test, cellar.example')
    expect(resolve(elsewhere, { own: { ...own, tokenUrl: 'https://elsewhere.example/t' } })).toMatchObject({
      clientSecret: 'os',
      tokenUrl: 'https://elsewhere.example/t',
    })
  })
})

test('what a person left out is known where the provider says what it granted', () => {
  const asked = ['openid', 'email', 'https://api.test/read', 'list']
  expect(missingScopes(asked, 'https://api.test/userinfo.email openid list')).toEqual(['https://api.test/read'])
  expect(missingScopes(asked, 'list,https://api.test/read')).toEqual([])
  expect([missingScopes(asked, ''), missingScopes(asked)]).toEqual([[], []])
})

describe('answers', () => {
  test("a vendor's fields, flat; ID tokens, odd types and nulls do not matter", async () => {
    const { fetch } = answering(() =>
      Response.json({
        access_token: 'a',
        refresh_token: null,
        token_type: 'bot',
        expires_in: '120',
        id_token: 'not.even.one',
        ok: true,
        team: { id: 'T1', name: 'Team', deep: { er: 1 } },
        authed_user: { id: 'U1', access_token: 'xoxp-1', refresh_token: 'xoxe-1', token_type: 'user' },
        instance_url: 'https://x.test',
        list: [1],
      }),
    )
    expect(await exchange(provider(), fetch)).toEqual({
      accessToken: 'a',
      expiresIn: 120,
      extra: {
        ok: 'true',
        'team.id': 'T1',
        'team.name': 'Team',
        'authed_user.id': 'U1',
        'authed_user.token_type': 'user',
        instance_url: 'https://x.test',
        'list.0': '1',
      },
    })
  })

  test('forms are read too, as GitHub sends them', async () => {
    const form = { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' }
    const { fetch } = answering(() => new Response('access_token=a&scope=repo&token_type=bearer', { headers: form }))
    expect(await exchange(provider(), fetch)).toEqual({ accessToken: 'a', scope: 'repo', extra: {} })
  })

  test('what goes wrong has a kind, a sentence, and no secret', async () => {
    const cases: readonly (readonly [() => Response | Promise<Response>, object])[] = [
      [() => Response.json({ error: 'bad_refresh_token' }), { kind: 'grant' }],
      [() => Response.json({ ok: false, error: 'token_revoked' }), { kind: 'grant' }],
      [() => Response.json({ error: 'unauthorized_client' }, { status: 401 }), { kind: 'client' }],
      // Atlassian: a refresh token that is over, then a wrong client secret.
      [
        () =>
          Response.json(
            { error: 'unauthorized_client', error_description: 'refresh_token is invalid' },
            { status: 403 },
          ),
        { kind: 'grant' },
      ],
      [
        () => Response.json({ error: 'access_denied', error_description: 'Unauthorized' }, { status: 401 }),
        { kind: 'client' },
      ],
      // Notion, in the words of its other endpoints.
      [
        () =>
          Response.json(
            { object: 'error', status: 400, code: 'validation_error', message: 'No body.' },
            { status: 400 },
          ),
        { kind: 'rejected', code: 'validation_error' },
      ],
      [() => Response.json({ error: 'inactive_user' }, { status: 400 }), { kind: 'grant' }],
      [
        () => Response.json({}, { status: 429, headers: { 'Retry-After': '7' } }),
        { kind: 'unavailable', retryAfterMs: 7000 },
      ],
      [
        () => Response.json({ error: { code: 400, status: 'INVALID', message: 'Bad r0tated-token.' } }),
        { kind: 'rejected' },
      ],
      [() => new Response('x'.repeat(3_000_000)), { kind: 'unavailable' }],
      [
        () => Promise.reject(new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } })),
        { kind: 'unavailable' },
      ],
      [() => Promise.reject(new Error('sent r0tated-token')), { kind: 'unavailable' }],
    ]
    for (const [answer, expected] of cases) {
      const failure = await refreshTokens(provider(), 'r0tated-token', answering(answer)).catch(
        (error: unknown) => error,
      )
      expect(failure).toBeInstanceOf(OAuthFailure)
      expect(failure).toMatchObject(expected)
      expect((failure as Error).message).toMatch(/^Cellar .*[.)]$/)
      expect((failure as Error).message).not.toContain('r0tated-token')
    }
  })

  test('a provider that is slow to answer, or to end its answer, is not waited for', async () => {
    const hang: typeof fetch = (_, init) =>
      new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)))
    const trickle: typeof fetch = async (_, init) =>
      new Response(
        new ReadableStream({
          start: (controller) => init?.signal?.addEventListener('abort', () => controller.error(init.signal?.reason)),
        }),
      )
    for (const slow of [hang, trickle])
      await expect(exchange(provider(), slow, 50)).rejects.toMatchObject({ kind: 'unavailable', code: 'timeout' })
  })

  test('revocation takes any success, and does nothing without an address', async () => {
    const { fetch, sent } = answering(() => new Response(null, { status: 200 }))
    await revokeToken(provider({ clientSecret: 's' }), 't0ken-t0ken', { fetch })
    expect(sent).toMatchObject([
      { url: 'https://cellar.test/revoke', form: { token: 't0ken-t0ken', client_secret: 's' } },
    ])
    await revokeToken({ ...provider(), revocationUrl: undefined }, 't', { fetch })
    expect(sent).toHaveLength(1)
    const refusing = answering(() => new Response('no', { status: 503 }))
    await expect(revokeToken(provider(), 't0ken-t0ken', refusing)).rejects.toBeInstanceOf(OAuthFailure)
  })
})

describe('freshness', () => {
  const at = 1_000_000
  const state = (
    seconds: number | undefined,
    later: number,
    refused = false,
    refreshToken: string | undefined = 'r',
  ) => {
    const tokens = storedTokens(
      'oauth',
      { accessToken: 'a', extra: {}, ...(seconds && { expiresIn: seconds }), ...(refreshToken && { refreshToken }) },
      at,
    )
    return freshnessOf(tokensIn(tokens)!, refused, at + later * 1000)
  }

  test('an hour is renewed in its last minute, five seconds in their last one', () => {
    expect([3500, 3541, 3596, 3601].map((later) => state(3600, later))).toEqual(['fresh', 'due', 'expired', 'expired'])
    expect([3.9, 4.1, 4.6].map((later) => state(5, later))).toEqual(['fresh', 'due', 'expired'])
  })

  test('without an end they last until they are refused; what was obtained just now is not meant', () => {
    expect(state(undefined, 1e9)).toBe('fresh')
    expect(state(undefined, 1e9, true)).toBe('expired')
    expect(state(3600, 1, true)).toBe('fresh')
    expect(state(3600, 4, true)).toBe('expired')
  })

  test('without a refresh token they are used to the end; a clock that was set back is noticed', () => {
    expect(state(3600, 3550, false, '')).toBe('fresh')
    expect(state(3600, 3599, false, '')).toBe('expired')
    expect(state(3600, -7200)).toBe('due')
  })
})
