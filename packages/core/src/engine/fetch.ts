import { ConnectorError } from '../contract/errors.ts'
import { retryAfterMs } from '../http/retry-after.ts'
import type { Limiter } from './limiter.ts'
import type { Clock } from './ports.ts'

export interface FetchOptions {
  /** The host's own: egress rules, DNS pinning, tracing. */
  readonly fetch: typeof globalThis.fetch
  readonly limiter: Limiter
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
 * The `fetch` a connector gets. Every call takes its turn at the credential's limiter; 429 and 503 with `Retry-After`
 * pause the limiter for everyone and the call is made again; idempotent calls are also repeated after a network error
 * or a 502, 503 or 504. What still fails after that is the connector's to map.
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
    for (let attempt = 1; ; attempt++) {
      await limiter.turn(both)
      const last = attempt >= attempts || !replayable
      let response: Response
      try {
        response = await fetch(input instanceof Request ? input.clone() : input, { ...init, signal: both })
      } catch (error) {
        if (!both.aborted && isRefused(error))
          throw new ConnectorError('misconfigured', (error as Error).message, { cause: error })
        if (both.aborted || last || !idempotent.has(method)) throw error
        await clock.sleep(backoff(attempt), both)
        continue
      }
      const wait =
        response.status === 429 || response.status === 503
          ? retryAfterMs(response.headers.get('retry-after'), clock.now())
          : undefined
      if (wait !== undefined) limiter.pause(wait)
      const again =
        wait !== undefined
          ? wait <= longestWaitMs
          : response.status === 429 ||
            (idempotent.has(method) && (response.status === 502 || response.status === 503 || response.status === 504))
      if (!again || last) return response
      await response.body?.cancel().catch(() => {})
      if (wait === undefined) await clock.sleep(backoff(attempt), both)
    }
  }
}

/** Half a second, doubling up to a hundredfold, with jitter so that parallel calls do not return together. */
export function backoff(attempt: number, baseMs = 500): number {
  return baseMs * Math.min(2 ** (attempt - 1), 100) * (0.5 + Math.random() / 2)
}

/** By the host's own rules, which will say the same the next time: no connector need know of them. */
function isRefused(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === 'egress_denied'
}
