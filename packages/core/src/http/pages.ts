/** One page of a vendor's list, and where the next one begins. */
export interface CursorPage<T> {
  readonly items: readonly T[]
  readonly next?: string | undefined
}

/**
 * Walks a paged list to its end. A page without items but with a next one is not the end.
 *
 * @throws Error when the vendor hands out the same cursor twice in a row, which would never end.
 */
export async function* pages<T>(
  fetchPage: (cursor: string | undefined) => Promise<CursorPage<T>>,
  from?: string,
): AsyncGenerator<CursorPage<T>, void, void> {
  let cursor = from
  while (true) {
    const page = await fetchPage(cursor)
    yield page
    if (page.next === undefined || page.next === '') return
    if (page.next === cursor) throw new Error('The source handed out the same page cursor twice.')
    cursor = page.next
  }
}

/** Runs `work` over `items`, at most `limit` at once, and yields results in the order of the items. */
export async function* mapConcurrently<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void, void> {
  const running: Promise<R>[] = []
  try {
    for await (const item of items) {
      const promise = work(item)
      // Awaited in its turn; until then a failure must not count as unhandled.
      promise.catch(() => {})
      running.push(promise)
      if (running.length >= limit) yield await running.shift()!
    }
    while (running.length > 0) yield await running.shift()!
  } finally {
    await Promise.allSettled(running)
  }
}
