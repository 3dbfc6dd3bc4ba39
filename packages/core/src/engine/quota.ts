/** What an answer says of the calls that may follow it. */
export interface Quota {
  /** Calls left. */
  readonly remaining: number
  /** Milliseconds until there are more. */
  readonly resetMs: number
}

/**
 * Reads the headers that many sources send, by the names they agree on: `X-RateLimit-Remaining` and `X-RateLimit-Reset`,
 * the latter as seconds from now, as epoch seconds or as a date. Undefined unless both are there and readable.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#checking-the-status-of-your-rate-limit
 * https://developer.atlassian.com/cloud/confluence/rate-limiting/
 */
export function quotaOf(headers: Headers, now: number): Quota | undefined {
  const remaining = headers.get('x-ratelimit-remaining')
  const reset = headers.get('x-ratelimit-reset')
  if (!remaining || !reset || !/^\d+$/.test(remaining.trim())) return undefined
  const resetMs = resetAfterMs(reset.trim(), now)
  return resetMs === undefined || resetMs <= 0 ? undefined : { remaining: Number(remaining), resetMs }
}

/** Epoch seconds are whole: the period may end up to a second after what they say. */
function resetAfterMs(reset: string, now: number): number | undefined {
  if (!/^\d+(\.\d+)?$/.test(reset)) {
    const date = Date.parse(reset)
    return Number.isNaN(date) ? undefined : date - now
  }
  const number = Number(reset)
  if (number > 1e12) return number - now
  return number > 1e9 ? (number + 1) * 1_000 - now : number * 1_000
}
