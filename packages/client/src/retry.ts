import { CxError } from './error.ts'
import { wait } from './wait.ts'

export interface RetryOptions {
  /** How often a request is tried again; 3 unless told. */
  readonly retries?: number
  /** The first pause in milliseconds, doubled each time, of which a random half is taken off; 250 unless told. */
  readonly backoffMs?: number
  /** A `Retry-After` longer than this, in milliseconds, is not waited for: the error is thrown at once. 60,000 unless told. */
  readonly maxWaitMs?: number
}

const longestBackoffMs = 8_000

/** Runs `attempt` until it succeeds, or fails in a way that trying again does not mend. */
export async function retrying<T>(
  attempt: () => Promise<T>,
  { retries = 3, backoffMs = 250, maxWaitMs = 60_000 }: RetryOptions,
  signal?: AbortSignal,
): Promise<T> {
  for (let tried = 0; ; tried++) {
    try {
      return await attempt()
    } catch (error) {
      if (tried >= retries || !(error instanceof CxError) || !isPassing(error)) throw error
      const ownMs = Math.min(backoffMs * 2 ** tried, longestBackoffMs)
      const askedMs = (error.retryAfter ?? 0) * 1000
      if (askedMs > maxWaitMs) throw error
      // Clients that failed together must not come back together.
      await wait(Math.max(askedMs, ownMs * (0.5 + Math.random() / 2)), signal)
    }
  }
}

function isPassing({ code, status, reason }: CxError): boolean {
  return (
    code === 'network' ||
    code === 'timeout' ||
    status === 429 ||
    status === 503 ||
    // The attempt before this one, whose answer was lost, is still at work.
    reason === 'request_in_progress'
  )
}
