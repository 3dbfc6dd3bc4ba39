import { abortable } from '@cx/core/http'
import { statusOf } from './errors.ts'
import type { Body, Call, Kind, Wanted, Wiki } from './wiki.ts'

const batchSize = 50
const gatherMs = 4

type Waiter = PromiseWithResolvers<Body | undefined>

/**
 * Bodies of pages, gathered: what is read side by side comes with one call. A call each would take the better part of an
 * OAuth app's hourly points for the requests alone.
 */
export class Bodies {
  readonly #wiki: Wiki
  readonly #want: Wanted
  readonly #signal: AbortSignal
  readonly #asked: Record<Kind, Map<string, Waiter>> = { page: new Map(), blogpost: new Map() }
  #timer: NodeJS.Timeout | undefined

  constructor(wiki: Wiki, want: Wanted, signal: AbortSignal) {
    this.#wiki = wiki
    this.#want = want
    this.#signal = signal
  }

  async read(id: string, kind: Kind, call: Call): Promise<Body> {
    // Shown bodies are had one by one only.
    if (this.#want.source === 'storage') {
      const body = await abortable(this.#gather(id, kind), call.signal)
      if (body) return body
    }
    return this.#wiki.body(id, kind, this.#want, call)
  }

  #gather(id: string, kind: Kind): Promise<Body | undefined> {
    const asked = this.#asked[kind]
    let waiter = asked.get(id)
    if (!waiter) {
      waiter = Promise.withResolvers()
      // A reader that gave up must not leave a failure that nobody sees.
      waiter.promise.catch(() => {})
      asked.set(id, waiter)
      if (asked.size >= batchSize) void this.#flush(kind)
      else this.#timer ??= setTimeout(() => this.#flushAll(), gatherMs)
    }
    return waiter.promise
  }

  #flushAll(): void {
    this.#timer = undefined
    for (const kind of ['page', 'blogpost'] as const) void this.#flush(kind)
  }

  async #flush(kind: Kind): Promise<void> {
    const waiting = new Map(this.#asked[kind])
    this.#asked[kind].clear()
    if (waiting.size === 0) return
    try {
      const bodies = await this.#wiki.bodies([...waiting.keys()], kind, this.#want, { signal: this.#signal })
      // What is not among them is asked for by itself, and says why.
      for (const [id, waiter] of waiting) waiter.resolve(bodies.get(id))
    } catch (error) {
      const oneIsBroken = waiting.size > 1 || this.#wiki.flavour === 'data_center'
      for (const waiter of waiting.values())
        if (oneIsBroken && (statusOf(error) === 500 || statusOf(error) === 504)) waiter.resolve(undefined)
        else waiter.reject(error)
    }
  }
}
