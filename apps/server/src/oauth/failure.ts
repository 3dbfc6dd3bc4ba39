import { ConnectorError } from '@cx/core'

/**
 * `grant`: the code or refresh token is of no use any more. `client`: the provider does not know this client, or not
 * like this. `denied`: the person said no. `unavailable`: later. `rejected`: anything else the provider says no to.
 */
export type OAuthFailureKind = 'grant' | 'client' | 'denied' | 'unavailable' | 'rejected'

/** What went wrong at the provider, as a sentence for people. */
export class OAuthFailure extends Error {
  override readonly name = 'OAuthFailure'
  readonly kind: OAuthFailureKind
  /** The provider's own code, such as `invalid_scope`. */
  readonly code: string
  readonly retryAfterMs: number | undefined

  constructor(
    kind: OAuthFailureKind,
    code: string,
    message: string,
    options: { readonly retryAfterMs?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.kind = kind
    this.code = code
    this.retryAfterMs = options.retryAfterMs
  }
}

interface Meaning {
  readonly kind: OAuthFailureKind
  readonly say: (title: string) => string
}

/** https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1 and section 5.2, and what vendors say instead. */
const meanings: Readonly<Record<string, Meaning>> = {
  access_denied: { kind: 'denied', say: (title) => `Access to ${title} was not granted. Nothing has changed.` },
  consent_required: { kind: 'denied', say: (title) => `${title} needs a person's consent. Begin again, and agree.` },
  invalid_grant: {
    kind: 'grant',
    say: (title) => `${title} does not accept the authorization: it was used, withdrawn or has expired.`,
  },
  invalid_client: {
    kind: 'client',
    say: (title) => `${title} does not accept this OAuth client: check its id and secret.`,
  },
  unauthorized_client: {
    kind: 'client',
    say: (title) => `${title} does not let this OAuth client in this way: check how it is registered there.`,
  },
  redirect_uri_mismatch: {
    kind: 'client',
    say: (title) => `The redirect URI is not registered for this OAuth client at ${title}: add it there.`,
  },
  invalid_scope: {
    kind: 'rejected',
    say: (title) => `${title} does not grant what is asked for: allow the scopes for this OAuth client there.`,
  },
  server_error: { kind: 'unavailable', say: (title) => `${title} has a problem of its own. Try again later.` },
  temporarily_unavailable: { kind: 'unavailable', say: (title) => `${title} is busy. Try again later.` },
}

/** Codes that vendors have for what the standard calls otherwise. */
const aliases: Readonly<Record<string, string>> = {
  // https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors
  bad_verification_code: 'invalid_grant',
  bad_refresh_token: 'invalid_grant',
  incorrect_client_credentials: 'invalid_client',
  // https://docs.slack.dev/reference/methods/oauth.v2.access
  invalid_code: 'invalid_grant',
  code_already_used: 'invalid_grant',
  invalid_refresh_token: 'invalid_grant',
  token_revoked: 'invalid_grant',
  token_expired: 'invalid_grant',
  invalid_client_id: 'invalid_client',
  bad_client_secret: 'invalid_client',
  bad_redirect_uri: 'redirect_uri_mismatch',
  ratelimited: 'temporarily_unavailable',
  // https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_flow_errors.htm
  inactive_user: 'invalid_grant',
  inactive_org: 'invalid_grant',
  invalid_client_credentials: 'invalid_client',
  rate_limit_exceeded: 'temporarily_unavailable',
  // https://developers.google.com/identity/protocols/oauth2/web-server#authorization-errors
  deleted_client: 'invalid_client',
}

/** Says what a provider's error code means, followed by the provider's own words. */
export function failureOfCode(title: string, code: string, description?: string): OAuthFailure {
  const meaning = meanings[aliases[code] ?? code]
  const words = clean(description)
  const said = meaning?.say(title) ?? `${title} answered "${clean(code)}".`
  return new OAuthFailure(meaning?.kind ?? 'rejected', clean(code), words === '' ? said : `${said} (It says: ${words})`)
}

/** Someone else's words in one of our sentences: one line, not long. */
function clean(text: string | undefined): string {
  return (text ?? '')
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, 300)
}

/** The same failure as the engine understands it. */
export function asConnectorError(failure: OAuthFailure): ConnectorError {
  const code =
    failure.kind === 'unavailable' ? 'unavailable' : failure.kind === 'grant' ? 'unauthenticated' : 'misconfigured'
  return new ConnectorError(code, failure.message, {
    ...(failure.retryAfterMs !== undefined && { retryAfterMs: failure.retryAfterMs }),
    cause: failure,
  })
}
