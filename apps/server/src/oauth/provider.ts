import type { OAuth2, OwnHost, SourceConnector } from '@cx/core'
import type { CredentialVault } from '@cx/store'
import { OAuthFailure } from './failure.ts'

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
export interface Provider extends Omit<OAuth2, 'kind' | 'revocationUrl' | 'ownHost'> {
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

/** Whose client is used, and for which connector. */
export interface ResolveOptions {
  /** The deployment's client for the connector type. */
  readonly deployment?: Partial<OAuthClient> | undefined
  /** The connector's own. */
  readonly own?: OAuthClient | undefined
  /** The connector's configuration, for vendors whose customers have sign-in hosts of their own. */
  readonly config?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Puts together what is needed to talk to a provider; undefined when no client is configured. A connector's own client
 * comes before the deployment's, whole: the secret of one never goes to an address of the other.
 *
 * @throws OAuthFailure when the configuration names a host that no secret must be sent to.
 */
export function resolveProvider(
  plugin: SourceConnector,
  [method, auth]: readonly [string, OAuth2],
  { deployment = {}, own, config = {} }: ResolveOptions,
): Provider | undefined {
  const { clientId, clientSecret } = own ?? deployment
  if (clientId === undefined) return undefined
  const addresses = own?.tokenUrl === undefined ? deployment : own
  const { kind: _, ownHost, ...declared } = auth
  const origin = ownHost && addresses.tokenUrl === undefined ? originOf(plugin, ownHost, config) : undefined
  const at = (address: string) => (origin === undefined ? address : moved(address, origin))
  const revocationUrl = auth.revocationUrl === undefined ? undefined : at(auth.revocationUrl)
  return {
    ...declared,
    name: plugin.name,
    title: plugin.title,
    method,
    authorizationUrl: own?.authorizationUrl ?? addresses.authorizationUrl ?? at(auth.authorizationUrl),
    tokenUrl: addresses.tokenUrl ?? at(auth.tokenUrl),
    // Tokens of another installation of the provider are none of the public one's business.
    revocationUrl: addresses.revocationUrl ?? (addresses.tokenUrl === undefined ? revocationUrl : undefined),
    clientId,
    clientSecret,
  }
}

/** The sign-in host that a configuration names, if it names one. */
function originOf(
  { name, title }: SourceConnector,
  { fields, hosts }: OwnHost,
  config: Readonly<Record<string, unknown>>,
): string | undefined {
  const field = fields.find((one) => typeof config[one] === 'string' && config[one] !== '')
  if (field === undefined) return undefined
  const address = String(config[field])
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol === 'https:' && hosts.some((pattern) => matches(url.hostname, pattern))) return url.origin
  throw new OAuthFailure(
    'client',
    'foreign_host',
    `\`${field}\` is no https address of ${hosts.join(', ')}, so that nobody is sent there to sign in to ${title}, and no secret. Correct it, or give "authorizationUrl" and "tokenUrl" in an "oauthClient" of the connector's own or as CX_OAUTH_${settingName(name)}_AUTHORIZATION_URL and _TOKEN_URL.`,
  )
}

function matches(host: string, pattern: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern
}

function moved(address: string, origin: string): string {
  const { pathname, search } = new URL(address)
  return `${origin}${pathname}${search}`
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
