import type { Limits, Rate, SourceConnector } from '../contract/connector.ts'
import { Allowance, type Turn, type Turns } from './allowance.ts'
import type { Clock } from './ports.ts'

/** What a connector says of its source's limits; see {@link Limits}. */
export type LimiterOptions = {
  readonly [K in keyof Omit<Limits, 'concurrency'>]: Limits[K] | undefined
} & { readonly clock: Clock }

/** What holds the calls under one credential back; see {@link Limiter}, which is one. */
export interface RateLimit {
  /** What a call to this address waits for. */
  of(url: URL): Turns
  /** Waits as the connector was told to. Rejects with the signal's reason when aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>
  /** Whether any call waits for its turn: time that passes is the source's wish then, and no standstill. */
  readonly busy: boolean
}

/** The rate limit of each connector. */
export interface RateLimits {
  of(connectorId: string, connector: SourceConnector): RateLimit
}

/** A hold that ends so soon after a wait is the same one, told twice. */
const sameHoldMs = 2_000
const togetherMs = 1_000

/**
 * One per credential, shared by every run and host call that uses it: an {@link Allowance} for each kind of call that the
 * source counts by itself.
 */
export class Limiter implements RateLimit {
  readonly #clock: Clock
  readonly #rate: Rate
  readonly #rateOf: Limits['rateOf']
  readonly #allowances = new Map<string, Allowance>()
  #quietUntil = Number.NEGATIVE_INFINITY

  constructor({ clock, requestsPerMinute, upToPerMinute, burst, rateOf }: LimiterOptions) {
    this.#clock = clock
    this.#rate = {
      ...(requestsPerMinute !== undefined && { requestsPerMinute }),
      ...(upToPerMinute !== undefined && { upToPerMinute }),
      ...(burst !== undefined && { burst }),
    }
    this.#rateOf = rateOf
  }

  /** The allowance that a call to this address is counted against. */
  of(url: URL): Allowance {
    const { bucket, ...rate } = this.#rateOf?.(url) ?? { bucket: '', ...this.#rate }
    return this.#get(bucket, rate)
  }

  /** Resolves when a call that is of no special kind may go. Rejects with the signal's reason when aborted. */
  turn(signal: AbortSignal): Promise<Turn> {
    return this.#get('', this.#rate).turn(signal)
  }

  /** No call of any kind before this many milliseconds have passed. */
  pause(ms: number): void {
    this.#quietUntil = Math.max(this.#quietUntil, this.#clock.now() + ms)
    for (const allowance of this.#allowances.values()) allowance.hold(ms)
  }

  /** Everyone waits, unless the kind of call it concerns is held already. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    const known = [...this.#allowances.values()].some(({ heldMs }) => heldMs > 0 && heldMs > ms - sameHoldMs)
    if (!known) this.pause(ms)
    // Reads that were refused together go on together: connectors make one call of many.
    const until = this.#clock.now() + ms
    const end = ms > sameHoldMs ? Math.ceil(until / togetherMs) * togetherMs : until
    await this.#clock.sleep(end - this.#clock.now(), signal)
  }

  get busy(): boolean {
    return [...this.#allowances.values()].some(({ waiting }) => waiting > 0)
  }

  #get(bucket: string, rate: Rate): Allowance {
    let allowance = this.#allowances.get(bucket)
    if (!allowance) {
      allowance = new Allowance(this.#clock, rate)
      if (this.#quietUntil > this.#clock.now()) allowance.hold(this.#quietUntil - this.#clock.now())
      this.#allowances.set(bucket, allowance)
    }
    return allowance
  }
}

/** One {@link Limiter} for each connector, as long as the process lives: what was learned of a source stays known. */
export function createRateLimits(clock: Clock): RateLimits {
  const limiters = new Map<string, Limiter>()
  return {
    of: (connectorId, { limits }) => {
      let limiter = limiters.get(connectorId)
      if (!limiter) {
        limiter = new Limiter({ clock, ...limits })
        limiters.set(connectorId, limiter)
      }
      return limiter
    },
  }
}
