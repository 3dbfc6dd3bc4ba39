import { isKnownOrigin } from '../http/cors.ts'
import { ApiError } from '../http/errors.ts'
import { readJson } from '../http/read-body.ts'
import { type Answer, type Route, route } from '../http/route.ts'
import type { Services } from '../services.ts'

const tag = 'Model Context Protocol'
const path = '/mcp'
const message = { type: 'object', additionalProperties: true } as const
const messages = (description: string): Answer => ({ description, contentType: 'application/json', schema: message })

/** Loaded with the first request. */
export function mcpRoutes(services: Services): readonly Route[] {
  const refuse = (method: 'GET' | 'DELETE', operationId: string, summary: string): Route =>
    route(
      {
        method,
        path,
        operationId,
        tag,
        summary,
        access: 'viewer',
        answers: { 405: messages('Not possible: every request stands for itself, so there is no session.') },
      },
      async () =>
        Response.json(
          { jsonrpc: '2.0', error: { code: -32_000, message: 'This server keeps no sessions: use POST.' }, id: null },
          { status: 405, headers: { Allow: 'POST' } },
        ),
    )
  return [
    route(
      {
        method: 'POST',
        path,
        operationId: 'mcp',
        tag,
        summary: 'Tools for language models',
        description:
          'Streamable HTTP, stateless, with the tools `search` and `fetch`. A key without the scope `search:all` names the person in the argument `principal`, or is bound to one by the scope `principal:<e-mail or source id>`.',
        access: 'viewer',
        upload: { contentType: 'application/json', schema: message },
        answers: {
          200: messages('The answer to a request.'),
          202: { description: 'A notification was taken.', contentType: 'application/json', schema: {} },
          400: messages('Not a message of the protocol.'),
          406: messages('`Accept` must list application/json and text/event-stream.'),
          415: messages('`Content-Type` must be application/json.'),
        },
        errors: ['payload_too_large'],
      },
      async ({ caller, request }) => {
        const origin = request.headers.get('origin')
        if (!isKnownOrigin(origin, services.settings))
          throw new ApiError(
            'forbidden',
            `Pages of ${origin} may not use this server. An operator can allow them with CX_CORS_ORIGINS.`,
          )
        const body = await readJson(request)
        const { answerMcp } = await import('../mcp/server.ts')
        return answerMcp(services, caller, request, body)
      },
    ),
    refuse('GET', 'mcpStream', 'Not possible: there is no stream of messages'),
    refuse('DELETE', 'mcpEnd', 'Not possible: there is no session to end'),
  ]
}
