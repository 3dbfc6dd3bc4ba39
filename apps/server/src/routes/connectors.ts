import { checkNew, checkPatch, createConnector, deleteConnector, updateConnector } from '../connectors.ts'
import { viewHook } from '../hooks/address.ts'
import { notFound } from '../http/errors.ts'
import { listPage, pageRequest, pagingParameters } from '../http/paging.ts'
import { accepted, created, ok, type Route, route } from '../http/route.ts'
import { object, type Schema } from '../http/schema.ts'
import { ownClient } from '../oauth/provider.ts'
import { connectorDetail, connectorStatuses, connectorSummary } from '../schemas.ts'
import type { Services } from '../services.ts'
import { viewConnector, viewConnectorSummary } from '../views.ts'

const tag = 'Connectors'
const params = object({ id: { type: 'string' } }, ['id'])
const deleted = object({ id: { type: 'string' }, deleted: { type: 'boolean', const: true } }, ['id', 'deleted'])

const name = { type: 'string', minLength: 1, maxLength: 200 } as const
const freeObject = { type: 'object', additionalProperties: true } as const

const secretText = { type: 'string', minLength: 1, maxLength: 4000 } as const
const address = { type: 'string', format: 'uri', pattern: '^https?://', maxLength: 2000 } as const

/** Fields that POST and PUT share. */
const settings = {
  credentials: {
    ...freeObject,
    description: 'One of the ways in of the connector type; `method` says which where it is not plain.',
  },
  webhookSecret: {
    type: ['string', 'null'],
    minLength: 8,
    maxLength: 500,
    description:
      'What the source signs its webhooks with, where the source chooses it; null refuses them. POST …/webhook-secret makes one.',
  },
  oauthClient: {
    ...object(
      {
        clientId: secretText,
        clientSecret: secretText,
        authorizationUrl: address,
        tokenUrl: address,
        revocationUrl: address,
      },
      ['clientId'],
    ),
    type: ['object', 'null'],
    description:
      "This connector's own OAuth client instead of the one of this server; null takes it away. The addresses replace the connector type's, for private clouds.",
  },
  enabled: { type: 'boolean', description: 'False pauses it.' },
  schedule: { type: ['string', 'null'], maxLength: 200, description: 'A cron expression, or null.' },
  timezone: { type: 'string', maxLength: 100, description: 'IANA name; UTC unless told.' },
  limits: object({ maxFileBytes: { type: 'integer', minimum: 1, maximum: 1_099_511_627_776 } }),
} as const

const newFields = {
  name,
  type: { type: 'string', maxLength: 100, description: 'One of GET /connector-types.' },
  collection: { type: 'string', minLength: 1, maxLength: 200, description: 'Id or name.' },
  config: { ...freeObject, description: 'As the connector type describes it.' },
  ...settings,
} as const

/** The body of POST, for others that create connectors. */
export const newConnectorFields: { readonly [name: string]: Schema } = newFields

const patchFields = {
  name,
  type: { type: 'string', description: 'Cannot change.' },
  collection: { type: 'string', description: 'Cannot change.' },
  config: { ...freeObject, description: 'Merged one level deep; null removes a key.' },
  ...settings,
} as const

export function connectorRoutes(services: Services): readonly Route[] {
  const { store, sight, plugins } = services
  const show = async (connector: Parameters<typeof viewConnector>[0]) => {
    const plugin = await plugins.get(connector.type)
    return viewConnector(connector, plugin, {
      oauthClient: await ownClient(services, connector.id),
      webhook: await viewHook(services, connector.id, plugin),
    })
  }

  return [
    route(
      {
        method: 'GET',
        path: '/api/v1/connectors',
        operationId: 'listConnectors',
        tag,
        summary: 'List connectors',
        access: 'viewer',
        query: object({
          ...pagingParameters,
          type: { type: 'string', maxLength: 100 },
          collection: { type: 'string', maxLength: 200, description: 'Id or name.' },
          status: { type: 'string', enum: connectorStatuses },
        }),
        answers: { 200: { description: 'Connectors, oldest first.', schema: connectorSummary, list: true } },
      },
      async ({ caller, query }) => {
        const { type, collection, status } = query
        const [asked] = collection === undefined ? [] : await store.collectionIds([collection])
        const visible = asked !== undefined && (caller.collections?.includes(asked) ?? true) ? [asked] : []
        const collectionIds = collection === undefined ? caller.collections : visible
        const page = await store.connectors({
          ...pageRequest(query),
          ...(type !== undefined && { type }),
          ...(status !== undefined && { status }),
          ...(collectionIds && { collectionIds }),
        })
        return listPage(query, page, viewConnectorSummary)
      },
    ),

    route(
      {
        method: 'POST',
        path: '/api/v1/connectors',
        operationId: 'createConnector',
        tag,
        summary: 'Create a connector',
        description:
          'Checks the shape of everything, not whether the source can be reached: that is `/test`. A collection that does not exist yet is made under the given name.',
        access: 'editor',
        body: object(newFields, ['name', 'type', 'collection', 'config']),
        refine: (body) => checkNew(services, body),
        answers: { 201: { description: 'The connector.', schema: connectorDetail } },
        errors: ['not_found', 'conflict'],
      },
      async ({ caller, body }) => created(await show(await createConnector(services, caller, body))),
    ),

    route(
      {
        method: 'GET',
        path: '/api/v1/connectors/{id}',
        operationId: 'getConnector',
        tag,
        summary: 'Show a connector',
        access: 'viewer',
        params,
        answers: { 200: { description: 'The connector.', schema: connectorDetail } },
      },
      async ({ caller, params }) => ok(await show(await sight.connector(caller, params.id))),
    ),

    route(
      {
        method: 'PUT',
        path: '/api/v1/connectors/{id}',
        operationId: 'updateConnector',
        tag,
        summary: 'Change a connector',
        description:
          '`config` is merged one level deep, null removes a key; `credentials` are replaced whole. `type` and `collection` cannot change.',
        access: 'editor',
        params,
        body: object(patchFields),
        answers: { 200: { description: 'The connector as it is now.', schema: connectorDetail } },
      },
      async ({ caller, params, body }) => {
        const connector = await sight.connector(caller, params.id)
        const change = await checkPatch(services, connector, body)
        const updated = await updateConnector(services, caller, connector, change)
        if (!updated) throw notFound('connector', params.id)
        return ok(await show(updated))
      },
    ),

    route(
      {
        method: 'DELETE',
        path: '/api/v1/connectors/{id}',
        operationId: 'deleteConnector',
        tag,
        summary: 'Delete a connector',
        description: 'Cancels its jobs and removes its documents and credentials. Nothing is touched at the source.',
        access: 'editor',
        params,
        answers: {
          200: { description: 'Everything is gone.', schema: deleted },
          202: { description: 'It is out of sight; a large one is removed in the background.', schema: deleted },
        },
      },
      async ({ caller, params }) => {
        const connector = await sight.connector(caller, params.id)
        const done = await deleteConnector(services, caller, connector)
        const data = { id: connector.id, deleted: true }
        return done ? ok(data) : accepted(data)
      },
    ),
  ]
}
