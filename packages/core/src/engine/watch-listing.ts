import { isConnectorError } from '../contract/errors.ts'
import type { ObserveStage } from './observe.ts'

/** Entries told of at once. */
const batch = 1_000

/** Passes a listing on and tells how long the source took for it; what the consumer takes is not counted. */
export function watchListing<T extends object>(
  items: AsyncIterable<T>,
  { observe, signal }: { readonly observe?: ObserveStage; readonly signal: AbortSignal },
): AsyncIterable<T> {
  return observe ? watched(items, observe, signal) : items
}

async function* watched<T extends object>(
  items: AsyncIterable<T>,
  observe: ObserveStage,
  signal: AbortSignal,
): AsyncIterable<T> {
  let listed = 0
  let ms = 0
  const tell = (code?: string) => {
    if (listed > 0 || ms > 0 || code !== undefined)
      observe({ stage: 'list', ms, items: listed, bytes: 0, ...(code !== undefined && { code }) })
    listed = 0
    ms = 0
  }
  let asked = performance.now()
  let failed: string | undefined
  try {
    for await (const item of items) {
      ms += performance.now() - asked
      if (!('kind' in item)) listed++
      if (listed >= batch) tell()
      yield item
      asked = performance.now()
    }
    ms += performance.now() - asked
  } catch (error) {
    ms += performance.now() - asked
    if (!signal.aborted) failed = isConnectorError(error) ? error.code : 'unavailable'
    throw error
  } finally {
    tell(failed)
  }
}
