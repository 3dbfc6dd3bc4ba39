import { retryAfterMs } from '@cx/core/http'
import { failureOfCode, OAuthFailure } from './failure.ts'

type Fields = Readonly<Record<string, unknown>>

/** A token answer is a few hundred bytes. */
const mostBytes = 1_000_000

/**
 * Makes the answer of a token endpoint one that the standard knows: errors that come with status 200 (GitHub, Slack),
 * forms instead of JSON, `token_type` of a vendor's own, lifetimes as strings. ID tokens are dropped: nobody here is
 * signed in by one.
 *
 * @throws OAuthFailure when it is an error.
 */
export async function standardAnswer(title: string, response: Response): Promise<Response> {
  const text = await boundedText(response)
  if (response.status === 429 || response.status >= 500)
    throw new OAuthFailure(
      'unavailable',
      `http_${response.status}`,
      `${title} answered ${response.status}. Try again later.`,
      {
        retryAfterMs: retryAfterMs(response.headers.get('retry-after'), Date.now()),
      },
    )
  const fields = parse(text, response.headers.get('content-type') ?? '')
  if (fields === undefined)
    throw new OAuthFailure(
      'unavailable',
      'not_json',
      `${title} answered ${response.status} with something that is no token answer. Check the token address.`,
    )
  const { code, description } = errorIn(fields)
  if (code !== undefined) throw failureOfCode(title, atTokenEndpoint(code, description), description)
  if (!response.ok)
    throw new OAuthFailure('rejected', `http_${response.status}`, `${title} answered ${response.status}.`)
  const { id_token: _, refresh_token, expires_in, scope, ...rest } = fields
  const lifetime = Number(expires_in)
  return Response.json({
    ...rest,
    token_type: 'bearer',
    ...(typeof refresh_token === 'string' && refresh_token !== '' && { refresh_token }),
    ...(expires_in !== null &&
      expires_in !== '' &&
      lifetime > 0 &&
      Number.isFinite(lifetime) && { expires_in: lifetime }),
    ...(typeof scope === 'string' && { scope }),
  })
}

/**
 * Reads the end of an answer that grants nothing, such as a revocation's. @throws OAuthFailure when it did not succeed,
 * also where a vendor says so with status 200.
 */
export async function expectDone(title: string, response: Response): Promise<void> {
  const text = await boundedText(response)
  const { code, description } = errorIn(parse(text, response.headers.get('content-type') ?? '') ?? {})
  if (code !== undefined) throw failureOfCode(title, code, description)
  if (!response.ok)
    throw new OAuthFailure('rejected', `http_${response.status}`, `${title} answered ${response.status}.`)
}

/**
 * Atlassian's words: `access_denied` for a wrong client secret, since no person is asked there, and
 * `unauthorized_client` for a refresh token that is over.
 * https://developer.atlassian.com/cloud/oauth/getting-started/refresh-tokens/
 */
function atTokenEndpoint(code: string, description = ''): string {
  if (code === 'access_denied') return 'invalid_client'
  return code === 'unauthorized_client' && /refresh.token/i.test(description) ? 'invalid_grant' : code
}

async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > mostBytes) break
  }
  return text
}

function parse(text: string, contentType: string): Fields | undefined {
  if (contentType.includes('application/x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(text))
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined
  } catch {
    return undefined
  }
}

function errorIn({ error, error_description, ok, object, code, message }: Fields): {
  code?: string
  description?: string
} {
  const description = typeof error_description === 'string' ? { description: error_description } : {}
  if (typeof error === 'string' && error !== '') return { code: error, ...description }
  if (typeof error === 'object' && error !== null) {
    const inner = error as Fields
    return {
      code: String(inner.status ?? inner.code ?? 'error'),
      ...(typeof inner.message === 'string' && { description: inner.message }),
    }
  }
  // https://developers.notion.com/reference/status-codes
  if (object === 'error' && typeof code === 'string')
    return { code, ...(typeof message === 'string' && { description: message }) }
  return ok === false ? { code: 'error', ...description } : {}
}
