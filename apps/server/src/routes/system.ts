import { requireAllCollections } from '../access.ts'
import { renderDocs } from '../http/docs/page.ts'
import { ApiError } from '../http/errors.ts'
import { openApiDocument } from '../http/openapi.ts'
import { ok, type Route, route } from '../http/route.ts'
import { object } from '../http/schema.ts'
import type { Services } from '../services.ts'

const tag = 'System'
const status = object({ status: { type: 'string', const: 'ok' } }, ['status'])

/** Health and the document of the API; `routes` are all routes there are, these among them. */
export function systemRoutes(
  { store, settings, telemetry }: Services,
  ready: () => boolean,
  routes: () => readonly Route[],
): readonly Route[] {
  let document: Readonly<Record<string, unknown>> | undefined
  const describe = () => {
    document ??= openApiDocument(routes(), settings.publicUrl)
    return document
  }
  return [
    route(
      {
        method: 'GET',
        path: '/healthz',
        operationId: 'health',
        tag,
        summary: 'Whether the process answers',
        access: 'public',
        answers: { 200: { description: 'It does.', schema: status } },
      },
      async () => ok({ status: 'ok' }),
    ),
    route(
      {
        method: 'GET',
        path: '/readyz',
        operationId: 'readiness',
        tag,
        summary: 'Whether it can work',
        access: 'public',
        answers: { 200: { description: 'The store answers and the engine runs.', schema: status } },
        errors: ['unavailable'],
      },
      async () => {
        if (!ready()) throw new ApiError('unavailable', 'The server is starting or stopping.', { retryAfter: 1 })
        try {
          await store.ping()
        } catch {
          throw new ApiError('unavailable', 'The database does not answer.', { retryAfter: 5 })
        }
        return ok({ status: 'ok' })
      },
    ),
    route(
      {
        method: 'GET',
        path: '/metrics',
        operationId: 'metrics',
        tag,
        summary: 'What is slow and what fails',
        description: "Prometheus' text format. Needs a key that is not limited to certain collections.",
        access: 'viewer',
        answers: { 200: { description: 'Metrics.', contentType: 'text/plain', schema: { type: 'string' } } },
      },
      async ({ caller }) => {
        requireAllCollections(caller)
        return new Response(await telemetry.metrics.render(), {
          headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' },
        })
      },
    ),
    route(
      {
        method: 'GET',
        path: '/openapi.json',
        operationId: 'openapi',
        tag,
        summary: 'This document',
        access: 'public',
        answers: {
          200: {
            description: 'OpenAPI 3.1.',
            contentType: 'application/json',
            schema: { type: 'object', additionalProperties: true },
          },
        },
      },
      async () => Response.json(describe()),
    ),
    route(
      {
        method: 'GET',
        path: '/',
        operationId: 'home',
        tag,
        summary: 'Where to begin',
        access: 'public',
        answers: { 302: { description: 'To `/docs`.', empty: true } },
      },
      async () => new Response(null, { status: 302, headers: { Location: 'docs' } }),
    ),
    route(
      {
        method: 'GET',
        path: '/docs',
        operationId: 'docs',
        tag,
        summary: 'This document, to read',
        access: 'public',
        answers: { 200: { description: 'A page.', contentType: 'text/html', schema: { type: 'string' } } },
      },
      async ({ request }) =>
        new Response(renderDocs(describe(), new URL(request.url).origin), {
          headers: {
            'Content-Type': 'text/html; charset=utf-8',
            'Content-Security-Policy':
              "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
          },
        }),
    ),
  ]
}
