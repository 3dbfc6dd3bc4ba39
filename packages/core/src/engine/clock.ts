import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from './ports.ts'

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal ? { signal } : {})
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      throw error
    }
  },
}
