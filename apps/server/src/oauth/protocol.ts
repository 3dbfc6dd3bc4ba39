import { Redactor } from '@cx/core/engine'
import * as oauth from 'oauth4webapi'
import { EgressError } from '../egress/policy.ts'
import { expectDone, standardAnswer } from './answer.ts'
import { OAuthFailure } from './failure.ts'
import type { Provider } from './provider.ts'

/** What a provider gave. */
export interface Tokens {
  readonly accessToken: string
  readonly refreshToken?: string
  /** Of the access token, in seconds; absent when the provider does not say. */
  readonly expiresIn?: number
  readonly scope?: string
  /** Its other fields; those of an object are named `object.field`. Tokens for other things are not kept. */
  readonly extra: Readonly<Record<string, string>>
}

export interface CallOptions {
  readonly fetch: typeof globalThis.fetch
  /** For the whole call; 20 seconds unless told. */
  readonly timeoutMs?: number
}

/** Where a person is sent to say yes. */
export async function authorizationAddress(
  provider: Provider,
  {
    redirectUri,
    state,
    verifier,
  }: { readonly redirectUri: string; readonly state: string; readonly verifier?: string },
): Promise<string> {
  const url = new URL(provider.authorizationUrl)
  const parameters = {
    ...provider.authorizationParams,
    response_type: 'code',
    client_id: provider.clientId,
    redirect_uri: redirectUri,
    ...(provider.scopes.length > 0 && { scope: provider.scopes.join(provider.scopeSeparator ?? ' ') }),
    state,
    ...(verifier !== undefined && {
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }),
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}

/** Of these vendors answer nothing, or another name. */
const standardScopes = new Set(['openid', 'email', 'profile', 'offline_access', 'refresh_token'])

/** What was asked for and not granted; nothing where the provider does not say what it granted. People may leave out single ones: https://developers.google.com/identity/protocols/oauth2/resources/granular-permissions */
export function missingScopes(asked: readonly string[], granted = ''): readonly string[] {
  const given = new Set(granted.split(/[\s,]+/).filter(Boolean))
  return given.size === 0 ? [] : asked.filter((scope) => !given.has(scope) && !standardScopes.has(scope))
}

/** For PKCE, where the provider takes it. */
export function newVerifier({ pkce }: Provider): string | undefined {
  return pkce === 'S256' ? oauth.generateRandomCodeVerifier() : undefined
}

/** Exchanges the code of a callback. @throws OAuthFailure */
export function exchangeCode(
  provider: Provider,
  { code, redirectUri, verifier }: { readonly code: string; readonly redirectUri: string; readonly verifier?: string },
  options: CallOptions,
): Promise<Tokens> {
  const parameters = { code, redirect_uri: redirectUri, ...(verifier !== undefined && { code_verifier: verifier }) }
  return askTokens(provider, 'authorization_code', parameters, options)
}

/** @throws OAuthFailure, of the kind `grant` when a person has to authorize again. */
export function refreshTokens(provider: Provider, refreshToken: string, options: CallOptions): Promise<Tokens> {
  return askTokens(provider, 'refresh_token', { refresh_token: refreshToken }, options)
}

/** Tells the provider that a token is not needed any more: the one that its declaration names. @throws OAuthFailure */
export async function revokeToken(provider: Provider, token: string, options: CallOptions): Promise<void> {
  if (provider.revocationUrl === undefined) return
  const call = calling(provider, [token], options)
  await call.run(async () => {
    const response =
      provider.revocation === 'bearer'
        ? await call.options[oauth.customFetch](provider.revocationUrl!, {
            method: 'POST',
            headers: new Headers({ authorization: `Bearer ${token}` }),
          })
        : await oauth.revocationRequest(call.server, call.client, call.proof, token, call.options)
    await expectDone(provider.title, response)
  })
}

async function askTokens(
  provider: Provider,
  grant: string,
  parameters: Readonly<Record<string, string>>,
  options: CallOptions,
): Promise<Tokens> {
  const call = calling(provider, Object.values(parameters), options)
  const answer = await call.run(async () =>
    oauth.processGenericTokenEndpointResponse(
      call.server,
      call.client,
      await oauth.genericTokenEndpointRequest(
        call.server,
        call.client,
        call.proof,
        grant,
        { ...parameters },
        {
          ...call.options,
          [oauth.customFetch]: async (url, init) =>
            standardAnswer(provider.title, await call.options[oauth.customFetch](url, init)),
        },
      ),
    ),
  )
  const { access_token, refresh_token, expires_in, scope, token_type: _, ...rest } = answer
  return {
    accessToken: access_token,
    ...(refresh_token !== undefined && { refreshToken: refresh_token }),
    ...(expires_in !== undefined && { expiresIn: expires_in }),
    ...(scope !== undefined && { scope }),
    extra: flatten(rest),
  }
}

type Fetch = (url: string, init: object) => Promise<Response>

/** What each call to the library takes, and a `run` that makes one kind of error of all. */
function calling(provider: Provider, secrets: readonly string[], { fetch, timeoutMs = 20_000 }: CallOptions) {
  const { title, tokenUrl, revocationUrl, clientId, tokenHeaders = {}, tokenRequest } = provider
  const signal = AbortSignal.timeout(timeoutMs)
  const send: Fetch = (url, given) => {
    const init = given as RequestInit
    const headers = new Headers(init.headers)
    for (const [name, value] of Object.entries(tokenHeaders)) headers.set(name, value)
    let { body } = init
    if (tokenRequest === 'json' && body instanceof URLSearchParams) {
      body = JSON.stringify(Object.fromEntries(body))
      headers.set('content-type', 'application/json')
    }
    return fetch(url, { ...init, headers, body: body ?? null, redirect: 'manual', signal })
  }
  return {
    server: {
      issuer: new URL(tokenUrl).origin,
      token_endpoint: tokenUrl,
      ...(revocationUrl !== undefined && { revocation_endpoint: revocationUrl }),
    },
    client: { client_id: clientId },
    proof: proofOf(provider),
    // Declared addresses are https; others are what the operator wants.
    options: { [oauth.allowInsecureRequests]: true, [oauth.customFetch]: send },
    run: async <T>(work: () => Promise<T>): Promise<T> => {
      try {
        return await work()
      } catch (error) {
        const redactor = new Redactor()
        redactor.learn([...secrets, provider.clientSecret ?? ''])
        throw asFailure(error, title, redactor)
      }
    },
  }
}

function asFailure(error: unknown, title: string, redactor: Redactor): OAuthFailure {
  if (error instanceof OAuthFailure)
    return new OAuthFailure(error.kind, redactor.text(error.code), redactor.text(error.message), {
      retryAfterMs: error.retryAfterMs,
    })
  if (error instanceof EgressError) return new OAuthFailure('client', error.code, error.message)
  if ((error as { name?: unknown } | null)?.name === 'TimeoutError')
    return new OAuthFailure('unavailable', 'timeout', `${title} did not answer in time. Try again later.`)
  if (error instanceof oauth.OperationProcessingError)
    return new OAuthFailure('rejected', 'bad_answer', `${title} answered with something that is no token answer.`)
  // What a network error says of itself may quote what was sent; its code does not.
  const { cause } = error as { readonly cause?: { readonly code?: unknown } }
  const reason = typeof cause?.code === 'string' ? ` (${cause.code})` : ''
  return new OAuthFailure('unavailable', 'network', `${title} could not be reached${reason}. Try again later.`)
}

function proofOf({ clientAuthentication, clientSecret }: Provider): oauth.ClientAuth {
  if (clientSecret === undefined) return oauth.None()
  return clientAuthentication === 'basic' ? basic(clientSecret) : oauth.ClientSecretPost(clientSecret)
}

/** Encodes as forms do, which leaves `-` and `_` alone: not every provider undoes more than that. */
function basic(clientSecret: string): oauth.ClientAuth {
  const encode = (text: string) => new URLSearchParams([['', text]]).toString().slice(1)
  return (_, { client_id }, __, headers) => {
    const pair = `${encode(client_id)}:${encode(clientSecret)}`
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`)
  }
}

/** Slack gives a person's own tokens besides the app's: https://docs.slack.dev/reference/methods/oauth.v2.access */
const foreignToken = /^(?:access|refresh|id)_token$/

function flatten(fields: Readonly<Record<string, unknown>>, prefix = ''): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (foreignToken.test(name)) continue
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      flat[prefix + name] = String(value)
    else if (prefix === '' && typeof value === 'object' && value !== null)
      Object.assign(flat, flatten(value as Readonly<Record<string, unknown>>, `${name}.`))
  }
  return flat
}
