import { describe } from './failure.ts'
import type { JobEnd, Log } from './ports.ts'
import { RunError } from './process.ts'

/** Why a run is stopped from outside. */
export const cancelled: unique symbol = Symbol('cancelled')
export const shutdown: unique symbol = Symbol('shutdown')

/** How a job ends that was stopped or threw. */
export function endOf(error: unknown, signal: AbortSignal, log: Log): JobEnd | 'fenced' | 'release' {
  const reason = signal.aborted ? signal.reason : error
  if (reason === cancelled) return { status: 'cancelled' }
  if (reason === shutdown) return 'release'
  if (isFenced(reason)) return 'fenced'
  if (reason instanceof RunError) return { status: 'failed', error: { code: reason.code, message: reason.message } }
  if ((reason as { code?: unknown } | null)?.code === 'storage_full')
    return { status: 'failed', error: { code: 'storage_full', message: (reason as Error).message } }
  log.error('A job failed inside cx.', {
    error: describe(reason),
    stack: reason instanceof Error ? reason.stack : undefined,
  })
  return { status: 'failed', error: { code: 'internal_error', message: 'cx itself failed; see the log of this job.' } }
}

/** Whether the attempt has lost its job. */
export function isFenced(error: unknown): boolean {
  return (error as { name?: unknown } | null)?.name === 'FencedError'
}
