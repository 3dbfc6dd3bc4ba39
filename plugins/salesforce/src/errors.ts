import { ConnectorError, type ConnectorErrorCode } from '@cx/core'
import { errorOf as plainError } from '@cx/core/http'

const codes = new WeakMap<object, string>()

/** Salesforce's own code of an error, such as `INVALID_FIELD`; empty when there is none. */
export function salesforceCode(error: unknown): string {
  return (typeof error === 'object' && error !== null && codes.get(error)) || ''
}

/** An answer that the address, so the query, is too long. */
export function isTooLong(error: unknown): boolean {
  return ['HTTP_414', 'HTTP_431'].includes(salesforceCode(error))
}

/** An answer that the query asks for too much at once. */
export function isTooMuch(error: unknown): boolean {
  return ['QUERY_TIMEOUT', 'OPERATION_TOO_LARGE', 'REQUEST_RUNNING_TOO_LONG'].includes(salesforceCode(error))
}

const hour = 3_600_000

type Meaning = readonly [ConnectorErrorCode, remediation?: string, retryAfterMs?: number]

const edition = 'Ask Salesforce for API access: the edition must be Enterprise, Unlimited, Performance or Developer.'
const reading = 'Give the integration user read access to the object and its fields (permission set), then sync again.'

/** https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm */
const meanings: Readonly<Record<string, Meaning>> = {
  INVALID_SESSION_ID: ['unauthenticated', 'Reconnect Salesforce.'],
  INVALID_AUTH_HEADER: ['unauthenticated', 'Reconnect Salesforce.'],
  INVALID_OPERATION_WITH_EXPIRED_PASSWORD: [
    'unauthenticated',
    'Set a new password for the integration user, or let it never expire.',
  ],
  API_DISABLED_FOR_ORG: ['forbidden', edition],
  API_CURRENTLY_DISABLED: ['forbidden', edition],
  INSUFFICIENT_ACCESS: ['forbidden', reading],
  INSUFFICIENT_ACCESS_OR_READONLY: ['forbidden', reading],
  FUNCTIONALITY_NOT_ENABLED: ['forbidden', 'Turn the feature on in Salesforce Setup, or leave it out here.'],
  INVALID_TYPE: ['forbidden', `The object is missing or hidden. ${reading}`],
  INVALID_FIELD: ['misconfigured', 'A field is missing or hidden from the integration user.'],
  MALFORMED_QUERY: ['misconfigured', 'Check soqlFilter and filters.'],
  INVALID_QUERY_FILTER_OPERATOR: ['misconfigured', 'Check soqlFilter and filters.'],
  INVALID_QUERY_LOCATOR: ['unavailable'],
  QUERY_TIMEOUT: ['unavailable'],
  REQUEST_RUNNING_TOO_LONG: ['unavailable'],
  OPERATION_TOO_LARGE: ['unavailable'],
  EXCEEDED_ID_LIMIT: ['unavailable'],
  NOT_FOUND: ['not_found'],
  ENTITY_IS_DELETED: ['not_found'],
  SERVER_UNAVAILABLE: ['unavailable'],
  UNABLE_TO_LOCK_ROW: ['unavailable'],
  UNKNOWN_EXCEPTION: ['unavailable'],
}

/** What a refusal of the REST and Bulk APIs means: `[{ message, errorCode }]`. */
export function salesforceError(response: Response, body: unknown): ConnectorError | undefined {
  const first = (Array.isArray(body) ? body[0] : body) as { message?: unknown; errorCode?: unknown } | undefined
  const code = typeof first?.errorCode === 'string' ? first.errorCode : ''
  const words = clean(typeof first?.message === 'string' ? first.message : '')
  const error = meaning(code, words) ?? plainMeaning(response, body)
  codes.set(error, code || `HTTP_${response.status}`)
  return error
}

function meaning(code: string, words: string): ConnectorError | undefined {
  if (code === 'REQUEST_LIMIT_EXCEEDED') {
    const daily = !/concurrent/i.test(words)
    return new ConnectorError('rate_limited', `Salesforce refuses more calls: ${words || code}`, {
      retryAfterMs: daily ? hour : 45_000,
      remediation: daily ? 'Wait, or ask Salesforce for a higher daily limit of API requests.' : '',
    })
  }
  const known = meanings[code]
  if (!known) return undefined
  const [kind, remediation] = known
  return new ConnectorError(
    kind,
    `Salesforce says ${code}: ${words || 'no further words'}`,
    remediation ? { remediation } : {},
  )
}

function plainMeaning(response: Response, body: unknown): ConnectorError {
  if (response.status === 414 || response.status === 431)
    return new ConnectorError(
      'unavailable',
      `Salesforce answered ${response.status}: the query is too long for an address.`,
    )
  if (response.status === 420) return new ConnectorError('unavailable', 'Salesforce answered 420: it is busy.')
  return plainError(response, body, 'Salesforce')
}

/** A refusal of the token endpoint. https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_flow_errors.htm */
export function tokenError(status: number, body: unknown, host: string): ConnectorError {
  const { error, error_description: description } = (body ?? {}) as { error?: unknown; error_description?: unknown }
  const words = clean([error, description].filter((one) => typeof one === 'string').join(': '))
  if (status === 429 || status >= 500)
    return new ConnectorError('unavailable', `The login host ${host} answered ${status}.`)
  return new ConnectorError('unauthenticated', `Salesforce refused to sign in at ${host}: ${words || status}.`, {
    remediation: /hasn't approved/i.test(words)
      ? 'Pre-authorise the app for this user: External Client App → Policies → Admin approved users, and a permission set.'
      : /no client credentials user/i.test(words)
        ? 'Choose a run-as user in the client credentials flow of the External Client App.'
        : 'Check the consumer key, the key pair or secret, the user name and the login host (sandbox: test.salesforce.com).',
  })
}

/** A visible sentence never holds more than a line, and no token that a proxy may have repeated. */
function clean(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/00D[A-Za-z0-9]{12,15}![\w.]+/g, '…')
    .trim()
    .slice(0, 300)
}

/** Errors that concern one object, not the run. */
export function concernsPart(error: unknown): boolean {
  const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown }
  if (name !== 'ConnectorError') return false
  return code === 'forbidden' || code === 'not_found' || code === 'misconfigured'
}
