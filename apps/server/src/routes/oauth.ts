import { checkNew } from '../connectors.ts'
import type { Detail } from '../http/errors.ts'
import { ok, type Route, route } from '../http/route.ts'
import { object, type Schema } from '../http/schema.ts'
import { type BeginRequest, beginOAuth, finishOAuth } from '../oauth/flow.ts'
import { answerPerson } from '../oauth/page.ts'
import type { Services } from '../services.ts'
import { newConnectorFields } from './connectors.ts'

const tag = 'OAuth'
const text = { type: 'string' } as const
const { type: _, credentials: __, ...connectorFields } = newConnectorFields

const begun: Schema = object(
  {
    authUrl: { type: 'string', format: 'uri', description: 'Open it in the browser of the person who gives access.' },
    state: { type: 'string', description: 'Used once.' },
    expiresAt: { type: 'string', format: 'date-time' },
  },
  ['authUrl', 'state', 'expiresAt'],
)

/** What schemas cannot say: an existing connector or a new one, and of the new one everything that POST /connectors checks. */
async function check(services: Services, body: unknown): Promise<readonly Detail[]> {
  if (typeof body !== 'object' || body === null) return []
  const { connectorId, provider, connector } = body as Record<string, unknown>
  if (connectorId !== undefined)
    return provider === undefined && connector === undefined
      ? []
      : [{ path: '/connectorId', message: 'cannot be combined with "provider" and "connector"' }]
  if (typeof provider !== 'string' || typeof connector !== 'object' || connector === null)
    return [{ path: '', message: 'needs "connectorId", or "provider" and "connector"' }]
  const problems = await checkNew(services, { ...connector, type: provider })
  return problems.map(({ path, message }) => ({ path: path === '/type' ? '/provider' : `/connector${path}`, message }))
}

export function oauthRoutes(services: Services): readonly Route[] {
  return [
    route(
      {
        method: 'POST',
        path: '/api/v1/oauth/init',
        operationId: 'beginOAuth',
        tag,
        summary: 'Begin to connect by OAuth',
        description:
          'For an existing connector, also to authorize it again, or for one that is created when the person has agreed. The state is good for ten minutes.',
        access: 'editor',
        body: object({
          connectorId: text,
          provider: { type: 'string', maxLength: 100, description: 'The connector type, with `connector`.' },
          connector: object(connectorFields, ['name', 'collection', 'config']),
          method: { type: 'string', maxLength: 100, description: 'Where the type has several ways in by OAuth.' },
          returnUrl: {
            type: 'string',
            maxLength: 2000,
            description:
              'Where the person is sent at the end, with `connectorId`, `status`, `missing_scopes` where some were left out and, when it failed, `error` and `error_description`. Its origin must be allowed by the operator.',
          },
        }),
        refine: (body) => check(services, body),
        shownOnce: ['authUrl', 'state'],
        answers: { 200: { description: 'Where to send the person.', schema: begun } },
        errors: ['not_found', 'conflict', 'unsupported_operation'],
      },
      async ({ caller, body, request }) =>
        ok(await beginOAuth(services, caller, body as BeginRequest, new URL(request.url).origin)),
    ),
    route(
      {
        method: 'GET',
        path: '/api/v1/oauth/callback/{provider}',
        operationId: 'oauthCallback',
        tag,
        summary: 'Where providers send people back',
        description: 'For browsers: answers with a page, or sends the person to the `returnUrl` of the beginning.',
        access: 'public',
        params: object({ provider: text }, ['provider']),
        query: {
          type: 'object',
          properties: { state: text, code: text, error: text, error_description: text },
          additionalProperties: { type: 'string' },
        },
        answers: {
          200: { description: 'Connected.', contentType: 'text/html', schema: text },
          302: { description: 'To the `returnUrl`, however it went.', contentType: 'text/html', schema: text },
          400: { description: 'Not connected; the page says why.', contentType: 'text/html', schema: text },
        },
      },
      async ({ params, query }) =>
        answerPerson(await finishOAuth(services, params.provider, query as Readonly<Record<string, string>>)),
    ),
  ]
}
