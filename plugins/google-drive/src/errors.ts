import { ConnectorError, type ConnectorErrorCode, isConnectorError } from '@cx/core'
import { errorOf as plainError, retryAfterMs } from '@cx/core/http'

interface GoogleError {
  readonly error?: {
    readonly message?: string
    readonly status?: string
    readonly errors?: readonly { readonly reason?: string; readonly location?: string }[]
    readonly details?: readonly { readonly reason?: string }[]
  }
}

/** Google's own words for what went wrong, beside the error that the engine acts on. */
interface Facts {
  readonly status: number
  readonly reason: string
  readonly location: string
}
const facts = new WeakMap<object, Facts>()
const concernsAll = new WeakSet<object>()

const throttles = new Set([
  'rateLimitExceeded',
  'userRateLimitExceeded',
  'dailyLimitExceeded',
  'quotaExceeded',
  'RATE_LIMIT_EXCEEDED',
  'RESOURCE_EXHAUSTED',
])
const scopes = new Set(['insufficientPermissions', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT', 'insufficientScopes'])
const disabled = new Set(['accessNotConfigured', 'SERVICE_DISABLED'])

const sentences: Readonly<Record<string, readonly [ConnectorErrorCode, string]>> = {
  insufficientFilePermissions: ['forbidden', 'The account may not do this with the file.'],
  appNotAuthorizedToFile: ['forbidden', 'The app was not given this file; drive.file sees only what was picked.'],
  domainPolicy: ['forbidden', "A policy of the file's domain keeps apps out."],
  cannotDownloadFile: ['unprocessable', 'Downloading this file is turned off.'],
  fileNotDownloadable: ['unprocessable', 'This kind of file cannot be downloaded.'],
  cannotDownloadAbusiveFile: [
    'unprocessable',
    'Google takes this file for malware or spam. Set acknowledgeAbuse to download it all the same.',
  ],
  downloadQuotaExceeded: ['unprocessable', 'This file was downloaded too often today.'],
  exportSizeLimitExceeded: ['unprocessable', 'The document is too large to be exported.'],
  badRequest: ['misconfigured', ''],
}

/** What an answer of Google means. https://developers.google.com/workspace/drive/api/guides/handle-errors */
export function driveError(response: Response, body: unknown): ConnectorError {
  const said = typeof body === 'object' && body !== null ? (body as GoogleError).error : undefined
  const detail = typeof said === 'object' ? said : undefined
  const first = detail?.errors?.[0]
  const reasons = [first?.reason, ...(detail?.details ?? []).map((one) => one.reason), detail?.status].filter(
    (reason): reason is string => typeof reason === 'string',
  )
  const error = meaning(response, body, reasons, clean(detail?.message))
  facts.set(error, { status: response.status, reason: reasons[0] ?? '', location: first?.location ?? '' })
  return error
}

function meaning(response: Response, body: unknown, reasons: readonly string[], words: string): ConnectorError {
  const { status } = response
  const wait = retryAfterMs(response.headers.get('retry-after'))
  if (reasons[0]?.startsWith('push.'))
    return new ConnectorError('misconfigured', `Google does not send notifications to this address: ${words}`, {
      remediation:
        'It must be reachable over https with a valid certificate, at a domain verified for the Google Cloud project.',
    })
  if (status === 401)
    return new ConnectorError(
      'unauthenticated',
      `Google refused the access token: ${words || 'it has expired or was revoked.'}`,
      {
        remediation: 'Reconnect the Google account.',
      },
    )
  if (status === 429 || (status === 403 && reasons.some((reason) => throttles.has(reason))))
    return new ConnectorError(
      'rate_limited',
      `Google Drive's quota is used up: ${words || 'too many requests.'}`,
      wait === undefined ? {} : { retryAfterMs: wait },
    )
  if (status === 403 && reasons.some((reason) => scopes.has(reason))) {
    const error = new ConnectorError('forbidden', `Google did not grant a scope that is needed: ${words}`, {
      remediation:
        'Reconnect and leave "See and download all your Google Drive files" ticked (drive.readonly); for a service account, grant the scopes in the admin console.',
    })
    concernsAll.add(error)
    return error
  }
  if (status === 403 && reasons.some((reason) => disabled.has(reason)))
    return new ConnectorError('misconfigured', `The API is not enabled in the Google Cloud project: ${words}`, {
      remediation: 'Enable the Google Drive API in the project that the credentials belong to, and wait a few minutes.',
    })
  const known = reasons.map((reason) => sentences[reason]).find((one) => one !== undefined)
  if (known && (status === 403 || status === 400))
    return new ConnectorError(known[0], [known[1], words].filter(Boolean).join(' '))
  if (status === 404)
    return new ConnectorError('not_found', words || 'Google Drive has no such file, or this account may not see it.')
  return plainError(response, body, 'Google Drive')
}

function clean(text: unknown): string {
  return typeof text === 'string' ? text.replace(/\s+/g, ' ').trim().slice(0, 300) : ''
}

export function reasonOf(error: unknown): string {
  return typeof error === 'object' && error !== null ? (facts.get(error)?.reason ?? '') : ''
}

/** Whether Google takes the request itself for wrong: while reading, that concerns this one file. */
export function isBadRequest(error: unknown): boolean {
  return typeof error === 'object' && error !== null && facts.get(error)?.status === 400
}

/** A page token that Google does not take, or takes no more: paging starts over. */
export function isBadToken(error: unknown): boolean {
  if (!isConnectorError(error)) return false
  const { status = 0, reason = '', location = '' } = facts.get(error) ?? {}
  return (
    status === 410 ||
    (status === 400 &&
      (location === 'pageToken' ||
        reason === 'invalid' ||
        reason === 'invalidPageToken' ||
        /page ?token/i.test(error.message)))
  )
}

/** Whether only this part of Drive is concerned, so that the rest can go on. */
export function concernsPart(error: unknown): boolean {
  return (
    isConnectorError(error) && (error.code === 'forbidden' || error.code === 'not_found') && !concernsAll.has(error)
  )
}

export function isNotFound(error: unknown): boolean {
  return isConnectorError(error) && error.code === 'not_found'
}
