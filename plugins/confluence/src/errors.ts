import { ConnectorError, type ConnectorErrorCode, isConnectorError } from '@cx/core'
import { errorOf as plainErrorOf } from '@cx/core/http'

const vendor = 'Confluence'
const longestResetMs = 3_600_000

/** Marks a 401 that fresh credentials cannot mend; see {@link withScopes}. */
const scopeHeader = 'x-cx-missing-scope'

/** Granular scope, and the classic one that does as well. https://developer.atlassian.com/cloud/confluence/scopes-for-oauth-2-3LO-and-forge-apps/ */
const scopes: readonly (readonly [RegExp, string])[] = [
  [/\/api\/v2\/spaces\/[^/]+\/(permissions|role-assignments)|\/space-role-mode/, 'read:permission:confluence'],
  [/\/api\/v2\/spaces/, 'read:space:confluence'],
  [/\/attachments|\/child\/attachment/, 'read:attachment:confluence or readonly:content.attachment:confluence'],
  [/\/api\/v2\/pages/, 'read:page:confluence'],
  [/\/api\/v2\/blogposts/, 'read:blogpost:confluence'],
  [/\/api\/v2\/folders/, 'read:folder:confluence'],
  [/\/api\/v2\/whiteboards/, 'read:whiteboard:confluence'],
  [/\/api\/v2\/databases/, 'read:database:confluence'],
  [/\/api\/v2\/embeds/, 'read:embed:confluence'],
  [/\/api\/v2\/users-bulk/, 'read:user:confluence'],
  [/\/restriction/, 'read:confluence-content.permission (or read:content-details:confluence)'],
  [/\/rest\/api\/group/, 'read:confluence-groups (or read:group:confluence)'],
  [/\/rest\/api\/content\/search/, 'search:confluence and read:content-details:confluence'],
  [/\/rest\/api\/user/, 'read:content-details:confluence (or read:confluence-user)'],
]

function scopeOf(url: string): string {
  return scopes.find(([path]) => path.test(url))?.[1] ?? 'the scope of this call'
}

/**
 * Atlassian's gateway answers a missing scope with 401, as it answers a bad token. No refresh helps there, so it becomes
 * a 403 before anything reacts to it, and refresh tokens, which are good for one use, are spared.
 */
export function withScopes(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init)
    if (response.status !== 401) return response
    const text = await response.text().catch(() => '')
    const refused = /scope does not match/i.test(text)
    const headers = new Headers(response.headers)
    headers.delete('content-length')
    headers.delete('content-encoding')
    if (refused) headers.set(scopeHeader, scopeOf(String(input instanceof Request ? input.url : input)))
    return new Response(text, { status: refused ? 403 : 401, headers })
  }
}

/** What an answer means. The status stays with the error, for {@link statusOf}. */
export function errorOf(response: Response, body: unknown): ConnectorError {
  const plain = plainErrorOf(response, redactEcho(body), vendor)
  const wait = plain.retryAfterMs ?? (response.status === 429 ? resetMs(response.headers) : undefined)
  const make = (code: ConnectorErrorCode, message: string, remediation = plain.remediation): ConnectorError =>
    new ConnectorError(code, message, {
      cause: { status: response.status },
      ...(remediation === undefined ? {} : { remediation }),
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
    })
  const scope = response.headers.get(scopeHeader)
  if (scope !== null)
    return make(
      'forbidden',
      `Confluence refuses this call: the token lacks the scope ${scope}.`,
      `Add ${scope} to the app or token, and connect again.`,
    )
  switch (response.status) {
    case 401:
      return make(
        'unauthenticated',
        'Confluence does not accept these credentials.',
        'API tokens expire after a year at most, and OAuth grants after 90 days of rest: make a new one and reconnect.',
      )
    case 403:
      if (/AUTHENTICATION_DENIED/.test(response.headers.get('x-seraph-loginreason') ?? ''))
        return make(
          'unauthenticated',
          'Confluence asks this account for a CAPTCHA after failed logins.',
          'Log in once in a browser with this account, or use a personal access token.',
        )
      return make('forbidden', plain.message, 'Give this account the right to view it, and the product itself.')
    case 410:
      return make('misconfigured', `Confluence no longer has this call: ${plain.message}`, 'Update cx.')
    default:
      return make(plain.code, plain.message)
  }
}

/** Not every 429 says how long to wait. https://developer.atlassian.com/cloud/confluence/rate-limiting/ */
function resetMs(headers: Headers): number {
  const ms = Date.parse(headers.get('x-ratelimit-reset') ?? '') - Date.now()
  return ms > 0 ? Math.min(ms, longestResetMs) : 30_000
}

/** Only the sentences a body holds are passed on; some proxies repeat the request in it. */
function redactEcho(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body
  const { message, errors, data } = body as Record<string, unknown>
  return { message, errors, detail: (data as { errors?: unknown } | undefined)?.errors }
}

/** The HTTP status behind an error; undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return (error as { cause?: { status?: number } } | null)?.cause?.status
}

export const partCodes: readonly ConnectorErrorCode[] = ['forbidden', 'not_found', 'unprocessable']

/** Whether an error is about the part that was asked for, and not about the site or the way in. */
export function concernsPart(error: unknown): error is ConnectorError {
  return isConnectorError(error) && partCodes.includes(error.code)
}

/** Answers of overload and of a broken item: with fewer rows asked for, they may go away. */
export function isTooMuch(error: unknown): boolean {
  return (
    isConnectorError(error) &&
    error.code === 'unavailable' &&
    error.retryAfterMs === undefined &&
    (statusOf(error) ?? 0) >= 500
  )
}
