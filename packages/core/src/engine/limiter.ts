import type { Clock } from './ports.ts'

/**
 * One per credential, shared by every run and host call that uses it: spaces requests evenly when a rate is declared,
 * and stands still for everyone when the source asks one caller to wait.
 */
export class Limiter {
  readonly #clock: Clock
  readonly #interval: number
  #next = 0
  #pausedUntil = 0

  constructor({
    clock,
    requestsPerMinute,
  }: { readonly clock: Clock; readonly requestsPerMinute?: number | undefined }) {
    this.#clock = clock
    this.#interval = requestsPerMinute ? 60_000 / requestsPerMinute : 0
  }

  /** No call before this many milliseconds have passed. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.now() + ms)
  }

  /** Resolves when the next call may be made. Rejects with the signal's reason when aborted. */
  async turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    while (true) {
      const now = this.#clock.now()
      if (this.#pausedUntil > now) {
        await this.#clock.sleep(this.#pausedUntil - now, signal)
        continue
      }
      if (this.#interval === 0) return
      const at = Math.max(now, this.#next)
      this.#next = at + this.#interval
      if (at <= now) return
      await this.#clock.sleep(at - now, signal)
      if (this.#pausedUntil <= this.#clock.now()) return
    }
  }
}
