import { setTimeout as sleep } from 'node:timers/promises'
import { abortable } from '@cx/core/http'

/** Quota units of a call. https://developers.google.com/workspace/drive/api/guides/limits */
export const units = { get: 5, list: 100, download: 200 } as const

const longestHoldMs = 64_000
const minuteMs = 60_000
const burstShare = 0.02
/** Calls overtake each other on their way. */
const margin = 0.99

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
  /** After a refusal, until a call has got through. */
  #isDoubtful = false
  #trial: PromiseWithResolvers<void> | undefined

  constructor({ unitsPerMinute, baseMs = 1_000 }: QuotaOptions) {
    // What comes at once comes on top of what the minute refills: both together must fit into any minute that Google counts.
    this.#capacity = Math.max(unitsPerMinute * burstShare, units.download)
    this.#perMs = Math.max(unitsPerMinute * (1 - burstShare) * margin, 0) / minuteMs
    this.#left = this.#capacity
    this.#baseMs = baseMs
  }

  async turn(cost: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const wait = this.#reserve(cost)
    if (wait > 0) await sleep(wait, undefined, { signal })
    while (true) {
      const held = this.#heldUntil - performance.now()
      if (held > 0) await sleep(held, undefined, { signal })
      else if (!this.#isDoubtful) return
      else if (this.#trial) await abortable(this.#trial.promise, signal)
      else {
        // Google names no time: one call finds out, and the others are not refused with it.
        this.#trial = Promise.withResolvers<void>()
        return
      }
    }
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
    if (retryAfterMs !== undefined || this.#heldUntil <= now) {
      const backoff = Math.min(longestHoldMs, this.#baseMs * 2 ** this.#refusals) * (1 + Math.random() / 4)
      if (retryAfterMs === undefined) this.#refusals++
      this.#heldUntil = Math.max(this.#heldUntil, now + (retryAfterMs ?? backoff))
    }
    this.#isDoubtful = true
    this.#endTrial()
  }

  /** A call came to its end without a refusal. */
  passed(): void {
    if (this.#heldUntil >= performance.now()) return
    this.#refusals = 0
    this.#isDoubtful = false
    this.#endTrial()
  }

  #endTrial(): void {
    this.#trial?.resolve()
    this.#trial = undefined
  }
}
