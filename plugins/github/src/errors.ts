import { ConnectorError, isConnectorError } from '@cx/core'
import { throttleMs } from './throttle.ts'

interface RequestFailure {
  readonly status?: number
  readonly message: string
  readonly cause?: unknown
  readonly response?: { readonly headers?: Record<string, string | number | undefined>; readonly data?: unknown }
}

/** https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/ */
const tokens = /\b(?:gh[a-z]_\w+|github_pat_\w+|eyJ[\w-]+\.[\w-]+\.[\w-]+)/g

function withoutSecrets(text: string, secrets: Iterable<string>): string {
  let clean = text
  for (const secret of secrets) clean = clean.replaceAll(secret, '[secret]')
  return clean.replace(tokens, '[secret]').slice(0, 300)
}

/** GitHub's own sentence, without the documentation link that Octokit appends. */
function said(failure: RequestFailure): string {
  const data = failure.response?.data as { message?: unknown; errors?: readonly { message?: unknown }[] } | undefined
  const message = data?.message ?? data?.errors?.[0]?.message ?? failure.message
  return String(message).replace(/\s+/g, ' ').replace(/\.$/, '')
}

/**
 * What a failed call means. `what` names what was asked for, in the words of a person: "repository acme/docs".
 * Servers and proxies repeat what they were sent: `secrets` are cut out of their words.
 * https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
 */
export function toConnectorError(thrown: unknown, what: string, secrets: Iterable<string> = []): ConnectorError {
  // Octokit wraps whatever `fetch` throws; the host's own error stands in `cause`.
  for (let error = thrown, depth = 0; error && depth < 4; error = (error as { cause?: unknown }).cause, depth++)
    if (isConnectorError(error)) return error
  const failure = thrown as RequestFailure
  const words = withoutSecrets(said(failure), secrets)
  const header = (name: string) => {
    const value = failure.response?.headers?.[name]
    return value === undefined ? undefined : String(value)
  }
  const text = `GitHub answered ${failure.status ?? 'an error'} for ${what}: ${words}.`
  const wait = throttleMs(failure.status ?? 0, header, failure.response?.data)
  if (wait !== undefined)
    return new ConnectorError('rate_limited', `GitHub's rate limit is reached (${what}): ${words}.`, {
      retryAfterMs: wait,
    })
  switch (failure.status) {
    case 401:
      return new ConnectorError('unauthenticated', text, {
        remediation: 'The token is wrong, expired or revoked. Reconnect with a valid one.',
      })
    case 403:
      return forbidden(text, header)
    case 404:
      return new ConnectorError('not_found', `GitHub knows no ${what}, or these credentials may not see it.`, {
        remediation:
          'Check the spelling, and that the token or app has access: GitHub hides private things as "not found".',
      })
    case 410:
      return new ConnectorError('not_found', text)
    case 400:
    case 422:
      return new ConnectorError('misconfigured', text)
    case 451:
      return new ConnectorError('forbidden', `GitHub blocks ${what} for legal reasons: ${words}.`)
    default:
      // Octokit's own error holds the request with its headers: only the status goes on.
      return new ConnectorError('unavailable', text, {
        cause: Object.assign(new Error(words), { status: failure.status }),
      })
  }
}

function forbidden(text: string, header: (name: string) => string | undefined): ConnectorError {
  const sso = /url=(\S+)/.exec(header('x-github-sso') ?? '')?.[1]
  if (sso)
    return new ConnectorError('forbidden', text, {
      remediation: `The organization asks for single sign-on: authorise the token at ${sso}.`,
    })
  const needed = header('x-accepted-github-permissions') ?? header('x-accepted-oauth-scopes')
  return new ConnectorError('forbidden', text, {
    remediation: needed
      ? `The credentials need: ${needed}.`
      : 'Give the token or app read access to contents and metadata of this repository.',
  })
}

/** Whether only this part of the source is concerned, so that the rest can go on. */
export function concernsPart(error: unknown): boolean {
  return isConnectorError(error) && ['forbidden', 'not_found', 'misconfigured', 'unprocessable'].includes(error.code)
}

/** Whether GitHub said "not found" or "gone". */
export function isNotFound(error: unknown): boolean {
  return isConnectorError(error) && error.code === 'not_found'
}

/** Whether another way to the same thing is worth trying: not while GitHub asks for quiet or refuses the credentials. */
export function hasDetour(error: unknown): boolean {
  return isConnectorError(error) && error.code !== 'rate_limited' && error.code !== 'unauthenticated'
}
