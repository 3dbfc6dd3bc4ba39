import type { ServerResponse } from 'node:http'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context } from 'hono'

/**
 * Answers with JSON, straight into Node's response where there is one: a `Response` and its streams in between cost as
 * much as the rest of a request (see https://github.com/honojs/node-server#direct-response-from-nodejs-api).
 */
export function sendJson(
  context: Context,
  status: number,
  headers: Readonly<Record<string, string>>,
  value: unknown,
): Response {
  const body = JSON.stringify(value)
  const { outgoing } = (context.env ?? {}) as { readonly outgoing?: ServerResponse }
  const typed = { ...headers, 'Content-Type': 'application/json' }
  if (!outgoing) return new Response(body, { status, headers: typed })
  outgoing.writeHead(status, { ...typed, 'Content-Length': Buffer.byteLength(body) })
  outgoing.end(body)
  return RESPONSE_ALREADY_SENT
}
