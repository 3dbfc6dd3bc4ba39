import type { Store } from '@cx/store'
import type { Observer } from './events.ts'
import type { Metrics } from './metrics.ts'
import type { Traces } from './traces.ts'

/** What the host tells of itself, and to whom. */
export interface Telemetry {
  readonly observe: Observer
  readonly metrics: Metrics
  /** Call it once the host listens. */
  load(): Promise<void>
  stop(): Promise<void>
}

/** Without traces nothing of OpenTelemetry's tracing is loaded. */
export function createTelemetry(metrics: Metrics, traces: Traces | undefined): Telemetry {
  return {
    metrics,
    observe: traces
      ? (event) => {
          metrics.observe(event)
          traces.observe(event)
        }
      : metrics.observe,
    load: async () => {
      await Promise.all([metrics.load(), traces?.load()])
    },
    stop: async () => traces?.stop(),
  }
}

/** The store, telling how long searches take, whoever asks. */
export function timeSearches(store: Store, observe: Observer): Store {
  return {
    ...store,
    search: async (request) => {
      const began = performance.now()
      const mode = request.mode ?? 'keyword'
      try {
        const found = await store.search(request)
        observe({ kind: 'search', mode, ms: performance.now() - began, failed: false })
        return found
      } catch (error) {
        observe({ kind: 'search', mode, ms: performance.now() - began, failed: true })
        throw error
      }
    },
  }
}
