const watched = new WeakMap<AbortSignal, Set<(reason: unknown) => void>>()

/**
 * Calls `wake` with the signal's reason when it is aborted, until the function it returns is called. One listener a
 * signal, however many wait: a signal looks through all of its own at each change, and a run has hundreds.
 */
export function onAbort(signal: AbortSignal, wake: (reason: unknown) => void): () => void {
  let waiting = watched.get(signal)
  if (waiting === undefined) {
    const all = new Set<(reason: unknown) => void>()
    signal.addEventListener('abort', () => {
      for (const each of all) each(signal.reason)
    })
    watched.set(signal, all)
    waiting = all
  }
  const all = waiting
  all.add(wake)
  return () => void all.delete(wake)
}

/** Settles like `promise`, but rejects with the signal's reason as soon as it is aborted; the promise itself is left behind. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => {})
    return Promise.reject(signal.reason)
  }
  return new Promise<T>((resolve, reject) => {
    const leave = onAbort(signal, reject)
    promise.then(
      (value) => {
        leave()
        resolve(value)
      },
      (error: unknown) => {
        leave()
        reject(error)
      },
    )
  })
}

/** The same port, but every call ends with the signal's reason as soon as it is aborted, and none begins after that. */
export function untilAborted<T extends object>(port: T, signal: AbortSignal): T {
  return new Proxy(port, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return (...args: readonly unknown[]) =>
        signal.aborted
          ? Promise.reject(signal.reason)
          : abortable(Promise.resolve(Reflect.apply(method, target, args)), signal)
    },
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
  const leave = onAbort(signal, (reason) => fail?.(reason))
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
    leave()
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
