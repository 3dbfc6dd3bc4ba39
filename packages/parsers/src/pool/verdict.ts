import type { ParseFailureCode } from '@cx/core/engine'

/** Why a thread was ended, or ended. */
export interface Verdict {
  readonly code: ParseFailureCode
  readonly message: string
  /** It was the document that ran, without doubt, and not one before it. */
  readonly certain: boolean
}

/** From what Piscina rejected a task with. */
export function verdictOf(error: unknown, threadError: Error | undefined): Verdict {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return { code: 'out_of_memory', message: 'Reading the document takes more memory than it may use.', certain: false }
  }
  const reason = error instanceof Error ? error.message : String(error)
  const detail = threadError === undefined ? reason : `${reason} (${threadError.message})`
  return {
    code: 'crashed',
    message: `The parser thread ended on the document: ${detail.slice(0, 300)}`,
    certain: false,
  }
}
