import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { ConnectorError } from '@cx/core'
import type { Config } from './config.ts'
import { tokenError } from './errors.ts'

/** What a person or the host's sign-in gives. */
export type SalesforceCredentials =
  | {
      readonly method: 'oauth' | 'oauth_sandbox'
      readonly accessToken: string
      readonly extra: Readonly<Record<string, string>>
    }
  | { readonly method: 'jwt'; readonly clientId: string; readonly username: string; readonly privateKey: string }
  | { readonly method: 'client_credentials'; readonly clientId: string; readonly clientSecret: string }

export interface SignInOptions {
  readonly config: Config
  readonly credentials: (options?: { readonly refused?: boolean }) => Promise<SalesforceCredentials>
  readonly fetch: typeof globalThis.fetch
  readonly signal: AbortSignal
}

/** Who we are to the API, and where it is. */
export interface SignIn {
  /** Origin of the organisation's API. */
  readonly instanceUrl: string
  authorize(refused: boolean): Promise<Record<string, string>>
}

interface Token {
  readonly accessToken: string
  readonly instanceUrl: string | undefined
}

/** @throws ConnectorError `unauthenticated` when Salesforce refuses, `misconfigured` for an address that is no API host */
export async function signIn(options: SignInOptions): Promise<SignIn> {
  let minted: Promise<Token> | undefined
  let isMinting = false
  const token = async (refused: boolean): Promise<Token> => {
    const credentials = await options.credentials(refused ? { refused } : {})
    if ('accessToken' in credentials)
      return { accessToken: credentials.accessToken, instanceUrl: credentials.extra.instance_url }
    // Calls that are refused together share one new token.
    if (!minted || (refused && !isMinting)) {
      const minting = exchange(credentials, options).finally(() => {
        isMinting = false
      })
      isMinting = true
      minted = minting
      minting.catch(() => {
        if (minted === minting) minted = undefined
      })
    }
    return minted
  }
  const { config } = options
  const instanceUrl = config.instanceUrl
    ? configuredHost(config.instanceUrl, 'instanceUrl')
    : trustedHost((await token(false)).instanceUrl, config)
  return {
    instanceUrl,
    authorize: async (refused) => ({ authorization: `Bearer ${(await token(refused)).accessToken}` }),
  }
}

async function exchange(
  credentials: Extract<SalesforceCredentials, { method: 'jwt' | 'client_credentials' }>,
  { config, fetch, signal }: SignInOptions,
): Promise<Token> {
  const host = loginHost(credentials.method, config)
  const form =
    credentials.method === 'jwt'
      ? {
          grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
          assertion: assertion(credentials.clientId, credentials.username, credentials.privateKey, host),
        }
      : {
          grant_type: 'client_credentials',
          client_id: credentials.clientId,
          client_secret: credentials.clientSecret,
        }
  const label = new URL(host).host
  let response: Response
  try {
    response = await fetch(`${host}/services/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
      redirect: 'error',
      headers: { accept: 'application/json' },
      signal,
    })
  } catch (error) {
    if (signal.aborted || (error as { name?: unknown }).name === 'ConnectorError') throw error
    throw new ConnectorError('unavailable', `The login host ${label} could not be reached.`)
  }
  const answer = (await response.json().catch(() => undefined)) as
    | { access_token?: unknown; instance_url?: unknown }
    | undefined
  if (!response.ok) throw tokenError(response.status, answer, label)
  if (typeof answer?.access_token !== 'string')
    throw new ConnectorError('unavailable', `The login host ${label} answered without an access token.`)
  return {
    accessToken: answer.access_token,
    instanceUrl: typeof answer.instance_url === 'string' ? answer.instance_url : undefined,
  }
}

/** RS256, three minutes at most, times in seconds. https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_jwt_flow.htm */
function assertion(clientId: string, username: string, privateKey: string, audience: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { iss: clientId, sub: username, aud: audience, exp: Math.floor(Date.now() / 1000) + 170 }
  const unsigned = `${part({ alg: 'RS256' })}.${part(claims)}`
  return `${unsigned}.${sign('RSA-SHA256', Buffer.from(unsigned), keyOf(privateKey)).toString('base64url')}`
}

function keyOf(pem: string): KeyObject {
  try {
    return createPrivateKey(pem.replaceAll('\\n', '\n'))
  } catch {
    // Without the parser's words and cause: they may quote the key.
    throw new ConnectorError('unauthenticated', 'The private key is not a PEM key.', {
      remediation:
        'Paste the whole file, with its BEGIN and END lines; a key with a passphrase must be decrypted first.',
    })
  }
}

function loginHost(method: 'jwt' | 'client_credentials', { loginUrl, instanceUrl }: Config): string {
  if (loginUrl) return configuredHost(loginUrl, 'loginUrl')
  if (instanceUrl) return configuredHost(instanceUrl, 'instanceUrl')
  if (method === 'jwt') return 'https://login.salesforce.com'
  throw new ConnectorError(
    'misconfigured',
    'Client credentials work at My Domain alone: set instanceUrl, such as https://acme.my.salesforce.com.',
  )
}

const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/

/** What an administrator typed: any host, but no credentials over plain HTTP. */
function configuredHost(address: string, field: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (!url || url.username || (url.protocol !== 'https:' && !loopback.test(url.hostname)))
    throw new ConnectorError('misconfigured', `${field} must be an address such as https://acme.my.salesforce.com.`)
  if (/\.lightning\.force\.com$/i.test(url.hostname))
    throw new ConnectorError(
      'misconfigured',
      `${url.host} is the page for people, not the API: set ${field} to https://${url.hostname.replace(/\.lightning\.force\.com$/i, '.my.salesforce.com')}.`,
    )
  return url.origin
}

/** What came with a token: it must be Salesforce's, or the host that was configured. */
function trustedHost(address: string | undefined, { loginUrl }: Config): string {
  const url = address && URL.canParse(address) ? new URL(address) : undefined
  if (!url)
    throw new ConnectorError(
      'misconfigured',
      'Salesforce did not tell where the organisation is: set instanceUrl to its My Domain.',
    )
  const known =
    /\.(?:salesforce\.com|salesforce\.mil|force\.com|cloudforce\.com)$/i.test(url.hostname) && url.protocol === 'https:'
  if (known || (loginUrl && new URL(loginUrl).origin === url.origin)) return url.origin
  throw new ConnectorError(
    'misconfigured',
    `The sign-in points to ${url.host}, which is no Salesforce host: set instanceUrl if this is right.`,
  )
}
