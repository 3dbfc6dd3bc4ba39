import type { Json } from '@cx/core'
import type { Page, PageRequest } from './port/page.ts'

/** Every event that a webhook can listen to. */
export const webhookEvents = [
  'sync.started',
  'sync.completed',
  'sync.partial',
  'sync.failed',
  'sync.needs_confirmation',
  'document.indexed',
  'document.updated',
  'document.deleted',
  'document.failed',
  'connector.created',
  'connector.updated',
  'connector.deleted',
  'connector.error',
] as const
export type WebhookEvent = (typeof webhookEvents)[number]

/** Where a deployment is told of what happens. */
export interface Webhook {
  readonly id: string
  readonly url: string
  readonly description: string
  readonly events: readonly WebhookEvent[]
  /** Collection ids; null means all. */
  readonly collections: readonly string[] | null
  readonly enabled: boolean
  readonly createdAt: number
  readonly updatedAt: number
}

/** A secret as it is stored. */
export interface SealedSecret {
  readonly keyId: string
  readonly ciphertext: Uint8Array
}

/** `dead`: every attempt failed; it is kept to be looked at and replayed. */
export type DeliveryStatus = 'pending' | 'delivered' | 'dead'

/** One event on its way to one webhook. */
export interface WebhookDelivery {
  /** Of the event: the same for every webhook and every attempt. */
  readonly id: string
  readonly webhookId: string
  readonly type: WebhookEvent | 'webhook.test'
  /** As it is sent and signed. */
  readonly body: string
  readonly status: DeliveryStatus
  readonly attempts: number
  /** Of the last attempt: the HTTP status it was answered with, what went wrong, how long it took. */
  readonly lastStatus: number | null
  readonly lastError: string | null
  readonly lastMs: number | null
  readonly nextAttemptAt: number | null
  readonly createdAt: number
  readonly completedAt: number | null
}

/** How one attempt went. */
export interface AttemptResult {
  readonly status: DeliveryStatus
  readonly nextAttemptAt: number | null
  readonly httpStatus: number | null
  readonly error: string | null
  readonly ms: number
}

/** A connector whose schedule is to be looked at. */
export interface ScheduledConnector {
  readonly id: string
  readonly schedule: string
  readonly timezone: string
  /** Null when it has not been worked out yet. */
  readonly nextSyncAt: number | null
}

/** A registration at a source that tells of changes itself. */
export interface HookSubscription {
  readonly connectorId: string
  /** What was registered. */
  readonly url: string
  readonly handle: Json
  readonly expiresAt: number | null
  /** When it is to be renewed, or tried again; null is never. */
  readonly dueAt: number | null
  /** In a row. */
  readonly failures: number
  readonly lastError: string | null
}

/** Webhooks in both directions, and schedules. Times are epoch milliseconds. */
export interface WebhookStore {
  createWebhook(webhook: Omit<Webhook, 'createdAt' | 'updatedAt'>, secret: SealedSecret): Promise<Webhook>
  /** With `collections`, only those limited to some of these. */
  webhooks(page: PageRequest & { readonly collections?: readonly string[] }): Promise<Page<Webhook>>
  webhook(id: string): Promise<Webhook | undefined>
  updateWebhook(
    id: string,
    patch: Partial<Pick<Webhook, 'url' | 'description' | 'events' | 'collections' | 'enabled'>>,
  ): Promise<Webhook | undefined>
  /** With its deliveries. */
  deleteWebhook(id: string): Promise<boolean>
  webhookSecret(id: string): Promise<SealedSecret | undefined>
  /** Sealed with another key than this one, by keyset on id. */
  webhookSecrets(notKeyId: string, after: string, limit: number): Promise<readonly (SealedSecret & { id: string })[]>
  /** Replaces it; with `expected`, only if the ciphertext still is that. */
  putWebhookSecret(id: string, secret: SealedSecret, expected?: Uint8Array): Promise<boolean>

  /** Whether {@link WebhookStore.fanOut} or {@link WebhookStore.claimDeliveries} would find something. Cheap: ask often. */
  webhookWork(now: number): Promise<boolean>
  /** Makes deliveries of what has happened, documents in batches of up to `batchSize` or after `batchMs`; returns how many events. */
  fanOut(options: { readonly now: number; readonly batchMs: number; readonly batchSize: number }): Promise<number>
  /** Adds one delivery that is not an event. It is claimed: send it, or the lease runs out and it is sent as any other. */
  addDelivery(
    webhookId: string,
    type: 'webhook.test',
    now: number,
    leaseMs: number,
  ): Promise<WebhookDelivery | undefined>
  /** Deliveries that are due, oldest first; nobody else gets them before the lease is over. `free` says how many a webhook may take. */
  claimDeliveries(options: {
    readonly now: number
    readonly leaseMs: number
    readonly free: Readonly<Record<string, number>>
    readonly perWebhook: number
    readonly limit: number
  }): Promise<readonly WebhookDelivery[]>
  settleDelivery(webhookId: string, id: string, result: AttemptResult, now: number): Promise<void>
  deliveries(
    webhookId: string,
    page: PageRequest & { readonly status?: DeliveryStatus },
  ): Promise<Page<WebhookDelivery>>
  /** Sends it again, from the first attempt on. */
  replayDelivery(webhookId: string, id: string, now: number): Promise<WebhookDelivery | undefined>
  /** Removes deliveries that ended before; at most a thousand a call. */
  purgeDeliveries(before: { readonly delivered: number; readonly dead: number }): Promise<number>

  /** Connectors whose next run is due or not known, at most a hundred. */
  dueSchedules(now: number): Promise<readonly ScheduledConnector[]>
  /**
   * Sets the next run if it still is `expected` and, with `start`, queues a sync in the same transaction. False when
   * another process was quicker, or the schedule was changed or the connector paused meanwhile.
   */
  advanceSchedule(
    connector: ScheduledConnector,
    next: { readonly nextSyncAt: number | null; readonly start: boolean },
  ): Promise<boolean>

  hookSubscription(connectorId: string): Promise<HookSubscription | undefined>
  putHookSubscription(subscription: HookSubscription): Promise<void>
  deleteHookSubscription(connectorId: string): Promise<void>
}
