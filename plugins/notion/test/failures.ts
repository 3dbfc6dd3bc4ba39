/** An error as Notion words it. */
export function failure(status: number, code: string, message: string, headers: Record<string, string> = {}): Response {
  return Response.json({ object: 'error', status, code, message, request_id: 'r-1' }, { status, headers })
}

export function tooMany(seconds: number): Response {
  return failure(429, 'rate_limited', 'You have been rate limited. Please try again in a few minutes.', {
    'retry-after': String(seconds),
  })
}

export function notFound(kind: string, id: string): Response {
  return failure(
    404,
    'object_not_found',
    `Could not find ${kind} with ID: ${id}. Make sure the relevant pages and databases are shared with your integration.`,
  )
}

export function invalid(message: string): Response {
  return failure(400, 'validation_error', message)
}
