import { describeConnector } from '@cx/core/engine'
import { notFound } from '../http/errors.ts'
import { ok, type Route, route } from '../http/route.ts'
import { object } from '../http/schema.ts'
import { connectorType } from '../schemas.ts'
import type { Services } from '../services.ts'

const tag = 'Connector types'

export function connectorTypeRoutes({ plugins }: Services): readonly Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/api/v1/connector-types',
        operationId: 'listConnectorTypes',
        tag,
        summary: 'List connector types',
        access: 'viewer',
        answers: {
          200: {
            description: 'Every type this server has, with what a form needs.',
            schema: { type: 'array', items: connectorType },
          },
        },
      },
      async () => ok([...(await plugins.all()).values()].map(describeConnector)),
    ),
    route(
      {
        method: 'GET',
        path: '/api/v1/connector-types/{type}',
        operationId: 'getConnectorType',
        tag,
        summary: 'Show a connector type',
        access: 'viewer',
        params: object({ type: { type: 'string' } }, ['type']),
        answers: { 200: { description: 'The type.', schema: connectorType } },
      },
      async ({ params }) => {
        const plugin = await plugins.get(params.type)
        if (!plugin) throw notFound('connector type', params.type)
        return ok(describeConnector(plugin))
      },
    ),
  ]
}
