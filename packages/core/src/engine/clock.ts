import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from './ports.ts'

/** Node's timers end at once when told more: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const longest = 2 ** 31 - 1

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(Math.min(ms, longest), undefined, signal ? { signal } : {})
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      throw error
    }
  },
}
