import { type Failure, failureOf } from './failure.ts'
import { backoff } from './fetch.ts'
import type { SyncOptions } from './options.ts'
import { RunError } from './process.ts'

type Waits = Pick<SyncOptions, 'clock' | 'limiter' | 'signal' | 'settings' | 'opened'>

/** What an error of the source means for a run. Throws the signal's reason, and errors that are not the source's. */
export function runFailure({ signal, opened }: Waits, error: unknown): Failure {
  if (signal.aborted) throw signal.reason
  // Ours: nothing to repeat.
  if (error instanceof RunError || (error as { name?: unknown } | null)?.name === 'FencedError') throw error
  return failureOf(error, 'unavailable', opened.redactor)
}

/** Waits as long as the source asks for. @throws RunError when there is nothing to wait for, or too often. */
export async function waitOrFail(
  { clock, limiter, signal, settings }: Waits,
  failure: Failure,
  attempt: number,
): Promise<void> {
  const { retry } = settings
  if (failure.code === 'rate_limited') return limiter.wait(failure.retryAfterMs ?? backoff(attempt, 1_000), signal)
  if (failure.code !== 'unavailable' || attempt >= retry.attempts) throw new RunError(failure)
  await clock.sleep(failure.retryAfterMs ?? backoff(attempt, retry.baseMs), signal)
}

/** Calls again while the source asks for patience. @throws RunError */
export async function patiently<T>(waits: Waits, call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      await waitOrFail(waits, runFailure(waits, error), attempt)
    }
  }
}
