import { type ConnectorErrorCode, isConnectorError } from '@cx/core'
import { describeError } from '../law.ts'

export interface Refusal {
  /** What was thrown; undefined when nothing was. */
  readonly error: unknown
  /** The code of a ConnectorError; `none` when nothing was thrown, `other` for any other error. */
  readonly code: ConnectorErrorCode | 'none' | 'other'
  readonly retryAfterMs: number | undefined
  /** For messages. */
  readonly text: string
}

/** What a piece of work was refused with. */
export async function refusal(work: () => Promise<unknown>): Promise<Refusal> {
  try {
    await work()
    return { error: undefined, code: 'none', retryAfterMs: undefined, text: 'no error' }
  } catch (error) {
    return refusalOf(error)
  }
}

export function refusalOf(error: unknown): Refusal {
  if (!isConnectorError(error)) return { error, code: 'other', retryAfterMs: undefined, text: describeError(error) }
  return { error, code: error.code, retryAfterMs: error.retryAfterMs, text: describeError(error) }
}
