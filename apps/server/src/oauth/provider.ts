import type { OAuth2, SourceConnector } from '@cx/core'
import type { CredentialVault } from '@cx/store'

/** How this installation, or one connector of it, is known to a provider. */
export interface OAuthClient {
  readonly clientId: string
  /** Without one the client is public, and proves itself by PKCE alone. */
  readonly clientSecret?: string
  /** These replace the plugin's, for private clouds and tests. */
  readonly authorizationUrl?: string
  readonly tokenUrl?: string
  readonly revocationUrl?: string
}

/** A plugin's declaration together with the client to use it by. */
export interface Provider extends Omit<OAuth2, 'kind' | 'revocationUrl'> {
  /** The connector type. */
  readonly name: string
  readonly title: string
  /** Which of the plugin's ways in. */
  readonly method: string
  readonly revocationUrl: string | undefined
  readonly clientId: string
  readonly clientSecret: string | undefined
}

/** The way in by OAuth: the named one, or the first that is declared. */
export function oauthMethod(plugin: SourceConnector, wanted?: string): readonly [string, OAuth2] | undefined {
  for (const [method, auth] of Object.entries(plugin.auth))
    if (auth.kind === 'oauth2' && (wanted === undefined || wanted === method)) return [method, auth]
  return undefined
}

/** `GOOGLE_DRIVE` in `CX_OAUTH_GOOGLE_DRIVE_CLIENT_ID`. */
export function settingName(type: string): string {
  return type.toUpperCase()
}

/**
 * Puts together what is needed to talk to a provider; undefined when no client is configured. A connector's own client
 * comes before the deployment's, whole: the secret of one never goes to an address of the other.
 */
export function resolveProvider(
  plugin: SourceConnector,
  [method, auth]: readonly [string, OAuth2],
  deployment: Partial<OAuthClient> = {},
  own?: OAuthClient,
): Provider | undefined {
  const { clientId, clientSecret } = own ?? deployment
  if (clientId === undefined) return undefined
  const addresses = own?.tokenUrl === undefined ? deployment : own
  const { kind: _, revocationUrl, ...declared } = auth
  return {
    ...declared,
    name: plugin.name,
    title: plugin.title,
    method,
    authorizationUrl: own?.authorizationUrl ?? addresses.authorizationUrl ?? auth.authorizationUrl,
    tokenUrl: addresses.tokenUrl ?? auth.tokenUrl,
    // Tokens of another installation of the provider are none of the public one's business.
    revocationUrl: addresses.revocationUrl ?? (addresses.tokenUrl === undefined ? revocationUrl : undefined),
    clientId,
    clientSecret,
  }
}

/** A connector's own OAuth client, if it has one. */
export async function ownClient(
  { vault }: { readonly vault: Pick<CredentialVault, 'get'> },
  id: string,
): Promise<OAuthClient | undefined> {
  return ((await vault.get(id, 'oauthClient')) ?? undefined) as OAuthClient | undefined
}

/** What to do when {@link resolveProvider} finds no client. */
export function noClient({ name, title }: SourceConnector, redirectUri?: string): string {
  const variable = `CX_OAUTH_${settingName(name)}`
  const uri = redirectUri === undefined ? '' : ` with the redirect URI ${redirectUri}`
  return `There is no OAuth client for ${title}. Register one at the provider${uri}, then set ${variable}_CLIENT_ID and ${variable}_CLIENT_SECRET, or give the connector its own as "oauthClient".`
}
