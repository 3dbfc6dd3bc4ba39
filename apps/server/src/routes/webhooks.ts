import { ApiError, notFound } from '../http/errors.ts'
import { listPage, pageRequest, pagingParameters } from '../http/paging.ts'
import { accepted, created, ok, type Route, route } from '../http/route.ts'
import { object } from '../http/schema.ts'
import { audit, type Services } from '../services.ts'
import { createWebhook, updateWebhook, visibleWebhook } from '../webhooks/change.ts'
import {
  deliverySchema,
  deliveryStatuses,
  events,
  viewDelivery,
  viewWebhook,
  webhookSchema,
  webhookTestSchema,
} from '../webhooks/schemas.ts'

const tag = 'Webhooks'
const id = { type: 'string' } as const
const params = object({ id }, ['id'])
const testLeaseMs = 60_000

const fields = {
  url: {
    type: 'string',
    minLength: 1,
    maxLength: 2000,
    description: 'Public addresses only, unless the operator allows others.',
  },
  description: { type: 'string', maxLength: 500 },
  events,
  collections: {
    type: ['array', 'null'],
    minItems: 1,
    maxItems: 1000,
    items: { type: 'string', minLength: 1, maxLength: 200 },
    description: 'Ids or names; null, or left out, for all that the key sees.',
  },
  enabled: { type: 'boolean' },
  secret: { type: 'string', minLength: 16, maxLength: 200, description: 'Made by the server unless given.' },
} as const

export function webhookRoutes(services: Services): readonly Route[] {
  const { store } = services
  return [
    route(
      {
        method: 'GET',
        path: '/api/v1/webhooks',
        operationId: 'listWebhooks',
        tag,
        summary: 'List webhooks',
        access: 'admin',
        query: object(pagingParameters),
        answers: { 200: { description: 'Webhooks, without their secrets.', schema: webhookSchema, list: true } },
      },
      async ({ caller, query }) => {
        const limits = caller.collections === null ? {} : { collections: caller.collections }
        return listPage(query, await store.webhooks({ ...pageRequest(query), ...limits }), viewWebhook)
      },
    ),
    route(
      {
        method: 'POST',
        path: '/api/v1/webhooks',
        operationId: 'createWebhook',
        tag,
        summary: 'Be told of what happens',
        description:
          'Deliveries carry `X-Webhook-Id`, `X-Webhook-Timestamp` (unix seconds) and `X-Webhook-Signature: sha256=<hex HMAC-SHA256(secret, timestamp + "." + raw body)>`. Anything but 2xx is tried again after 1 minute, 5 minutes, 30 minutes and 2 hours. The secret is in this answer and never again.',
        access: 'admin',
        body: object(fields, ['url', 'events']),
        shownOnce: ['secret'],
        answers: { 201: { description: 'The webhook with its secret.', schema: webhookSchema } },
        errors: ['not_found'],
      },
      async ({ caller, body }) => {
        const { webhook, secret } = await createWebhook(services, caller, body)
        return created({ ...viewWebhook(webhook), secret })
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/v1/webhooks/{id}',
        operationId: 'getWebhook',
        tag,
        summary: 'Show a webhook',
        access: 'admin',
        params,
        answers: { 200: { description: 'The webhook, without its secret.', schema: webhookSchema } },
      },
      async ({ caller, params }) => ok(viewWebhook(await visibleWebhook(services, caller, params.id))),
    ),
    route(
      {
        method: 'PUT',
        path: '/api/v1/webhooks/{id}',
        operationId: 'updateWebhook',
        tag,
        summary: 'Change a webhook',
        description: 'What is left out stays. A new `secret` signs from the next attempt on.',
        access: 'admin',
        params,
        body: object(fields),
        answers: { 200: { description: 'The webhook as it is now.', schema: webhookSchema } },
      },
      async ({ caller, params, body }) => ok(viewWebhook(await updateWebhook(services, caller, params.id, body))),
    ),
    route(
      {
        method: 'DELETE',
        path: '/api/v1/webhooks/{id}',
        operationId: 'deleteWebhook',
        tag,
        summary: 'Delete a webhook',
        description: 'With its deliveries, sent or not.',
        access: 'admin',
        params,
        answers: {
          200: {
            description: 'It is gone.',
            schema: object({ id, deleted: { type: 'boolean', const: true } }, ['id', 'deleted']),
          },
        },
      },
      async ({ caller, params }) => {
        await visibleWebhook(services, caller, params.id)
        if (!(await store.deleteWebhook(params.id))) throw notFound('webhook', params.id)
        await audit(services, caller, 'webhook.deleted', params.id)
        return ok({ id: params.id, deleted: true })
      },
    ),
    route(
      {
        method: 'POST',
        path: '/api/v1/webhooks/{id}/test',
        operationId: 'testWebhook',
        tag,
        summary: 'Send a test',
        description: 'Sends `webhook.test` once, now, and says how it went.',
        access: 'admin',
        params,
        answers: { 200: { description: 'How it went.', schema: webhookTestSchema } },
      },
      async ({ caller, params }) => {
        const webhook = await visibleWebhook(services, caller, params.id)
        const delivery = await store.addDelivery(webhook.id, 'webhook.test', Date.now(), testLeaseMs)
        if (!delivery) throw notFound('webhook', params.id)
        const { ok: success, httpStatus, error, ms } = await services.deliverer.once(delivery, webhook.url)
        const message = error ?? 'The receiver took it.'
        return ok({ success, status: httpStatus, latencyMs: ms, message, deliveryId: delivery.id })
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/v1/webhooks/{id}/deliveries',
        operationId: 'listWebhookDeliveries',
        tag,
        summary: 'List deliveries',
        description: 'Kept for 7 days after they were delivered, 30 days after they were given up.',
        access: 'admin',
        params,
        query: object({ ...pagingParameters, status: { type: 'string', enum: deliveryStatuses } }),
        answers: { 200: { description: 'Deliveries, newest first.', schema: deliverySchema, list: true } },
      },
      async ({ caller, params, query }) => {
        const { id: webhookId } = await visibleWebhook(services, caller, params.id)
        const status = query.status && { status: query.status }
        return listPage(query, await store.deliveries(webhookId, { ...pageRequest(query), ...status }), viewDelivery)
      },
    ),
    route(
      {
        method: 'POST',
        path: '/api/v1/webhooks/{id}/deliveries/{deliveryId}/replay',
        operationId: 'replayWebhookDelivery',
        tag,
        summary: 'Send a delivery again',
        description: 'With the same id and body, from the first attempt on.',
        access: 'admin',
        params: object({ id, deliveryId: id }, ['id', 'deliveryId']),
        answers: { 202: { description: 'The delivery, waiting to be sent.', schema: deliverySchema } },
        errors: ['unsupported_operation'],
      },
      async ({ caller, params }) => {
        const webhook = await visibleWebhook(services, caller, params.id)
        if (!webhook.enabled)
          throw new ApiError('unsupported_operation', 'This webhook is disabled. Enable it with PUT, then replay.')
        const delivery = await store.replayDelivery(webhook.id, params.deliveryId, Date.now())
        if (!delivery) throw notFound('delivery', params.deliveryId)
        services.deliverer.wake()
        return accepted(viewDelivery(delivery))
      },
    ),
  ]
}
