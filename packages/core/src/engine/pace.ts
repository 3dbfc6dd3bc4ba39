import type { Rate } from '../contract/connector.ts'

const minuteMs = 60_000
/** Clocks and networks jitter: this much below what is allowed, a minute never holds one call too many. */
const margin = 0.98
/** Share of a minute's calls that may catch up after a late timer. */
const catchUpShare = 0.01
/** The same in milliseconds, where the period that the source counts in is not known. */
const catchUpMs = 100
/** Short waits are rounded up to whole seconds; on average the source meant so much less. */
const roundingMs = 500
const shortWaitMs = 5_000
/** The first step back from a pace that grew too far; later ones, after slower growth, are smaller. */
const firstStepBack = 0.12
const largestStepBack = 0.08
/** Faster than the pace by that, calls came as a burst. */
const burstShare = 1.3
/** A call that was refused before takes the room of so many, where the pace was measured in a moment. */
const roughCost = 2
/** Faster by so much a second while the source refuses nothing. */
const growthPerSecond = 0.03
const longestGrowthPauseMs = 600_000
/** No tries beyond what was declared before that. */
const calmMs = 30_000
/** Without a call for so long, a new measurement begins. */
const idleMs = 5_000
const longestMeasureMs = 120_000

/**
 * How fast calls follow each other: a bucket of tokens that fills at a rate. The rate is what was declared, or unlimited
 * until the source first refuses; then what it took between two refusals, a little less, and slowly more again.
 */
export class Pace {
  /** Calls a millisecond; infinity while nothing is known. */
  #rate: number
  readonly #declared: number
  readonly #most: number
  readonly #burst: number
  /** Tokens of which a late timer takes nothing away. */
  readonly #catchUp: number
  /** Tokens that there may be; less than the burst once that was refused. */
  #room: number
  #tokens: number
  #at: number
  /** Since when calls are counted, and how many were taken. */
  #measureFrom: number
  #taken = 0
  #lastSent: number
  #growFrom: number
  #grownAt: number
  #refusals = 0
  #last: Measured | undefined

  constructor({ requestsPerMinute, upToPerMinute, burst }: Rate, now: number) {
    this.#rate = requestsPerMinute ? (requestsPerMinute * margin) / minuteMs : Number.POSITIVE_INFINITY
    this.#declared = this.#rate
    this.#most = upToPerMinute ? Math.max(this.#rate, upToPerMinute / minuteMs) : this.#rate
    this.#catchUp = requestsPerMinute ? 1 + requestsPerMinute * catchUpShare : 1
    this.#burst = burst ?? this.#catchUp
    this.#room = this.#burst
    this.#tokens = this.#burst
    this.#at = now
    this.#measureFrom = now
    this.#lastSent = now
    this.#growFrom = now + calmMs
    this.#grownAt = now
  }

  /** When the next call may go. */
  readyAt(now: number): number {
    if (this.#rate === Number.POSITIVE_INFINITY) return now
    this.#fill(now)
    // A token that lacks nothing but rounding is whole.
    return this.#tokens >= 1 - 1e-9
      ? now
      : Math.max(now, this.#at) + Math.max(1, Math.ceil((1 - this.#tokens) / this.#rate))
  }

  /** A call goes. `hurried`: more are waiting, so that the pace is what holds them up. */
  spend(now: number, { hurried, again }: { readonly hurried: boolean; readonly again: boolean }): void {
    if (now - this.#lastSent > Math.max(idleMs, 3 / this.#rate)) {
      this.#measureFrom = now
      this.#taken = 0
    }
    this.#lastSent = now
    if (this.#rate === Number.POSITIVE_INFINITY) return
    if (hurried) this.#grow(now)
    this.#grownAt = now
    this.#tokens -= again && this.#isRough ? roughCost : 1
  }

  taken(): void {
    this.#taken++
    const measured = this.#lastSent - this.#measureFrom
    if (measured <= longestMeasureMs) return
    // What is long ago counts half.
    this.#taken /= 2
    this.#measureFrom += measured / 2
  }

  /** The source refused a call and wants `waitMs` of quiet: so many were taken in this time, and no more will be the next. */
  refused(now: number, waitMs: number): void {
    const counted = now - this.#measureFrom
    if (now > this.#growFrom && this.#rate !== Number.POSITIVE_INFINITY) this.#refusals++
    this.#last = { before: this.#rate, taken: this.#taken, counted, waitMs, refusals: this.#refusals }
    // What was more than declared was a try.
    this.#rate = this.#rate > this.#declared ? this.#declared : rateAfter(this.#last)
    this.#room = Math.max(this.#catchUp, 1 + this.#rate * catchUpMs)
    const calm = this.#declared === Number.POSITIVE_INFINITY ? 3_000 : calmMs
    const pause = Math.max(calm, 3 * waitMs) * 3 ** Math.min(10, this.#refusals)
    this.emptied(now + waitMs)
    this.#growFrom = now + waitMs + Math.min(longestGrowthPauseMs, pause)
    this.#tokens = 1
  }

  /** A call that was on its way when another was refused got through: what was measured then was more. */
  takenLate(): void {
    if (!this.#last) return
    this.#last = { ...this.#last, taken: this.#last.taken + 1 }
    if (this.#last.before <= this.#declared) this.#rate = rateAfter(this.#last)
  }

  /** Nothing goes until `until`; counting begins anew there. */
  emptied(until: number): void {
    this.#at = until
    this.#measureFrom = until
    this.#lastSent = until
    this.#taken = 0
  }

  #fill(now: number): void {
    if (now <= this.#at) return
    // After a minute without any call, whatever was counted is over.
    if (now - this.#lastSent > minuteMs && now - this.#lastSent > 3 / this.#rate) this.#room = this.#burst
    this.#tokens = Math.min(this.#room, this.#tokens + (now - this.#at) * this.#rate)
    this.#at = now
  }

  #grow(now: number): void {
    if (now < this.#growFrom || this.#rate >= this.#most) return
    const seconds = Math.min(1, (now - Math.max(this.#grownAt, this.#growFrom)) / 1_000)
    this.#rate = Math.min(this.#most, this.#rate * (1 + (growthPerSecond / (1 + this.#refusals)) * seconds))
    // Not refused for a long while: whatever was, is over.
    if (now - this.#growFrom > longestGrowthPauseMs) this.#refusals = 0
  }

  /** Measured in a moment: there must be more room for a call that must not be refused again. */
  get #isRough(): boolean {
    return this.#last !== undefined && this.#last.waitMs <= shortWaitMs && this.#last.waitMs * this.#rate > 1
  }
}

interface Measured {
  readonly before: number
  readonly taken: number
  readonly counted: number
  readonly waitMs: number
  readonly refusals: number
}

/**
 * Without a pace, what was taken in the time and in the quiet together is what the source allows. With one, that pace was
 * too fast by the share of the quiet: counting would count how slow we were ourselves.
 */
function rateAfter({ before, taken, counted, waitMs, refusals }: Measured): number {
  const span = counted + waitMs - (waitMs > shortWaitMs ? 0 : Math.min(roundingMs, waitMs / 2))
  const measured = Math.max(1, taken) / span
  if (before === Number.POSITIVE_INFINITY) return measured * margin
  // A burst was refused: that says nothing against the pace.
  if (taken > 2 && taken / counted > burstShare * before) return Math.min(before, measured * margin)
  const step = 1 - firstStepBack / (1 + refusals)
  const share = margin * Math.max(measured / before, counted / span)
  return before * Math.min(step, Math.max(share, refusals > 0 ? 1 - largestStepBack : 0))
}
