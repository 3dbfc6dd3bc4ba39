import type { Operations, Webhook, WebhookDelivery, WebhookTest } from '../generated/api.ts'
import { createListing, type Listing, type QueryOf } from '../listing.ts'
import { withSecret } from '../shown-once.ts'
import type { CallOptions, Transport } from '../transport.ts'

/** A webhook that was made just now. */
export type NewWebhook = Webhook & { readonly secret: string }

/** Addresses that the server calls when something happens; for admins. */
export class Webhooks {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** The answer has the secret that deliveries are signed with, this once. */
  async create(webhook: Operations['createWebhook']['body'], options?: CallOptions): Promise<NewWebhook> {
    return withSecret(await this.#transport.call('createWebhook', { body: webhook, options }), 'secret', 'webhook')
  }

  list(query?: QueryOf<'listWebhooks'>, options?: CallOptions): Listing<Webhook> {
    return createListing(this.#transport, 'listWebhooks', query, {}, options)
  }

  get(id: string, options?: CallOptions): Promise<Webhook> {
    return this.#transport.call('getWebhook', { params: { id }, options })
  }

  update(id: string, change: Operations['updateWebhook']['body'], options?: CallOptions): Promise<Webhook> {
    return this.#transport.call('updateWebhook', { params: { id }, body: change, options })
  }

  delete(id: string, options?: CallOptions): Promise<Operations['deleteWebhook']['data']> {
    return this.#transport.call('deleteWebhook', { params: { id }, options })
  }

  /** Sends `webhook.test` now, and says how it went: a receiver that refuses is a result with `success: false`. */
  test(id: string, options?: CallOptions): Promise<WebhookTest> {
    return this.#transport.call('testWebhook', { params: { id }, options })
  }

  /** What was sent, is waiting, or was given up. */
  deliveries(id: string, query?: QueryOf<'listWebhookDeliveries'>, options?: CallOptions): Listing<WebhookDelivery> {
    return createListing(this.#transport, 'listWebhookDeliveries', query, { id }, options)
  }

  /** Sends a delivery again, with the same id and body. */
  replay(id: string, deliveryId: string, options?: CallOptions): Promise<WebhookDelivery> {
    return this.#transport.call('replayWebhookDelivery', { params: { id, deliveryId }, options })
  }
}
