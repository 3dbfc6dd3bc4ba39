import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectorError } from '@cx/core'
import { retryAfterMs } from '@cx/core/http'

type Header = (name: string) => string | undefined

/** GitHub asks for at least a minute where it names no time. */
const fallbackMs = 60_000
/** Waits up to this long happen here; longer ones are the engine's, so that no worker sleeps for an hour. */
export const patienceMs = 5_000

/**
 * How long GitHub wants us to wait; undefined when the answer is no throttle.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
export function throttleMs(
  status: number,
  header: Header,
  body: unknown,
  now: number = Date.now(),
): number | undefined {
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? '')
  const graphql = status === 0 || status === 200 ? /"type":\s*"RATE_LIMITED"/.test(text) : false
  const after = retryAfterMs(header('retry-after'), now)
  const spent = header('x-ratelimit-remaining') === '0'
  const secondary = /secondary rate|abuse detection|rate limit exceeded/i.test(text)
  const throttled = status === 429 || graphql || (status === 403 && (after !== undefined || spent || secondary))
  if (!throttled) return undefined
  if (after !== undefined) return after
  const reset = Number(header('x-ratelimit-reset'))
  // A second more than said: the reset is given in whole seconds.
  if ((spent || graphql) && reset > 0) return Math.max(1_000, reset * 1000 - now + 1_000)
  return fallbackMs
}

export interface GateOptions {
  readonly fetch: typeof globalThis.fetch
  /** Percent of the limit that is left to others. */
  readonly reserve: number
  /** Collects what was sent as credentials, so that no error repeats it. */
  readonly secrets: Set<string>
}

/**
 * A `fetch` that keeps still while GitHub asks for quiet: one throttled answer holds back every call of this session,
 * not only the one that was told. Short waits happen here, longer ones are thrown as `rate_limited`.
 */
export function createGate({ fetch, reserve, secrets }: GateOptions): typeof globalThis.fetch {
  const quietUntil = new Map<string, number>()
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : String(input))
    const bucket = url.pathname.endsWith('/graphql') ? 'graphql' : 'rest'
    const wait = Math.max(quietUntil.get(bucket) ?? 0, quietUntil.get('all') ?? 0) - Date.now()
    if (wait > patienceMs)
      throw new ConnectorError('rate_limited', 'GitHub asked for a pause before the next call.', { retryAfterMs: wait })
    if (wait > 0) await sleep(wait, undefined, init?.signal ? { signal: init.signal } : {})
    const sent = new Headers(init?.headers).get('authorization')?.split(' ')[1]
    if (sent) secrets.add(sent)
    const response = await fetch(input, init)
    const header: Header = (name) => response.headers.get(name) ?? undefined
    const hold = (key: string, ms: number) => quietUntil.set(key, Math.max(quietUntil.get(key) ?? 0, Date.now() + ms))
    if (response.status === 403 || response.status === 429) {
      const text = await response.clone().text()
      const pause = throttleMs(response.status, header, text)
      // Primary limits are per bucket; a secondary one concerns REST and GraphQL together.
      if (pause !== undefined) hold(header('x-ratelimit-remaining') === '0' ? bucket : 'all', pause)
    } else if (reserve > 0) {
      const limit = Number(header('x-ratelimit-limit'))
      const remaining = Number(header('x-ratelimit-remaining') ?? Number.NaN)
      const reset = Number(header('x-ratelimit-reset')) * 1000
      if (remaining < (limit * reserve) / 100 && reset > Date.now()) hold(bucket, reset - Date.now() + 1_000)
    }
    return response
  }
}
