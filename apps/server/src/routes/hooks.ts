import { hookUrl } from '../hooks/address.ts'
import { receiveHook } from '../hooks/receive.ts'
import { awaitHandshake, generateHookSecret, takeUnseen } from '../hooks/secret.ts'
import { ApiError } from '../http/errors.ts'
import { accepted, ok, type Reply, type Route, route } from '../http/route.ts'
import { object } from '../http/schema.ts'
import { audit, type Services } from '../services.ts'

const tag = 'Source webhooks'
const params = object({ id: { type: 'string' } }, ['id'])
const optionalText = { type: ['string', 'null'] } as const

const received = object(
  {
    received: { type: 'boolean', const: true },
    outcome: { type: 'string', enum: ['queued', 'ignored', 'duplicate'] },
    reason: optionalText,
    jobId: optionalText,
  },
  ['received', 'outcome', 'reason', 'jobId'],
)
const secretSchema = object(
  { webhookSecret: { type: 'string', description: 'Shown once.' }, url: { type: 'string' } },
  ['webhookSecret', 'url'],
)
const waiting = object({ url: { type: 'string' } }, ['url'])

export function hookRoutes(services: Services): readonly Route[] {
  const { sight, plugins, settings } = services
  const urlOf = (connectorId: string) => hookUrl(settings, connectorId)
  const receiver = (path: string, operationId: string): Route =>
    route(
      {
        method: 'POST',
        path,
        operationId,
        tag,
        summary: 'What a source tells',
        description:
          'Signed as the connector type declares, with the secret of the connector; without one everything is refused. What it names is synced within seconds, together with what else was named meanwhile. The answer to a handshake is the text that the source expects.',
        access: 'public',
        params: object({ connectorId: { type: 'string' } }, ['connectorId']),
        // Some sources put tokens here.
        query: { type: 'object', additionalProperties: true },
        upload: { contentType: '*/*', schema: {} },
        answers: {
          200: { description: 'A handshake.', contentType: 'text/plain', schema: { type: 'string' } },
          202: { description: 'It was taken.', schema: received },
        },
        errors: ['unauthorized', 'not_found', 'payload_too_large'],
      },
      async ({ params, request }) => receiveHook(services, params.connectorId, request),
    )

  return [
    receiver('/hooks/{connectorId}', 'receiveSourceWebhook'),
    receiver('/api/v1/hooks/{connectorId}', 'receiveSourceWebhookBelowBase'),
    route(
      {
        method: 'POST',
        path: '/api/v1/connectors/{id}/webhook-secret',
        operationId: 'createWebhookSecret',
        tag,
        summary: 'Make a secret for the webhook of a source',
        description:
          'Replaces the one there is. For a source that hands over its own, `fromSource: true` waits an hour for that instead. A secret that the source shows is set with PUT /connectors/{id} `webhookSecret`.',
        access: 'editor',
        params,
        body: object({ fromSource: { type: 'boolean' } }),
        bodyOptional: true,
        shownOnce: ['webhookSecret'],
        answers: {
          200: { description: 'The secret, this once, and the address to give to the source.', schema: secretSchema },
          202: { description: 'Give the address to the source, then GET the secret that it sends.', schema: waiting },
        },
        errors: ['unsupported_operation'],
      },
      async ({ caller, params, body }): Promise<Reply> => {
        const connector = await sight.connector(caller, params.id)
        const plugin = await plugins.get(connector.type)
        if (!plugin?.webhook)
          throw new ApiError('unsupported_operation', `Connectors of the type "${connector.type}" take no webhooks.`)
        await audit(services, caller, 'connector.webhook_secret_changed', connector.id)
        const url = urlOf(connector.id)
        if (!body.fromSource) return ok({ webhookSecret: await generateHookSecret(services, connector.id), url })
        await awaitHandshake(services, connector.id, false)
        return accepted({ url })
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/v1/connectors/{id}/webhook-secret',
        operationId: 'takeWebhookSecret',
        tag,
        summary: 'See the secret that a source handed over',
        description:
          'Once, for sources that want it typed in as proof, such as Notion; the audit log says who saw it. To see it again, POST with `fromSource: true` and let the source send it again.',
        access: 'editor',
        params,
        answers: { 200: { description: 'The secret, this once.', schema: secretSchema } },
      },
      async ({ caller, params }) => {
        const { id } = await sight.connector(caller, params.id)
        const webhookSecret = await takeUnseen(services, id)
        if (webhookSecret === undefined)
          throw new ApiError(
            'not_found',
            'There is no secret from the source that was not shown yet. POST makes a new one.',
          )
        await audit(services, caller, 'connector.webhook_secret_shown', id)
        return ok({ webhookSecret, url: urlOf(id) })
      },
    ),
  ]
}
