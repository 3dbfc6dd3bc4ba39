import { createListingOf, type Listing } from '../listing.ts'
import type { CallOptions, Transport } from '../transport.ts'

// By hand after the API's reference until the server declares these operations; a test says when it does.

export type WebhookEvent =
  | `sync.${'started' | 'completed' | 'partial' | 'failed' | 'needs_confirmation'}`
  | `document.${'indexed' | 'updated' | 'deleted' | 'failed'}`
  | `connector.${'created' | 'updated' | 'deleted' | 'error'}`

export interface NewWebhook {
  readonly url: string
  readonly events: readonly WebhookEvent[]
}

/** What the reference promises of a webhook; a server may say more. */
export interface Webhook extends NewWebhook {
  readonly id: string
  readonly [more: string]: unknown
}

export interface WebhookDelivery {
  readonly id: string
  readonly [more: string]: unknown
}

export interface WebhookQuery {
  readonly page?: number
  readonly limit?: number
  readonly cursor?: string
}

/** Addresses that the server calls when something happens. */
export class Webhooks {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  create(webhook: NewWebhook, options?: CallOptions): Promise<Webhook> {
    return this.#call('POST', '/webhooks', {}, webhook, options)
  }

  list(query?: WebhookQuery, options?: CallOptions): Listing<Webhook> {
    return createListingOf(this.#transport, '/webhooks', { query, options })
  }

  get(id: string, options?: CallOptions): Promise<Webhook> {
    return this.#call('GET', '/webhooks/{id}', { id }, undefined, options)
  }

  update(id: string, change: Partial<NewWebhook>, options?: CallOptions): Promise<Webhook> {
    return this.#call('PUT', '/webhooks/{id}', { id }, change, options)
  }

  delete(id: string, options?: CallOptions): Promise<{ readonly id: string; readonly deleted: true }> {
    return this.#call('DELETE', '/webhooks/{id}', { id }, undefined, options)
  }

  /** Sends a sample event. */
  test(id: string, options?: CallOptions): Promise<WebhookDelivery> {
    return this.#call('POST', '/webhooks/{id}/test', { id }, undefined, options)
  }

  deliveries(id: string, query?: WebhookQuery, options?: CallOptions): Listing<WebhookDelivery> {
    return createListingOf(this.#transport, '/webhooks/{id}/deliveries', { params: { id }, query, options })
  }

  async #call<T>(
    method: string,
    path: string,
    params: Readonly<Record<string, string>>,
    body: unknown,
    options: CallOptions | undefined,
  ): Promise<T> {
    return (await this.#transport.envelope<T>(method, path, { params, body, options })).data
  }
}
