import { ConnectorError } from '@cx/core'
import { fingerprintOf, type GitHubCredentials, pemOf, tokenOf } from './auth.ts'
import { Client } from './client.ts'
import { isNotFound } from './errors.ts'
import { withEtags } from './etags.ts'
import { createGate } from './throttle.ts'

export interface HubOptions {
  readonly apiUrl: string
  readonly reserve: number
  readonly fetch: typeof globalThis.fetch
  credentials(options?: { readonly refused?: boolean }): Promise<GitHubCredentials>
}

export interface Installation {
  readonly id: number
}

/** Clients by credential: one for a token, one for each installation of an app (every owner has its own). */
export class Hub {
  readonly #options: HubOptions
  readonly #credentials: GitHubCredentials
  readonly #clients = new Map<string, Promise<Client>>()

  private constructor(options: HubOptions, credentials: GitHubCredentials) {
    this.#options = options
    this.#credentials = credentials
  }

  static async open(options: HubOptions): Promise<Hub> {
    return new Hub(options, await options.credentials())
  }

  get method(): GitHubCredentials['method'] {
    return this.#credentials.method
  }

  /** The web address that belongs to the API's: where Git and LFS answer. */
  get webUrl(): string {
    const api = new URL(this.#options.apiUrl)
    return api.hostname === 'api.github.com' ? 'https://github.com' : api.origin
  }

  /** The client that may read `owner`'s repositories. Without an owner: the only one there is. */
  client(owner: string | undefined, repo: string | undefined, signal: AbortSignal): Promise<Client> {
    const credentials = this.#credentials
    const key = credentials.method !== 'app' || credentials.installationId ? '' : (owner ?? '').toLowerCase()
    let client = this.#clients.get(key)
    if (!client) {
      client =
        credentials.method === 'app'
          ? this.#installation(credentials, owner, repo, signal)
          : Promise.resolve(this.#withToken(credentials))
      this.#clients.set(key, client)
      // A failure must not stick: the next run of the same session asks again.
      client.catch(() => this.#clients.delete(key))
    }
    return client
  }

  /** What Git's own protocols want instead of the API's header. */
  async gitAuthorization(client: Client): Promise<Readonly<Record<string, string>>> {
    const token = tokenOf(await this.#options.credentials()) ?? (await client.installationToken())
    if (token === undefined) return {}
    return { authorization: `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}` }
  }

  #withToken(credentials: GitHubCredentials): Client {
    const { apiUrl, fetch, reserve } = this.#options
    const origin = new URL(apiUrl).origin
    const secrets = new Set<string>()
    const gate = createGate({ fetch, reserve, secrets })
    let token = tokenOf(credentials)
    const authorized: typeof globalThis.fetch = async (input, init) => {
      const own = new URL(String(input)).origin === origin
      const send = () => {
        const headers = new Headers(init?.headers)
        if (own && token !== undefined && !headers.has('authorization')) headers.set('authorization', `Bearer ${token}`)
        return gate(input, { ...init, headers })
      }
      const sent = token
      const response = await send()
      if (response.status !== 401 || !own || credentials.method !== 'oauth') return response
      if (token === sent) token = tokenOf(await this.#options.credentials({ refused: true }))
      if (token === sent) return response
      await response.body?.cancel()
      return send()
    }
    const anonymous = credentials.method === 'none'
    const limiter = fingerprintOf(credentials)
    return new Client({ apiUrl, fetch: withEtags(authorized, limiter), limiter, secrets, anonymous })
  }

  async #installation(
    credentials: Extract<GitHubCredentials, { method: 'app' }>,
    owner: string | undefined,
    repo: string | undefined,
    signal: AbortSignal,
  ): Promise<Client> {
    const { apiUrl, fetch, reserve } = this.#options
    const secrets = new Set<string>()
    const gate = createGate({ fetch, reserve, secrets })
    const app = { appId: credentials.appId, privateKey: pemOf(credentials.privateKey) }
    const asApp = new Client({ apiUrl, fetch: gate, app, limiter: fingerprintOf(credentials), secrets })
    const installationId = credentials.installationId
      ? Number(credentials.installationId)
      : (await findInstallation(asApp, owner, repo, signal)).id
    const limiter = fingerprintOf(credentials, installationId)
    return new Client({ apiUrl, fetch: withEtags(gate, limiter), app: { ...app, installationId }, limiter, secrets })
  }
}

/** https://docs.github.com/en/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app */
async function findInstallation(
  app: Client,
  owner: string | undefined,
  repo: string | undefined,
  signal: AbortSignal,
): Promise<Installation> {
  const call = { signal, what: `installation of this app at ${owner ?? 'any account'}` }
  if (owner === undefined) {
    const { data } = await app.get<readonly Installation[]>('/app/installations', { ...call, params: { per_page: 2 } })
    if (data.length === 1) return data[0]!
    throw new ConnectorError(
      'misconfigured',
      `This GitHub App has ${data.length === 0 ? 'no' : 'several'} installations.`,
      {
        remediation: 'Set `installationId`, or name repositories as owner/name.',
      },
    )
  }
  const routes = repo
    ? ['/repos/{owner}/{repo}/installation']
    : ['/orgs/{owner}/installation', '/users/{owner}/installation']
  for (const route of routes)
    try {
      return (await app.get<Installation>(route, { ...call, params: { owner, repo } })).data
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  throw new ConnectorError('not_found', `The GitHub App is not installed for ${owner}${repo ? `/${repo}` : ''}.`, {
    remediation: 'Install the app there and grant it these repositories.',
  })
}
