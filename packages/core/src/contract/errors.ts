/** What the engine does about an error. */
export type ConnectorErrorCode =
  /** Stop, ask the user to reconnect. */
  | 'unauthenticated'
  /** This part is not readable: report it, delete nothing under it. */
  | 'forbidden'
  /** Fail the run and show the message. */
  | 'misconfigured'
  /** The entry is gone. */
  | 'not_found'
  /** Wait `retryAfterMs`, same call again. */
  | 'rate_limited'
  /** Back off, retry. */
  | 'unavailable'
  /** Forget the cursor, list again. */
  | 'cursor_expired'
  /** This entry only: record it, go on. */
  | 'unprocessable'

const codes: ReadonlySet<string> = new Set<ConnectorErrorCode>([
  'unauthenticated',
  'forbidden',
  'misconfigured',
  'not_found',
  'rate_limited',
  'unavailable',
  'cursor_expired',
  'unprocessable',
])

export interface ConnectorErrorOptions {
  /** How long the source asks us to wait, in milliseconds. */
  readonly retryAfterMs?: number
  /** What the person can do about it, when the message does not say. */
  readonly remediation?: string
  readonly cause?: unknown
}

/**
 * The one error a connector throws. The message is shown to people: say what is wrong, where, and what to do.
 * Anything else that is thrown counts as `unavailable` while listing and as `unprocessable` while reading.
 */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError'
  readonly code: ConnectorErrorCode
  readonly retryAfterMs: number | undefined
  readonly remediation: string | undefined

  constructor(code: ConnectorErrorCode, message: string, options: ConnectorErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retryAfterMs = options.retryAfterMs
    this.remediation = options.remediation
  }
}

/** Whether this is a connector's error, by name and code: errors cross threads and package copies, so never `instanceof`. */
export function isConnectorError(error: unknown): error is ConnectorError {
  const candidate = error as { name?: unknown; code?: unknown } | null
  return typeof candidate === 'object' && candidate?.name === 'ConnectorError' && codes.has(String(candidate.code))
}
