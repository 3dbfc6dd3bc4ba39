import type { Log } from '@cx/core'
import type { Clock } from '@cx/core/engine'
import type { AttemptResult, CredentialVault, Store, WebhookDelivery } from '@cx/store'
import { type Attempt, attempt } from './attempt.ts'

/** From each failed attempt to the next; after the last one the delivery is dead. The first attempt is made at once. */
export const retryAfterMs: readonly number[] = [60_000, 300_000, 1_800_000, 7_200_000]

const batchMs = 1_000
const batchSize = 100
const pollMs = 1_000
const leaseMs = 30_000
const sendingAtMost = 16
/** A receiver that is slow takes no more than this from the others. */
const perWebhook = 4
/** How long deliveries are kept after their end. */
const keepMs = { delivered: 7 * 86_400_000, dead: 30 * 86_400_000 }

export interface DelivererOptions {
  readonly store: Store
  readonly vault: Pick<CredentialVault, 'unseal'>
  readonly fetch: typeof globalThis.fetch
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
}

/**
 * Makes deliveries of what the store noted, and sends them. The queue is in the store: any process may send, each
 * delivery is sent by one at a time, and what a process leaves behind is taken up when its lease is over.
 */
export class Deliverer {
  readonly #o: DelivererOptions
  readonly #sending = new Map<Promise<void>, string>()
  readonly #stopping = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #pass: Promise<number> | undefined
  #again = false

  constructor(options: DelivererOptions) {
    this.#o = options
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), pollMs)
    this.#timer.unref()
    this.wake()
  }

  /** Call when there may be something to send: it is looked for at once. Never throws. */
  wake(): void {
    if (this.#stopping.signal.aborted) return
    if (this.#pass) {
      this.#again = true
      return
    }
    this.#pass = this.#look()
      .catch((error: unknown) => {
        if (!this.#stopping.signal.aborted) this.#o.log.error('Webhooks could not be looked after.', { error })
        return 0
      })
      .finally(() => {
        this.#pass = undefined
        if (!this.#again) return
        this.#again = false
        this.wake()
      })
  }

  /** Sends what is due until nothing is. */
  async drain(): Promise<void> {
    for (;;) {
      await this.#pass
      const started = await this.#look()
      await Promise.all(this.#sending.keys())
      if (started === 0) return
    }
  }

  /** Sends one delivery now, and not again. */
  async once(delivery: WebhookDelivery, url: string): Promise<Attempt> {
    const result = await this.#attempt(delivery, url)
    await this.#settle(delivery, { ...shape(result), status: result.ok ? 'delivered' : 'dead', nextAttemptAt: null })
    return result
  }

  /** Removes deliveries that ended long ago. */
  async tidy(): Promise<void> {
    const now = this.#o.clock.now()
    const before = { delivered: now - keepMs.delivered, dead: now - keepMs.dead }
    while ((await this.#o.store.purgeDeliveries(before)) === 1_000);
  }

  /** Lets what is being sent come to its end, for two seconds; the rest is sent again by the next process. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    const giveUp = setTimeout(() => this.#stopping.abort(new Error('The server is stopping.')), 2_000)
    this.#again = false
    await this.#pass
    await Promise.all(this.#sending.keys())
    clearTimeout(giveUp)
    this.#stopping.abort(new Error('The server is stopping.'))
  }

  async #look(): Promise<number> {
    const { store, clock } = this.#o
    const now = clock.now()
    if (!(await store.webhookWork(now))) return 0
    while ((await store.fanOut({ now, batchMs, batchSize })) > 0);
    const limit = sendingAtMost - this.#sending.size
    if (limit <= 0) return 0
    const free: Record<string, number> = {}
    for (const webhookId of this.#sending.values()) free[webhookId] = (free[webhookId] ?? perWebhook) - 1
    const claimed = await store.claimDeliveries({ now, leaseMs, free, perWebhook, limit })
    for (const delivery of claimed) {
      const sending = this.#send(delivery)
        .catch((error: unknown) => {
          if (!this.#stopping.signal.aborted)
            this.#o.log.error('A webhook could not be sent.', { webhookId: delivery.webhookId, error })
        })
        .finally(() => {
          this.#sending.delete(sending)
          this.wake()
        })
      this.#sending.set(sending, delivery.webhookId)
    }
    return claimed.length
  }

  async #send(delivery: WebhookDelivery): Promise<void> {
    const { store, clock, log } = this.#o
    const webhook = await store.webhook(delivery.webhookId)
    if (!webhook) return
    const result = await this.#attempt(delivery, webhook.url)
    const delay = retryAfterMs[delivery.attempts]
    const status = result.ok ? 'delivered' : delay === undefined ? 'dead' : 'pending'
    await this.#settle(delivery, {
      ...shape(result),
      status,
      nextAttemptAt: status === 'pending' ? clock.now() + delay! : null,
    })
    const about = {
      webhookId: webhook.id,
      deliveryId: delivery.id,
      event: delivery.type,
      attempt: delivery.attempts + 1,
    }
    if (status === 'dead') log.warn('A webhook was given up.', { ...about, error: result.error })
    else log.debug('Webhook sent.', { ...about, status: result.httpStatus, error: result.error, ms: result.ms })
  }

  async #attempt(delivery: WebhookDelivery, url: string): Promise<Attempt> {
    const { store, vault, fetch, clock } = this.#o
    const sealed = await store.webhookSecret(delivery.webhookId)
    if (!sealed) return { ok: false, httpStatus: null, error: 'The webhook was deleted.', ms: 0 }
    const secret = String(vault.unseal(delivery.webhookId, sealed))
    return attempt(delivery, { url, secret, fetch, now: clock.now(), signal: this.#stopping.signal })
  }

  #settle({ webhookId, id }: WebhookDelivery, result: AttemptResult): Promise<void> {
    return this.#o.store.settleDelivery(webhookId, id, result, this.#o.clock.now())
  }
}

function shape({ httpStatus, error, ms }: Attempt): Pick<AttemptResult, 'httpStatus' | 'error' | 'ms'> {
  return { httpStatus, error, ms }
}
