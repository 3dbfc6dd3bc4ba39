import type { Rate } from '../contract/connector.ts'
import { ConnectorError } from '../contract/errors.ts'
import { Pace } from './pace.ts'
import type { Clock } from './ports.ts'
import type { Quota } from './quota.ts'

/** One call on its way: exactly one of its three is called, once, when it is over. */
export interface Turn {
  /** The source took the call; `quota` is what it said about further ones. */
  taken(quota?: Quota): void
  /** The source refused the call for its rate; undefined when it named no time. */
  refused(waitMs: number | undefined): void
  /** It came to nothing that says anything about the rate. */
  lost(): void
}

/** What a call waits for; see {@link Allowance}, which is one. */
export interface Turns {
  /**
   * Resolves when the call may go. Rejects with the signal's reason when aborted.
   * @throws ConnectorError `rate_limited` when no call may go for longer than `longestHoldMs`.
   */
  turn(signal: AbortSignal, options?: TurnOptions): Promise<Turn>
  /** No call before this many milliseconds have passed. */
  hold(ms: number): void
}

export interface TurnOptions {
  /** It was refused before. */
  readonly again?: boolean
  readonly longestHoldMs?: number
}

interface Waiter {
  readonly give: (turn: Turn) => void
  /** It was refused before. */
  readonly again: boolean
}

/** Longer waits come from allowances of an hour or a day: after them all of it is there again, and no pace follows. */
const paceableWaitMs = 60_000
/** A call that was refused goes again when others have got through for twice the wait, and at most for so long. */
const longestProofMs = 10_000
/** Told in whole seconds, what is left of a shorter time is wrong by too much to wait for it unasked. */
const shortestPeriodMs = 5_000
/** The first wait after a refusal that named no time; it doubles with each further one. */
const unnamedWaitMs = 1_000
const longestUnnamedMs = 64_000

/**
 * What a source grants one credential for one kind of call: lets calls go as it allows, and no faster. A refusal holds back
 * everyone; then one of the refused calls goes, and the others only once fresh ones have shown that there is room: so none
 * is refused twice. What a source says of its allowance in headers is believed before it has to refuse.
 */
