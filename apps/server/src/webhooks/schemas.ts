import { type Webhook, type WebhookDelivery, webhookEvents } from '@cx/store'
import { named, object, type Schema } from '../http/schema.ts'

const time = { type: 'string', format: 'date-time' } as const
const optionalTime = { type: ['string', 'null'], format: 'date-time' } as const
const text = { type: 'string' } as const
const count = { type: 'integer', minimum: 0 } as const

export const deliveryStatuses = ['pending', 'delivered', 'dead'] as const
export const events = {
  type: 'array',
  minItems: 1,
  maxItems: webhookEvents.length,
  uniqueItems: true,
  items: { type: 'string', enum: webhookEvents },
} as const

const webhookFields = {
  id: text,
  url: text,
  description: text,
  events,
  collections: {
    type: ['array', 'null'],
    items: text,
    description: 'Ids of the collections it is told of; null means all.',
  },
  enabled: { type: 'boolean' },
  createdAt: time,
  updatedAt: time,
} as const

export const webhookSchema: Schema = named(
  'Webhook',
  object(
    { ...webhookFields, secret: { type: 'string', description: 'What deliveries are signed with: shown once.' } },
    Object.keys(webhookFields) as (keyof typeof webhookFields)[],
  ),
)

export const deliverySchema: Schema = named(
  'WebhookDelivery',
  object(
    {
      id: { type: 'string', description: 'Of the event; sent as X-Webhook-Id with every attempt.' },
      webhookId: text,
      event: { type: 'string', enum: [...webhookEvents, 'webhook.test'] },
      status: { type: 'string', enum: deliveryStatuses, description: '`dead`: every attempt failed.' },
      attempts: count,
      lastStatus: { type: ['integer', 'null'], description: 'HTTP status of the last answer.' },
      lastError: { type: ['string', 'null'] },
      latencyMs: { type: ['integer', 'null'], minimum: 0 },
      nextAttemptAt: optionalTime,
      createdAt: time,
      completedAt: optionalTime,
      payload: { type: 'object', additionalProperties: true, description: 'The body as it is sent.' },
    },
    ['id', 'webhookId', 'event', 'status', 'attempts', 'lastStatus', 'lastError', 'latencyMs', 'createdAt', 'payload'],
  ),
)

export const webhookTestSchema: Schema = named(
  'WebhookTest',
  object(
    {
      success: { type: 'boolean' },
      status: { type: ['integer', 'null'], description: 'HTTP status of the answer.' },
      latencyMs: count,
      message: text,
      deliveryId: text,
    },
    ['success', 'status', 'latencyMs', 'message', 'deliveryId'],
  ),
)

type View = Readonly<Record<string, unknown>>

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

export function viewWebhook({ createdAt, updatedAt, ...webhook }: Webhook): View {
  return { ...webhook, createdAt: iso(createdAt), updatedAt: iso(updatedAt) }
}

export function viewDelivery(delivery: WebhookDelivery): View {
  const { id, webhookId, type, status, attempts, lastStatus, lastError, lastMs } = delivery
  return {
    id,
    webhookId,
    event: type,
    status,
    attempts,
    lastStatus,
    lastError,
    latencyMs: lastMs,
    nextAttemptAt: iso(delivery.nextAttemptAt),
    createdAt: iso(delivery.createdAt),
    completedAt: iso(delivery.completedAt),
    payload: JSON.parse(delivery.body),
  }
}
