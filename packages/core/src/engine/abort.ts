/** Settles like `promise`, but rejects with the signal's reason as soon as it is aborted; the promise itself is left behind. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => {})
    return Promise.reject(signal.reason)
  }
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/**
 * Iterates a source's iterable so that every wait ends when the signal is aborted, also when the source hangs.
 * One listener for the whole iteration: racing each item against a long-lived promise would leak a reaction an item.
 */
export async function* iterate<T>(iterable: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void, void> {
  signal.throwIfAborted()
  const iterator = iterable[Symbol.asyncIterator]()
  let fail: ((reason: unknown) => void) | undefined
  const onAbort = () => fail?.(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  let finished = false
  try {
    while (true) {
      const result = await new Promise<IteratorResult<T>>((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        fail = reject
        iterator.next().then(resolve, reject)
      })
      if (result.done) {
        finished = true
        return
      }
      yield result.value
    }
  } catch (error) {
    finished = !signal.aborted
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
    // A source that hangs would hang in return() too: give it the chance, do not wait for it.
    if (!finished) void Promise.resolve(iterator.return?.()).catch(() => {})
  }
}

/** Waits for `promise` at most `ms`; says whether it settled. */
export async function settledWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false)
  })
  try {
    return await Promise.race([
      promise.then(
        () => true,
        () => true,
      ),
      timeout,
    ])
  } finally {
    clearTimeout(timer)
  }
}
