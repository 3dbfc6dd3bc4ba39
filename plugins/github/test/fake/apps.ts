import { type KeyObject, verify } from 'node:crypto'
import { type Ask, problem, type Reply } from './http.ts'
import type { FakeGitHub } from './server.ts'

export interface AppKeys {
  /** The app's public key by its id. */
  [appId: string]: KeyObject
}

/** The app that signed a JWT; undefined when it is wrong, stale or too long-lived. https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app */
export function issuerOf(jwt: string, keys: AppKeys): string | undefined {
  const [header = '', payload = '', signature = ''] = jwt.split('.')
  const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { alg: string }
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
    iss: string | number
    iat: number
    exp: number
  }
  const key = keys[String(claims.iss)]
  const now = Date.now() / 1000
  if (alg !== 'RS256' || !key || claims.iat > now || claims.exp < now || claims.exp - now > 600) return undefined
  return verify('RSA-SHA256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))
    ? String(claims.iss)
    : undefined
}

/** What an app may ask as itself: installations and their tokens. */
export function appRoutes(hub: FakeGitHub, ask: Omit<Ask, 'account' | 'installation'>, _issuer: string): Reply {
  const { pathname } = ask.url
  const installations = hub.accounts.map((account) => ({ id: 5000 + account.id, account: { login: account.login } }))
  const of = (login: string) => {
    const found = installations.find((one) => one.account.login.toLowerCase() === login.toLowerCase())
    return found ? { status: 200, body: found } : problem(404, 'Not Found')
  }
  const repo = /^\/repos\/([^/]+)\/[^/]+\/installation$/.exec(pathname)
  if (repo) return of(repo[1]!)
  const owner = /^\/(orgs|users)\/([^/]+)\/installation$/.exec(pathname)
  if (owner) return of(owner[2]!)
  if (pathname === '/app/installations') return { status: 200, body: installations.slice(0, 2) }
  const token = /^\/app\/installations\/(\d+)\/access_tokens$/.exec(pathname)
  if (token && ask.method === 'POST') {
    const found = installations.find((one) => one.id === Number(token[1]))
    if (!found) return problem(404, 'Not Found')
    const made = `ghs_${found.id}_${hub.tokens.size}`
    hub.tokens.set(made, `installation:${found.account.login}`)
    const expires = new Date(Date.now() + 3_600_000).toISOString()
    return {
      status: 201,
      body: { token: made, expires_at: expires, permissions: { contents: 'read' }, repository_selection: 'all' },
    }
  }
  return problem(403, 'Resource not accessible by integration')
}
