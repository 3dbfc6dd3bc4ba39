import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A request to the token or revocation endpoint. */
export interface TokenRequest {
  readonly path: string
  readonly authorization: string | undefined
  readonly form: Readonly<Record<string, string>>
}

/** An OAuth provider that does as it is told. Its tokens hold `canary`, so that they can be looked for. */
export interface TestProvider {
  readonly url: string
  readonly requests: TokenRequest[]
  /** What the person was asked, at the authorization endpoint. */
  readonly asked: URLSearchParams[]
  /** The next answers of the token endpoint; then it grants. */
  readonly answers: ((response: ServerResponse) => void)[]
  /** What the authorization endpoint sends back instead of a code. */
  denial: Readonly<Record<string, string>> | undefined
  /** Access tokens that the API takes. */
  readonly valid: Set<string>
  /** The whole fields of a grant, besides tokens. */
  grant: Readonly<Record<string, unknown>>
  /** Settings of a host that use it. */
  readonly env: Readonly<Record<string, string>>
  close(): Promise<void>
}

export function json(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): (to: ServerResponse) => void {
  return (to) => to.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body))
}

export async function startProvider(): Promise<TestProvider> {
  let granted = 0
  const server = createServer((request, response) => void handle(request, response))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider: TestProvider = {
    url,
    requests: [],
    asked: [],
    answers: [],
    denial: undefined,
    valid: new Set(),
    grant: { expires_in: 3600, instance_url: 'https://eu.locker.test', team: { id: 'T1' } },
    env: {
      CX_OAUTH_LOCKER_CLIENT_ID: 'client-1',
      CX_OAUTH_LOCKER_CLIENT_SECRET: 'canary-client-secret:/+ä',
      CX_OAUTH_LOCKER_AUTHORIZATION_URL: `${url}/authorize`,
      CX_OAUTH_LOCKER_TOKEN_URL: `${url}/token`,
      CX_OAUTH_LOCKER_REVOCATION_URL: `${url}/revoke`,
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url!, url)
    if (pathname === '/me') {
      const token = request.headers.authorization?.replace('Bearer ', '') ?? ''
      return json(provider.valid.has(token) ? 200 : 401, { sub: 'ann' })(response)
    }
    if (pathname === '/authorize') {
      provider.asked.push(searchParams)
      const back = new URL(searchParams.get('redirect_uri')!)
      const fields = provider.denial ?? { code: `canary-code-${provider.asked.length}` }
      for (const [name, value] of Object.entries({ ...fields, state: searchParams.get('state')! }))
        back.searchParams.set(name, value)
      response.writeHead(302, { Location: back.href }).end()
      return
    }
    const form = Object.fromEntries(new URLSearchParams(await text(request)))
    provider.requests.push({ path: pathname, authorization: request.headers.authorization, form })
    const answer = provider.answers.shift()
    if (answer) return answer(response)
    if (pathname === '/revoke') {
      response.writeHead(200).end()
      return
    }
    const [access_token, refresh_token] = [`canary-access-${++granted}`, `canary-refresh-${granted}`]
    provider.valid.clear()
    provider.valid.add(access_token)
    json(200, { access_token, refresh_token, token_type: 'Bearer', ...provider.grant })(response)
  }
  return provider
}
