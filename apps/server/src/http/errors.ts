/** Every error code there is, with its HTTP status. */
export const statusOf = {
  invalid_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  payload_too_large: 413,
  unsupported_operation: 422,
  rate_limit_exceeded: 429,
  internal_error: 500,
  unavailable: 503,
} as const

export type ErrorCode = keyof typeof statusOf

/** One thing wrong with a request; `path` is a JSON pointer into the body, or names the parameter. */
export interface Detail {
  readonly path: string
  readonly message: string
}

/** Thrown anywhere in a handler; becomes the failure envelope. The message is shown to people: say what to do. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ErrorCode
  readonly details: unknown
  /** Seconds, for `rate_limit_exceeded` and `unavailable`. */
  readonly retryAfter: number | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly details?: unknown; readonly retryAfter?: number } = {},
  ) {
    super(message)
    this.code = code
    this.details = options.details
    this.retryAfter = options.retryAfter
  }
}

/** 400 with every failure at once. */
export function invalid(details: readonly Detail[]): ApiError {
  const first = details[0]
  const where = first?.path ? `${first.path} ${first.message}` : (first?.message ?? 'it is not valid')
  const more = details.length > 1 ? `, and ${details.length - 1} more (see details)` : ''
  return new ApiError('invalid_request', `The request is not valid: ${where}${more}.`, { details })
}

/** 404; the same whether it does not exist or the key may not see it. */
export function notFound(what: string, id: string): ApiError {
  return new ApiError('not_found', `There is no ${what} ${JSON.stringify(id.slice(0, 100))} that this key can see.`)
}

/** 409 with a reason that programs can act on. */
export function conflict(reason: string, message: string, details: Readonly<Record<string, unknown>> = {}): ApiError {
  return new ApiError('conflict', message, { details: { reason, ...details } })
}

/** 500; the log has the rest. */
export function internalError(requestId: string): ApiError {
  return new ApiError('internal_error', `Something went wrong inside the server. Look for ${requestId} in its log.`)
}

/** The failure envelope. */
export function errorEnvelope({ code, message, details, retryAfter }: ApiError, requestId: string): object {
  return {
    error: {
      code,
      message,
      ...(details !== undefined && { details }),
      ...(retryAfter !== undefined && { retryAfter }),
    },
    meta: { requestId },
  }
}

/**
 * What a handler threw, as an answer. Two requests at once can make what one of them has just looked at vanish or be
 * there already: the store says so in errors of its own. Undefined for a fault.
 */
export function asAnswer(error: unknown): ApiError | undefined {
  if (error instanceof ApiError) return error
  const { name, code, message } = error as {
    readonly name?: unknown
    readonly code?: unknown
    readonly message: string
  }
  if (name !== 'StoreError') return undefined
  if (code === 'not_found') return new ApiError('not_found', message)
  if (code === 'conflict') return conflict('changed_meanwhile', message)
  // This process is about to end.
  if (code === 'closed')
    return new ApiError('unavailable', 'The server is stopping. Try again in a moment.', { retryAfter: 2 })
  return undefined
}
