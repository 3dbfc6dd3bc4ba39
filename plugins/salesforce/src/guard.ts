import { ConnectorError } from '@cx/core'

const hour = 3_600_000

/**
 * Keeps calls back while Salesforce wants none: after a refusal with a time, and before the day's allocation is used up.
 * Salesforce sends the usage with every answer, and nothing about when it ends: the allocation is over rolling 24 hours.
 * https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_api_usage.htm
 */
export class Guard {
  readonly #reservePercent: number
  #until = 0
  #reason = ''
  /** As last told: requests used and allowed in 24 hours. */
  usage: { readonly used: number; readonly limit: number } | undefined

  constructor(reservePercent: number) {
    this.#reservePercent = reservePercent
  }

  /** @throws ConnectorError `rate_limited` */
  pass(): void {
    const wait = this.#until - Date.now()
    if (wait > 0) throw new ConnectorError('rate_limited', this.#reason, { retryAfterMs: wait })
  }

  /** Takes the usage out of an answer. */
  saw(headers: Headers): void {
    const found = /api-usage=(\d+)\/(\d+)/.exec(headers.get('sforce-limit-info') ?? '')
    if (!found) return
    const used = Number(found[1])
    const limit = Number(found[2])
    this.usage = { used, limit }
    if (limit === 0 || used < (limit * (100 - this.#reservePercent)) / 100) return
    this.#hold(
      hour,
      `The organisation has used ${used} of its ${limit} API requests of the last 24 hours; ${this.#reservePercent} % are left to others (apiReservePercent). The sync goes on when requests are free again.`,
    )
  }

  /** After a refusal: nothing more before its time. */
  refused(error: unknown): void {
    const { code, message, retryAfterMs } = (error ?? {}) as Partial<ConnectorError>
    if (code === 'rate_limited' && retryAfterMs) this.#hold(retryAfterMs, message ?? '')
  }

  #hold(ms: number, reason: string): void {
    this.#until = Math.max(this.#until, Date.now() + ms)
    this.#reason = reason
  }
}
