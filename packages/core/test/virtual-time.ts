import type { Clock } from '../src/engine/index.ts'

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/** A clock that moves on by itself, as soon as everybody sleeps: minutes of waiting take milliseconds. */
export class VirtualTime implements Clock {
  #time = Date.UTC(2026, 0, 1)
  #sleepers: Sleeper[] = []

  now(): number {
    return this.#time
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const onAbort = () => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper)
        reject(signal?.reason)
      }
      const sleeper: Sleeper = {
        at: this.#time + ms,
        wake: () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      const place = this.#sleepers.findLastIndex(({ at }) => at <= sleeper.at)
      this.#sleepers.splice(place + 1, 0, sleeper)
    })
  }

  /** Lets time pass until then. */
  async run(until: number): Promise<void> {
    while (true) {
      // Lets what was woken run until it sleeps again.
      await new Promise((resolve) => setImmediate(resolve))
      const next = this.#sleepers[0]
      if (!next || next.at > until) break
      this.#sleepers.shift()
      this.#time = Math.max(this.#time, next.at)
      next.wake()
    }
    this.#time = until
  }
}
