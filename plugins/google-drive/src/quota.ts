import { setTimeout as sleep } from 'node:timers/promises'

/** Quota units of a call. https://developers.google.com/workspace/drive/api/guides/limits */
export const units = { get: 5, list: 100, download: 200 } as const

const longestHoldMs = 64_000
const minuteMs = 60_000

export interface QuotaOptions {
  /** 0: no limit of our own. */
  readonly unitsPerMinute: number
  /** First pause after a refusal without `Retry-After`; it doubles with each further one. */
  readonly baseMs?: number
}

/** Lets calls through as the quota allows, and holds all of them while Google asks for quiet. */
export class Quota {
  readonly #perMs: number
  readonly #capacity: number
  readonly #baseMs: number
  #left: number
  #at: number = performance.now()
  #heldUntil = 0
  #refusals = 0

  constructor({ unitsPerMinute, baseMs = 1_000 }: QuotaOptions) {
    // A tenth of a minute at once: a full minute's burst would come on top of what the minute refills.
    this.#capacity = Math.max(unitsPerMinute / 10, units.download)
    this.#perMs = unitsPerMinute / minuteMs
    this.#left = this.#capacity
    this.#baseMs = baseMs
  }

  async turn(cost: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const wait = Math.max(this.#reserve(cost), this.#heldUntil - performance.now())
    if (wait > 0) await sleep(wait, undefined, { signal })
    // Held again meanwhile.
    while (this.#heldUntil > performance.now()) await sleep(this.#heldUntil - performance.now(), undefined, { signal })
  }

  /** Milliseconds until this many units are there; they are spent at once, so that later callers wait longer. */
  #reserve(cost: number): number {
    if (this.#perMs === 0) return 0
    const now = performance.now()
    this.#left = Math.min(this.#capacity, this.#left + (now - this.#at) * this.#perMs) - cost
    this.#at = now
    return this.#left >= 0 ? 0 : -this.#left / this.#perMs
  }

  /** Google said no. One refusal in many parallel calls counts once. */
  refused(retryAfterMs: number | undefined): void {
    const now = performance.now()
    if (retryAfterMs === undefined && this.#heldUntil > now) return
    const backoff = Math.min(longestHoldMs, this.#baseMs * 2 ** this.#refusals) * (1 + Math.random() / 4)
    if (retryAfterMs === undefined) this.#refusals++
    this.#heldUntil = Math.max(this.#heldUntil, now + (retryAfterMs ?? backoff))
  }

  /** A call went through. */
  passed(): void {
    if (this.#heldUntil < performance.now()) this.#refusals = 0
  }
}
