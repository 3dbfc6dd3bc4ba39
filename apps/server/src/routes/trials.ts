import { isConnectorError } from '@cx/core'
import { ApiError, invalid } from '../http/errors.ts'
import { pagingParameters } from '../http/paging.ts'
import { ok, type Route, route } from '../http/route.ts'
import { object, type Schema } from '../http/schema.ts'
import { requireUnbound } from '../reading.ts'
import { testResult } from '../schemas.ts'
import type { Services } from '../services.ts'
import { askSource, targetOf } from '../source.ts'
import { browse, checkTrial, preview, testSource, trialTarget } from '../trial.ts'

const tag = 'Connectors'
const text = { type: 'string' } as const
const params = object({ id: text }, ['id'])
const freeObject = { type: 'object', additionalProperties: true } as const
const trial = object({ type: { type: 'string', maxLength: 100 }, config: freeObject, credentials: freeObject }, [
  'type',
  'config',
])
const item: Schema = object(
  { path: text, title: text, hasChildren: { type: 'boolean' }, selectable: { type: 'boolean' } },
  ['path', 'title', 'hasChildren', 'selectable'],
)
const previewed: Schema = object(
  {
    entries: {
      type: 'array',
      items: object(
        {
          path: text,
          size: { type: ['integer', 'null'] },
          contentType: { type: ['string', 'null'] },
          take: { type: 'boolean' },
          reason: text,
        },
        ['path', 'size', 'contentType', 'take'],
      ),
    },
    unreadable: { type: 'array', items: object({ path: text, message: text }, ['path', 'message']) },
    more: { type: 'boolean', description: 'There are more than these.' },
  },
  ['entries', 'unreadable', 'more'],
)

/** Routes that ask a source without changing anything. */
export function trialRoutes(services: Services): readonly Route[] {
  const { sight } = services
  return [
    route(
      {
        method: 'POST',
        path: '/api/v1/connectors/{id}/test',
        operationId: 'testConnector',
        tag,
        summary: 'Test a connector',
        description: 'Answers 200 with `success: false` when the source says no.',
        access: 'editor',
        params,
        body: object({}),
        bodyOptional: true,
        answers: { 200: { description: 'What the source said.', schema: testResult } },
        errors: ['unsupported_operation'],
      },
      async ({ caller, params, request }) =>
        ok(
          await testSource(
            services,
            await targetOf(services, await sight.connector(caller, params.id)),
            request.signal,
          ),
        ),
    ),
    route(
      {
        method: 'POST',
        path: '/api/v1/connectors/test',
        operationId: 'testCredentials',
        tag,
        summary: 'Test settings before there is a connector',
        access: 'editor',
        body: trial,
        refine: (body) => checkTrial(services, body),
        answers: { 200: { description: 'What the source said.', schema: testResult } },
      },
      async ({ body, request }) => ok(await testSource(services, await trialTarget(services, body), request.signal)),
    ),
    route(
      {
        method: 'POST',
        path: '/api/v1/connectors/preview',
        operationId: 'previewConnector',
        tag,
        summary: 'Preview what a sync would take',
        description: 'The first 100 entries, with reasons for what would be left out.',
        access: 'editor',
        body: trial,
        refine: (body) => checkTrial(services, body),
        answers: { 200: { description: 'What a sync would take and leave.', schema: previewed } },
        errors: ['forbidden', 'not_found', 'conflict', 'unsupported_operation', 'unavailable'],
      },
      async ({ body, request }) => ok(await preview(services, await trialTarget(services, body), request.signal)),
    ),
    route(
      {
        method: 'GET',
        path: '/api/v1/connectors/{id}/browse',
        operationId: 'browseConnector',
        tag,
        summary: 'Walk the source, for pickers',
        access: 'viewer',
        params,
        query: object({
          path: { type: 'string', maxLength: 8192, description: 'Empty, or left out, for the root.' },
          limit: { ...pagingParameters.limit, maximum: 1000, description: '200 unless told.' },
        }),
        answers: {
          200: {
            description: 'What lies directly under it; `meta.more` when there is more.',
            schema: { type: 'array', items: item },
          },
        },
        errors: ['forbidden', 'conflict', 'unsupported_operation', 'unavailable'],
      },
      async ({ caller, params, query, request }) => {
        requireUnbound(caller)
        const connector = await sight.connector(caller, params.id)
        const { items, more } = await askSource(services, connector, request, 30_000, async (source) => {
          if (!source.plugin.browse)
            throw new ApiError('unsupported_operation', `The connector "${source.plugin.title}" cannot be browsed.`)
          return browse(source, query.path ?? '', query.limit ?? 200).catch((error: unknown) => {
            if (isConnectorError(error) && error.code === 'unprocessable')
              throw invalid([{ path: '/path', message: `is no place at the source: ${error.message}` }])
            throw error
          })
        })
        return ok(items, { more })
      },
    ),
  ]
}