export class Allowance implements Turns {
  readonly #clock: Clock
  readonly #pace: Pace
  readonly #fresh: Waiter[] = []
  readonly #again: Waiter[] = []
  #heldUntil = Number.NEGATIVE_INFINITY
  /** The source's own promise: one call may go at the end of the hold. */
  #promised = false
  /** From when on refused calls may go as others do; undefined while nothing has shown it. */
  #proofMs: number | undefined
  #lastAgain = Number.NEGATIVE_INFINITY
  #unnamed = 0
  #inFlight = 0
  /** Calls left until a time, as last told. */
  #left: { readonly calls: number; readonly until: number } | undefined
  #alarm: { readonly at: number; readonly stop: AbortController } | undefined

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock
    this.#pace = new Pace(rate, clock.now())
  }

  /** Calls that wait for their turn now. */
  get waiting(): number {
    return this.#fresh.length + this.#again.length
  }

  /** Milliseconds until any call may go: a hold, not the pace. */
  get heldMs(): number {
    return Math.max(0, this.#heldUntil - this.#clock.now())
  }

  turn(
    signal: AbortSignal,
    { again = false, longestHoldMs = Number.POSITIVE_INFINITY }: TurnOptions = {},
  ): Promise<Turn> {
    if (signal.aborted) return Promise.reject(signal.reason)
    const { heldMs } = this
    if (heldMs > longestHoldMs)
      return Promise.reject(
        new ConnectorError('rate_limited', 'The source asked for a pause before the next call.', {
          retryAfterMs: heldMs,
        }),
      )
    return new Promise((resolve, reject) => {
      const queue = again ? this.#again : this.#fresh
      const waiter: Waiter = {
        again,
        give: (turn) => {
          signal.removeEventListener('abort', leave)
          resolve(turn)
        },
      }
      const leave = () => {
        queue.splice(queue.indexOf(waiter), 1)
        if (this.waiting === 0) this.#disarm()
        reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      queue.push(waiter)
      this.#pump()
    })
  }

  hold(ms: number): void {
    const now = this.#clock.now()
    if (now + ms <= this.#heldUntil) return
    this.#heldUntil = now + ms
    this.#pump()
  }

  #pump(): void {
    this.#disarm()
    while (this.waiting > 0) {
      const now = this.#clock.now()
      const at = this.#nextAt(now)
      // An answer will tell.
      if (at === Number.POSITIVE_INFINITY) return
      if (at > now) {
        this.#arm(at)
        return
      }
      this.#send(now)
    }
  }

  /** When the next call may go; infinity while that hangs on an answer. */
  #nextAt(now: number): number {
    if (this.#heldUntil > now) return this.#heldUntil
    if (this.#left && this.#left.until > now && this.#left.calls <= this.#inFlight)
      return this.#inFlight > 0 ? Number.POSITIVE_INFINITY : this.#left.until
    const ready = this.#pace.readyAt(now)
    if (this.#promised || this.#proofMs === undefined || this.#fresh.length > 0) return ready
    return Math.max(ready, this.#lastAgain + this.#proofMs)
  }

  #send(now: number): void {
    const first = this.#promised || this.#proofMs === undefined || this.#fresh.length === 0
    const waiter = (first ? this.#again.shift() : undefined) ?? this.#fresh.shift() ?? this.#again.shift()!
    if (waiter.again) {
      this.#promised = false
      this.#lastAgain = now
    }
    const hurried = this.#fresh.length > 0 && this.#again.length === 0
    this.#pace.spend(now, { hurried, again: waiter.again })
    this.#inFlight++
    waiter.give(this.#turnOf(now))
  }

  #turnOf(sentAt: number): Turn {
    let over = false
    const once = (then: () => void) => {
      if (over) return
      over = true
      this.#inFlight--
      then()
      this.#pump()
    }
    return {
      taken: (quota) => once(() => this.#taken(sentAt, quota)),
      refused: (waitMs) => once(() => this.#refused(sentAt, waitMs)),
      lost: () => once(() => {}),
    }
  }

  #taken(sentAt: number, quota: Quota | undefined): void {
    const now = this.#clock.now()
    if (sentAt < this.#heldUntil) this.#pace.takenLate()
    else {
      this.#pace.taken()
      this.#unnamed = 0
      if (this.#proofMs !== undefined && sentAt >= this.#heldUntil + this.#proofMs) this.#proofMs = undefined
    }
    if (quota === undefined || quota.resetMs < shortestPeriodMs) return
    const until = now + quota.resetMs
    // Answers overtake each other: within one period the lowest word counts.
    const before = this.#left
    const same = before !== undefined && before.until > now && Math.abs(before.until - until) < 2_000
    this.#left = { calls: same ? Math.min(before.calls, quota.remaining) : quota.remaining, until }
    if (quota.remaining <= 0) this.hold(quota.resetMs)
  }

  #refused(sentAt: number, waitMs: number | undefined): void {
    const now = this.#clock.now()
    // Sent before the hold: it was one refusal that hit them all.
    const same = sentAt < this.#heldUntil
    if (same && waitMs === undefined) return
    const wait = waitMs ?? Math.min(longestUnnamedMs, unnamedWaitMs * 2 ** this.#unnamed++) * (1 + Math.random() / 4)
    this.hold(wait)
    if (same) return
    if (wait <= paceableWaitMs) this.#pace.refused(now, wait)
    else this.#pace.emptied(now + wait)
    this.#promised = waitMs !== undefined
    this.#proofMs = Math.min(2 * wait, longestProofMs)
    this.#lastAgain = this.#heldUntil
  }

  #arm(at: number): void {
    const stop = new AbortController()
    this.#alarm = { at, stop }
    this.#clock.sleep(Math.max(0, at - this.#clock.now()), stop.signal).then(
      () => {
        if (!stop.signal.aborted) this.#pump()
      },
      () => {},
    )
  }

  #disarm(): void {
    this.#alarm?.stop.abort()
    this.#alarm = undefined
  }
}
