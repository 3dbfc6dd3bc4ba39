/** An error that crosses threads by name, code and message. */
export function storeError(code: string, message: string, name = 'StoreError'): Error & { readonly code: string } {
  return Object.assign(new Error(message), { name, code })
}

/** Becomes a `FencedError` in the calling thread; workers do not load the engine for its class. */
export function fenced(jobId: string): Error {
  return storeError(
    'fenced',
    `Job ${jobId} is no longer run by this attempt: it ended, was given back or was started again. Stop and write nothing more.`,
    'FencedError',
  )
}
