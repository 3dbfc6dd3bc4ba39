import { type ConnectorErrorCode, isConnectorError } from '../contract/errors.ts'
import type { Redactor } from './redact.ts'

/** An error as it is stored and shown: no stack, no secret. */
export interface Failure {
  readonly code: ConnectorErrorCode
  readonly message: string
  readonly retryAfterMs?: number
}

/** What an error from a connector means. Errors that are not {@link isConnectorError} get `fallback`. */
export function failureOf(error: unknown, fallback: ConnectorErrorCode, redactor: Redactor): Failure {
  if (isConnectorError(error)) {
    const message = error.remediation ? `${error.message} ${error.remediation}` : error.message
    return {
      code: error.code,
      message: redactor.text(message),
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    }
  }
  // The host's rules will say the same the next time.
  const refused = (error as { code?: unknown } | null)?.code === 'egress_denied'
  return { code: refused ? 'misconfigured' : fallback, message: redactor.text(describe(error)) }
}

/** One line about any thrown value, with its causes: fetch hides what happened in `cause`. */
export function describe(error: unknown): string {
  const parts: string[] = []
  for (let current: unknown = error, depth = 0; current && depth < 4; depth++) {
    if (!(current instanceof Error)) {
      parts.push(String((current as { message?: unknown }).message ?? current))
      break
    }
    if (current.message && !parts.includes(current.message)) parts.push(current.message)
    current = current.cause
  }
  return parts.join(': ').slice(0, 2_000) || 'Unknown error'
}
