import { ConnectorError } from '../contract/errors.ts'
import { retryAfterMs } from '../http/retry-after.ts'
import type { RateLimit } from './limiter.ts'
import type { Clock } from './ports.ts'
import { type Quota, quotaOf } from './quota.ts'

export interface FetchOptions {
  /** The host's own: egress rules, DNS pinning, tracing. */
  readonly fetch: typeof globalThis.fetch
  readonly limiter: Pick<RateLimit, 'of'>
  readonly clock: Clock
  /** The run's; joined with each call's own. */
  readonly signal: AbortSignal
  /** Tries of one call in all. */
  readonly attempts?: number
  /** A longer `Retry-After` is handed to the connector, whose `rate_limited` the engine understands. */
  readonly longestWaitMs?: number
}

const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

/**
 * The `fetch` a connector gets. Every call takes its turn at the credential's limiter. What the source refuses for its rate
 * (429, or 403 with the time) or for a while (503 with `Retry-After`) holds back all calls of that kind, and is sent again
 * after its time; idempotent calls are also repeated after a network error or a 502, 503 or 504. What still fails after
 * that is the connector's to map.
 *
 * @throws ConnectorError `rate_limited` when the source wants more quiet than anyone should sleep here.
 */
export function createFetch({
  fetch,
  limiter,
  clock,
  signal,
  attempts = 4,
  longestWaitMs = 120_000,
}: FetchOptions): typeof globalThis.fetch {
  return async (input, init) => {
    const own = init?.signal ?? (input instanceof Request ? input.signal : undefined)
    const both = own ? AbortSignal.any([signal, own]) : signal
    const method = (init?.method ?? (input instanceof Request ? input.method : 'GET')).toUpperCase()
    const body = init?.body ?? (input instanceof Request ? input.body : undefined)
    const replayable =
      !(body instanceof ReadableStream) && !(body && typeof body === 'object' && Symbol.asyncIterator in body)
    const allowance = limiter.of(new URL(input instanceof Request ? input.url : input))
    let refused = false
    for (let attempt = 1; ; attempt++) {
      const turn = await allowance.turn(both, { again: refused, longestHoldMs: longestWaitMs })
      const last = attempt >= attempts || !replayable
      let response: Response
      try {
        response = await fetch(input instanceof Request ? input.clone() : input, { ...init, signal: both })
      } catch (error) {
        turn.lost()
        if (!both.aborted && isRefused(error))
          throw new ConnectorError('misconfigured', (error as Error).message, { cause: error })
        if (both.aborted || last || !idempotent.has(method)) throw error
        await clock.sleep(backoff(attempt), both)
        continue
      }
      const answer = read(response, clock.now())
      refused = answer.kind === 'refused'
      if (answer.kind === 'refused') turn.refused(answer.waitMs)
      else if (answer.kind === 'taken') turn.taken(answer.quota)
      else {
        turn.lost()
        if (answer.waitMs !== undefined) allowance.hold(answer.waitMs)
      }
      const again = refused || (answer.kind === 'failed' && (answer.waitMs !== undefined || idempotent.has(method)))
      const waitMs = answer.kind === 'taken' ? undefined : answer.waitMs
      if (!again || last || (waitMs ?? 0) > longestWaitMs) return response
      await response.body?.cancel().catch(() => {})
      if (answer.kind === 'failed' && waitMs === undefined) await clock.sleep(backoff(attempt), both)
    }
  }
}

type Answer =
  | { readonly kind: 'taken'; readonly quota: Quota | undefined }
  | { readonly kind: 'refused' | 'failed'; readonly waitMs: number | undefined }

/** What an answer means for the calls after it. */
function read({ status, headers }: Response, now: number): Answer {
  const quota = quotaOf(headers, now)
  const after = retryAfterMs(headers.get('retry-after'), now)
  const spent = quota?.remaining === 0 ? quota.resetMs : undefined
  if (status === 429) return { kind: 'refused', waitMs: after ?? spent }
  if (status === 403 && (after ?? spent) !== undefined) return { kind: 'refused', waitMs: after ?? spent }
  if (status === 502 || status === 503 || status === 504)
    return { kind: 'failed', waitMs: status === 503 ? after : undefined }
  return { kind: 'taken', quota }
}

/** Half a second, doubling up to a hundredfold, with jitter so that parallel calls do not return together. */
export function backoff(attempt: number, baseMs = 500): number {
  return baseMs * Math.min(2 ** (attempt - 1), 100) * (0.5 + Math.random() / 2)
}

/** By the host's own rules, which will say the same the next time: no connector need know of them. */
function isRefused(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'egress_denied'
}
