import type { Connection, Credentials, OAuth2, SecretAuth } from '@cx/core'
import { oauth2, secret } from '@cx/core'
import type { Config } from './config.ts'

const apiToken = {
  type: 'object',
  required: ['email', 'token'],
  additionalProperties: false,
  properties: {
    email: { type: 'string', title: 'E-mail of the account', minLength: 3 },
    token: { type: 'string', title: 'API token', minLength: 1, writeOnly: true },
  },
} as const

const pat = {
  type: 'object',
  required: ['token'],
  additionalProperties: false,
  properties: { token: { type: 'string', title: 'Personal access token', minLength: 1, writeOnly: true } },
} as const

const password = {
  type: 'object',
  required: ['username', 'password'],
  additionalProperties: false,
  properties: {
    username: { type: 'string', title: 'User name', minLength: 1 },
    password: { type: 'string', title: 'Password', minLength: 1, writeOnly: true },
  },
} as const

/** The ways in. Refresh tokens of Atlassian rotate and are good for one use; the host stores each new one before it is used. */
export const auth: {
  readonly api_token: SecretAuth<typeof apiToken>
  readonly oauth: OAuth2
  readonly pat: SecretAuth<typeof pat>
  readonly basic: SecretAuth<typeof password>
} = {
  api_token: secret(apiToken, 'API token (Cloud)'),
  oauth: oauth2({
    title: 'Sign in with Atlassian (Cloud)',
    authorizationUrl: 'https://auth.atlassian.com/authorize',
    tokenUrl: 'https://auth.atlassian.com/oauth/token',
    // Not documented, and refused nowhere that it was tried: left off. The client secret is required instead.
    pkce: 'none',
    // https://developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps/
    tokenRequest: 'json',
    authorizationParams: { audience: 'api.atlassian.com', prompt: 'consent' },
    scopes: [
      'offline_access',
      'read:space:confluence',
      'read:page:confluence',
      'read:blogpost:confluence',
      'read:folder:confluence',
      'read:whiteboard:confluence',
      'read:database:confluence',
      'read:embed:confluence',
      'read:attachment:confluence',
      'read:comment:confluence',
      'read:label:confluence',
      'read:content:confluence',
      'read:content-details:confluence',
      'read:permission:confluence',
      'read:group:confluence',
      'read:user:confluence',
      'search:confluence',
      'read:confluence-content.permission',
      'read:confluence-groups',
      'readonly:content.attachment:confluence',
    ],
  }),
  pat: secret(pat, 'Personal access token (Data Center)'),
  basic: secret(password, 'User name and password (Data Center)'),
}

export type ConfluenceConnection = Connection<Config, typeof auth>

/** The `Authorization` header of a way in. */
export function headerOf(credentials: Credentials<typeof auth>): string {
  const basic = (user: string, key: string) => `Basic ${Buffer.from(`${user}:${key}`).toString('base64')}`
  switch (credentials.method) {
    case 'api_token':
      return basic(credentials.email.trim(), credentials.token.trim())
    case 'basic':
      return basic(credentials.username, credentials.password)
    case 'pat':
      return `Bearer ${credentials.token.trim()}`
    case 'oauth':
      return `Bearer ${credentials.accessToken}`
  }
}
