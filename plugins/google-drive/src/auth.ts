import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { ConnectorError, type Credentials, type OAuth2, oauth2, type SecretAuth, secret } from '@cx/core'

const drive = 'https://www.googleapis.com/auth/drive.readonly'
const directory = [
  'https://www.googleapis.com/auth/admin.directory.group.readonly',
  'https://www.googleapis.com/auth/admin.directory.group.member.readonly',
]

const serviceAccount = {
  type: 'object',
  additionalProperties: false,
  required: ['serviceAccountKey'],
  properties: {
    serviceAccountKey: {
      type: 'string',
      minLength: 1,
      writeOnly: true,
      title: 'Key file (JSON)',
      description: 'The whole content of the JSON key of the service account.',
    },
    subject: {
      type: 'string',
      title: 'Act for',
      description:
        'E-mail address of a user whose Drive is read, by domain-wide delegation. Empty: what is shared with the service account itself.',
    },
  },
} as const

export type DriveAuth = { readonly oauth: OAuth2; readonly serviceAccount: SecretAuth<typeof serviceAccount> }

export const auth: DriveAuth = {
  oauth: oauth2({
    title: 'Sign in with Google',
    authorizationUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
    tokenUrl: 'https://oauth2.googleapis.com/token',
    revocationUrl: 'https://oauth2.googleapis.com/revoke',
    scopes: ['openid', 'email', drive],
    // A refresh token comes with the first consent only, unless consent is asked for again.
    authorizationParams: { access_type: 'offline', prompt: 'consent', include_granted_scopes: 'true' },
  }),
  serviceAccount: secret(serviceAccount, 'Service account'),
}

export type DriveCredentials = Credentials<DriveAuth>

export interface AuthorizerOptions {
  readonly credentials: (options?: { readonly refused?: boolean }) => Promise<DriveCredentials>
  readonly fetch: typeof globalThis.fetch
  readonly signal: AbortSignal
  /** Ask for the scopes of the Directory API too. */
  readonly directory: boolean
}

/** Makes the header that proves who we are, for each call anew. */
export function createAuthorizer(options: AuthorizerOptions): (refused: boolean) => Promise<Record<string, string>> {
  let exchanged: { readonly header: Promise<string>; readonly until: number } | undefined
  return async (refused) => {
    const credentials = await options.credentials(refused ? { refused } : {})
    if (credentials.method === 'oauth') return { authorization: `Bearer ${credentials.accessToken}` }
    if (refused || exchanged === undefined || exchanged.until < Date.now()) {
      const header = exchange(credentials, options)
      // Google's tokens live an hour.
      exchanged = { header, until: Date.now() + 50 * 60_000 }
      header.catch(() => {
        exchanged = undefined
      })
    }
    return { authorization: await exchanged.header }
  }
}

type ServiceAccount = Extract<DriveCredentials, { method: 'serviceAccount' }>

/** https://developers.google.com/identity/protocols/oauth2/service-account#httprest */
async function exchange(
  credentials: ServiceAccount,
  { fetch, signal, directory: wantsDirectory }: AuthorizerOptions,
): Promise<string> {
  const { email, key, tokenUrl } = keyOf(credentials.serviceAccountKey)
  const now = Math.floor(Date.now() / 1000)
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = {
    iss: email,
    scope: [drive, ...(wantsDirectory ? directory : [])].join(' '),
    aud: tokenUrl,
    iat: now,
    exp: now + 3600,
    ...(credentials.subject ? { sub: credentials.subject } : {}),
  }
  const unsigned = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`
  const assertion = `${unsigned}.${sign('RSA-SHA256', Buffer.from(unsigned), key).toString('base64url')}`
  const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }
  let response: Response
  try {
    response = await fetch(tokenUrl, { method: 'POST', body: new URLSearchParams(form), redirect: 'error', signal })
  } catch (error) {
    if (signal.aborted || (error as { name?: unknown }).name === 'ConnectorError') throw error
    throw new ConnectorError('unavailable', `Google's token endpoint ${new URL(tokenUrl).host} could not be reached.`)
  }
  const answer = (await response.json().catch(() => ({}))) as {
    access_token?: string
    error?: string
    error_description?: string
  }
  if (response.ok && answer.access_token) return `Bearer ${answer.access_token}`
  const words = [answer.error, answer.error_description]
    .filter((word) => typeof word === 'string')
    .join(': ')
    .slice(0, 200)
  if (response.status === 429 || response.status >= 500)
    throw new ConnectorError('unavailable', `Google's token endpoint answered ${response.status}.`)
  throw new ConnectorError('unauthenticated', `Google refused the service account: ${words || response.status}.`, {
    remediation: credentials.subject
      ? `Check that the key is active, that ${credentials.subject} exists, and that the admin console's domain-wide delegation lists exactly the scopes ${claims.scope.split(' ').join(', ')}.`
      : 'Check that the key is active and belongs to an enabled service account.',
  })
}

/** @throws ConnectorError `unauthenticated` when it is no key file; the message holds nothing of it. */
function keyOf(json: string): { readonly email: string; readonly key: KeyObject; readonly tokenUrl: string } {
  try {
    const {
      client_email: email,
      private_key: pem,
      token_uri: tokenUrl = 'https://oauth2.googleapis.com/token',
    } = JSON.parse(json)
    if (typeof email === 'string' && URL.canParse(tokenUrl))
      return { email, key: createPrivateKey(String(pem).replaceAll('\\n', '\n')), tokenUrl }
  } catch {
    // Told below, without the parser's words: they quote the input.
  }
  throw new ConnectorError(
    'unauthenticated',
    'The service account key is not a JSON key file with client_email and private_key.',
    {
      remediation: 'Create a JSON key for the service account in the Google Cloud console and paste the whole file.',
    },
  )
}
