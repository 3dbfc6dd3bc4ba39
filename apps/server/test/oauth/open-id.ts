import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

/** A certified provider: PKCE enforced, refresh tokens rotated, tokens that live as long as told. */
export interface OpenId {
  readonly url: string
  /** Outcomes of the token endpoint, in order. */
  readonly outcomes: string[]
  /** When it renewed tokens, in epoch milliseconds. */
  readonly renewals: number[]
  /** Every token it handed out. */
  readonly tokens: Set<string>
  /** Lets these callback addresses in. Call it before the first authorization. */
  register(redirectUris: readonly string[]): void
  close(): Promise<void>
}

export interface OpenIdOptions {
  readonly accessTokenSeconds: number
  /** Refuses authorizations without PKCE, unless told. */
  readonly pkce?: boolean
  /** Gives a new refresh token each time, and takes the old one no more, unless told. */
  readonly rotates?: boolean
}

export async function startOpenId({ accessTokenSeconds, pkce = true, rotates = true }: OpenIdOptions): Promise<OpenId> {
  let handle = (_: IncomingMessage, response: ServerResponse): void => void response.writeHead(503).end()
  const server = createServer((request, response) => handle(request, response))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const outcomes: string[] = []
  const renewals: number[] = []
  const tokens = new Set<string>()

  const register = (redirectUris: readonly string[]) => {
    const provider = new Provider(url, {
      clients: [
        {
          client_id: 'cx',
          client_secret: 'canary-client-secret',
          redirect_uris: [...redirectUris],
          grant_types: ['authorization_code', 'refresh_token'],
          response_types: ['code'],
          token_endpoint_auth_method: 'client_secret_basic',
        },
      ],
      pkce: { required: () => pkce },
      rotateRefreshToken: rotates,
      ttl: {
        AccessToken: accessTokenSeconds,
        RefreshToken: 3600,
        Grant: 3600,
        Interaction: 60,
        Session: 600,
        IdToken: 60,
      },
      features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
      interactions: { url: (_, { uid }) => `/interaction/${uid}` },
      findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
      cookies: { keys: ['cookie key'] },
    })
    provider.on('grant.success', (context) => {
      outcomes.push(String(context.oidc.params?.grant_type))
      if (context.oidc.params?.grant_type === 'refresh_token') renewals.push(Date.now())
      const { access_token, refresh_token } = context.body as { access_token: string; refresh_token: string }
      tokens.add(access_token).add(refresh_token)
    })
    provider.on('grant.error', (context, error) =>
      outcomes.push(`${context.oidc.params?.grant_type} ${(error as { error?: string }).error}`),
    )
    const callback = provider.callback()
    handle = (request, response) => {
      if (request.url?.startsWith('/interaction/')) void agree(provider, request, response)
      else void callback(request, response)
    }
  }

  return {
    url,
    outcomes,
    renewals,
    tokens,
    register,
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

/** Ann signs in and agrees to everything. */
async function agree(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response)
  if (prompt.name === 'login') return provider.interactionFinished(request, response, { login: { accountId: 'ann' } })
  const grant = new provider.Grant({ accountId: session!.accountId, clientId: String(params.client_id) })
  grant.addOIDCScope(String(params.scope))
  const result = { consent: { grantId: await grant.save() } }
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true })
}

/** A browser that keeps cookies: follows redirects until it is sent to an address that begins with `until`. */
export async function browse(from: string, until: string): Promise<string> {
  const cookies = new Map<string, string>()
  for (let at = from, hops = 0; hops < 20; hops++) {
    if (at.startsWith(until)) return at
    const response = await fetch(at, {
      redirect: 'manual',
      headers: { Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!
      cookies.set(name!, value!)
    }
    const location = response.headers.get('location')
    if (!location) throw new Error(`${at} answered ${response.status}: ${(await response.text()).slice(0, 2000)}`)
    at = new URL(location, at).href
  }
  throw new Error('Sent around in circles.')
}
