import { createHash, createPrivateKey } from 'node:crypto'
import { ConnectorError } from '@cx/core'

/** The ways in that index.ts declares. */
export type GitHubCredentials =
  | { readonly method: 'none' }
  | { readonly method: 'token'; readonly token: string }
  | { readonly method: 'app'; readonly appId: string; readonly privateKey: string; readonly installationId?: string }
  | { readonly method: 'oauth'; readonly accessToken: string }

/** The bearer token of a way in that has one by itself. */
export function tokenOf(credentials: GitHubCredentials): string | undefined {
  if (credentials.method === 'token') return credentials.token.trim()
  if (credentials.method === 'oauth') return credentials.accessToken
  return undefined
}

/** Names the credential in limiters without giving it away. */
export function fingerprintOf(credentials: GitHubCredentials, installation?: number): string {
  const secret = credentials.method === 'app' ? `${credentials.appId}/${installation}` : (tokenOf(credentials) ?? '')
  return createHash('sha256').update(secret).digest('base64url').slice(0, 16)
}

/**
 * The app's key as Octokit takes it: line breaks restored where a form or an environment variable wrote `\n`.
 *
 * @throws ConnectorError `unauthenticated` when it is no RSA private key; the message never holds any of it.
 */
export function pemOf(privateKey: string): string {
  const pem = privateKey.replaceAll('\\n', '\n').trim()
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs8', format: 'pem' }).toString()
  } catch {
    // Told below, without the parser's words: they can quote the input.
  }
  throw new ConnectorError('unauthenticated', "The GitHub App's private key is not an RSA key in PEM form.", {
    remediation: "Generate a private key on the app's settings page and paste the whole .pem file.",
  })
}
