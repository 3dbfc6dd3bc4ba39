import type { Observation } from '@cx/core/engine'

/** A request that was answered. */
export interface RequestEvent {
  readonly kind: 'request'
  readonly requestId: string
  readonly operation: string
  readonly method: string
  /** The route's pattern, not its address: as many as there are routes. */
  readonly route: string
  readonly status: number
  readonly ms: number
  /** W3C trace context of the client. */
  readonly traceparent: string | undefined
}

export interface SearchEvent {
  readonly kind: 'search'
  readonly mode: string
  readonly ms: number
  readonly failed: boolean
}

/** Whatever the host tells of itself. */
export type HostEvent = Observation | RequestEvent | SearchEvent

/** Takes what the host tells of itself. Quick, and never throws. */
export type Observer = (event: HostEvent) => void

/** Events kept until what takes them is loaded; more are dropped. */
const keptAtMost = 10_000

/**
 * An observer that is there at once and works once it is loaded: what happens meanwhile is kept, so that loading need
 * not hold up the start.
 */
export function loadedLater(): { readonly observe: Observer; use(observer: Observer): void } {
  let waiting: HostEvent[] = []
  let observer: Observer | undefined
  return {
    observe: (event) => {
      if (observer) observer(event)
      else if (waiting.length < keptAtMost) waiting.push(event)
    },
    use: (loaded) => {
      observer = loaded
      for (const event of waiting) loaded(event)
      waiting = []
    },
  }
}
