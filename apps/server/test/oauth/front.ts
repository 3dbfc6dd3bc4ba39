import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { OAuth2 } from '@cx/core'
import type { OpenId } from './open-id.ts'
import { relay } from './relay.ts'

export const client = { id: 'cx', secret: 'canary-client-secret' } as const

export interface Answer {
  readonly status: number
  readonly body: object
}

/** A request to a token or revocation endpoint, as its vendor reads it. */
export interface Asked {
  readonly fields: Readonly<Record<string, string>>
  readonly clientId: string | undefined
  readonly clientSecret: string | undefined
  /** What the request carries as a bearer. */
  readonly bearer: string | undefined
}

export interface Granted {
  readonly accessToken: string
  readonly refreshToken: string
  readonly isRefresh: boolean
  /** What the person was asked. */
  readonly asked: URLSearchParams
}

/** What a vendor does otherwise than the standard, by its documentation. */
export interface Vendor {
  readonly type: string
  /** Which of the plugin's ways in. */
  readonly method: string
  readonly pkce: boolean
  readonly rotates: boolean
  /** What the page for people complains of. */
  complain(query: URLSearchParams): string | undefined
  /** What is wrong with the shape of a request. */
  refuse(headers: IncomingHttpHeaders, asked: Asked): Answer | undefined
  grant(granted: Granted, url: string): object
  /** `invalid_grant` and `invalid_client` in the vendor's words. */
  deny(error: string, isRefresh: boolean): Answer
  /** The token that a revocation is about; an answer where it is none. */
  revoke?(asked: Asked, accepts: (token: string) => boolean): string | Answer
}

/** A vendor's sign-in host on loopback, at the vendor's paths; behind it a certified provider. */
export interface Front {
  readonly url: string
  /** The queries of people's browsers. */
  readonly asked: URLSearchParams[]
  readonly granted: Granted[]
  /** Tokens that were taken back. */
  readonly revoked: string[]
  /** Told of each access token before it is handed out. */
  onGrant: (granted: Granted) => void
  accepts: (token: string) => boolean
  /** Answers what is no business of signing in. */
  otherwise: string | undefined
  close(): Promise<void>
}

export async function startFront(vendor: Vendor, declared: OAuth2, openId: OpenId): Promise<Front> {
  const server = createServer((request, response) => void handle(request, response))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const paths = {
    authorize: new URL(declared.authorizationUrl).pathname,
    token: new URL(declared.tokenUrl).pathname,
    revoke: declared.revocationUrl && new URL(declared.revocationUrl).pathname,
  }
  const front: Front = {
    url,
    asked: [],
    granted: [],
    revoked: [],
    onGrant: () => {},
    accepts: () => false,
    otherwise: undefined,
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url!, url)
    const body = await buffer(request)
    if (pathname === paths.authorize) return authorize(searchParams, response)
    if (pathname !== paths.token && pathname !== paths.revoke) return pass(request, body, response)
    const asked = read(request.headers, body.toString())
    const answer =
      request.method === 'POST'
        ? (vendor.refuse(request.headers, asked) ?? (await (pathname === paths.token ? token(asked) : revoke(asked))))
        : { status: 405, body: {} }
    response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer.body))
  }

  const authorize = (query: URLSearchParams, response: ServerResponse): void => {
    const complaint =
      query.has('code_challenge') === vendor.pkce
        ? vendor.complain(query)
        : `PKCE is ${vendor.pkce ? '' : 'not '}wanted`
    if (complaint !== undefined) {
      response.writeHead(400, { 'Content-Type': 'text/plain' }).end(complaint)
      return
    }
    front.asked.push(query)
    const to = new URL(`${openId.url}/auth`)
    for (const name of [
      'response_type',
      'client_id',
      'redirect_uri',
      'state',
      'code_challenge',
      'code_challenge_method',
    ])
      if (query.has(name)) to.searchParams.set(name, query.get(name)!)
    to.searchParams.set('scope', 'openid offline_access')
    to.searchParams.set('prompt', 'consent')
    response.writeHead(302, { Location: to.href }).end()
  }

  const token = async ({ fields, clientId, clientSecret }: Asked): Promise<Answer> => {
    const isRefresh = fields.grant_type === 'refresh_token'
    if (clientId !== client.id || clientSecret !== client.secret) return vendor.deny('invalid_client', isRefresh)
    const { client_id: _, client_secret: __, ...rest } = fields
    const answer = await ask(openId, '/token', rest)
    const said = (await answer.json()) as { error: string; access_token: string; refresh_token: string }
    if (!answer.ok) return vendor.deny(said.error, isRefresh)
    const granted: Granted = {
      accessToken: said.access_token,
      refreshToken: said.refresh_token,
      isRefresh,
      asked: front.asked.at(-1)!,
    }
    front.granted.push(granted)
    front.onGrant(granted)
    return { status: 200, body: vendor.grant(granted, url) }
  }

  const revoke = async (asked: Asked): Promise<Answer> => {
    const found = vendor.revoke!(asked, (given) => front.accepts(given))
    if (typeof found !== 'string') return found
    front.revoked.push(found)
    await ask(openId, '/token/revocation', { token: found })
    return { status: 200, body: { ok: true, revoked: true } }
  }

  const pass = async (request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> => {
    if (front.otherwise === undefined) {
      response.writeHead(404).end()
      return
    }
    await relay(request, body, response, front.otherwise)
  }

  return front
}

/** A form or JSON, as its type says; the client by header or in the body. */
function read(headers: IncomingHttpHeaders, body: string): Asked {
  const type = headers['content-type'] ?? ''
  const fields = type.startsWith('application/json')
    ? (JSON.parse(body) as Record<string, string>)
    : Object.fromEntries(new URLSearchParams(type.startsWith('application/x-www-form-urlencoded') ? body : ''))
  const [, scheme, proof = ''] = /^(Basic|Bearer) (.+)$/.exec(headers.authorization ?? '') ?? []
  const [id, secret] = scheme === 'Basic' ? Buffer.from(proof, 'base64').toString().split(':') : []
  return {
    fields,
    clientId: id ?? fields.client_id,
    clientSecret: secret ?? fields.client_secret,
    bearer: scheme === 'Bearer' ? proof : undefined,
  }
}

/** Asks the provider behind a front. */
export function ask(openId: OpenId, path: string, fields: Readonly<Record<string, string>>): Promise<Response> {
  const proof = Buffer.from(`${client.id}:${client.secret}`).toString('base64')
  return fetch(openId.url + path, {
    method: 'POST',
    headers: { Authorization: `Basic ${proof}` },
    body: new URLSearchParams(fields),
  })
}
