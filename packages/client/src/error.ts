import type { ErrorCode } from './generated/api.ts'

/** Codes of the API, and what can go wrong on the way: no answer, none in time, or one that is not cx's. */
export type CxErrorCode = ErrorCode | 'network' | 'timeout' | 'unexpected_answer'

export interface CxErrorOptions {
  readonly status?: number | undefined
  readonly details?: unknown
  readonly requestId?: string | undefined
  readonly retryAfter?: number | undefined
  readonly cause?: unknown
}

/** Thrown by every call that fails. An abort by the caller's own signal throws that signal's reason instead. */
export class CxError extends Error {
  override readonly name = 'CxError'
  readonly code: CxErrorCode
  /** HTTP status; undefined when there was no answer. */
  readonly status: number | undefined
  /** For `invalid_request` a list of `{ path, message }`; for `conflict` an object with a `reason`. */
  readonly details: unknown
  /** Names the request in the server's log. */
  readonly requestId: string | undefined
  /** Seconds to wait before trying again, when the server says so. */
  readonly retryAfter: number | undefined

  constructor(
    code: CxErrorCode,
    message: string,
    { status, details, requestId, retryAfter, cause }: CxErrorOptions = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.status = status
    this.details = details
    this.requestId = requestId
    this.retryAfter = retryAfter
  }

  /** What a conflict is about, such as `connector_paused`. */
  get reason(): string | undefined {
    const reason = (this.details as { readonly reason?: unknown } | null | undefined)?.reason
    return typeof reason === 'string' ? reason : undefined
  }
}

/** Whether an error is one of this client's; also across copies of the package. */
export function isCxError(error: unknown): error is CxError {
  return error instanceof Error && error.name === 'CxError'
}
