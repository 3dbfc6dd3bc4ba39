import { type ErrorCode, statusOf } from './errors.ts'
import { maxBodyBytes } from './read-body.ts'
import type { Answer, Route } from './route.ts'
import { nameOf, type Schema } from './schema.ts'

type Doc = Record<string, unknown>

/** The OpenAPI 3.1 document of these routes, from the schemas that validate them. */
export function openApiDocument(routes: readonly Route[], publicUrl?: string): Readonly<Doc> {
  const schemas: Doc = {}
  const refer = createReferrer(schemas)
  const paths: Record<string, Doc> = {}
  for (const route of routes) {
    paths[route.path] ??= {}
    paths[route.path]![route.method.toLowerCase()] = operation(route, refer)
  }
  schemas.Error = errorSchema
  schemas.ListMeta = listMeta
  schemas.Meta = meta
  return {
    openapi: '3.1.0',
    info: {
      title: 'cx',
      version: '1',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'Connects document sources, keeps a searchable copy of them, and searches it. Success answers `{ data, meta }`, failure `{ error, meta }`. Times are RFC 3339 in UTC.',
    },
    servers: [{ url: publicUrl ?? '/' }],
    security: [{ apiKey: [] }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: '`Authorization: Bearer <api key>`' } },
    },
  }
}

/** Replaces named schemas by references, collecting them; others stay where they are. */
function createReferrer(schemas: Doc): (schema: Schema) => Doc {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    const name = nameOf(value)
    if (name === undefined) return inline(value)
    schemas[name] ??= inline(value)
    return { $ref: `#/components/schemas/${name}` }
  }
  const inline = (value: object) => Object.fromEntries(Object.entries(value).map(([key, child]) => [key, walk(child)]))
  return (schema) => walk(schema) as Doc
}

function operation(route: Route, refer: (schema: Schema) => Doc): Doc {
  const {
    operationId,
    tag,
    summary,
    description,
    access,
    params,
    query,
    headers = {},
    body,
    bodyOptional,
    upload,
    method,
  } = route
  const parameters = [
    ...fields(params).map(([name, schema]) => parameter('path', name, schema, true)),
    ...fields(query).map(([name, schema]) =>
      parameter('query', name, schema, query?.required?.includes(name) ?? false),
    ),
    ...Object.entries(headers).map(([name, text]) =>
      parameter('header', name, { type: 'string', description: text }, false),
    ),
    ...(method === 'POST' && access !== 'public'
      ? [
          parameter(
            'header',
            'Idempotency-Key',
            {
              type: 'string',
              maxLength: 255,
              description: 'Repeating a request with the same key within 24 hours gives the first answer again.',
            },
            false,
          ),
        ]
      : []),
  ]
  return {
    operationId,
    tags: [tag],
    summary,
    ...(description && { description }),
    ...(access === 'public' ? { security: [] } : { 'x-role': access }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: !bodyOptional, content: { 'application/json': { schema: refer(body) } } } }),
    ...(upload && {
      requestBody: { required: true, content: { [upload.contentType]: { schema: refer(upload.schema) } } },
    }),
    responses: responses(route, refer),
  }
}

/** A status that both succeeds and fails, such as a page with 400, has the content of both. */
function responses(route: Route, refer: (schema: Schema) => Doc): Doc {
  const all = failures(route)
  for (const [status, answer] of Object.entries(route.answers)) {
    const failed = all[status] as { readonly content: Doc } | undefined
    const answered = success(answer, route.access !== 'public', refer)
    if (answer.empty) {
      all[status] = answered
      continue
    }
    all[status] = { ...answered, content: { ...failed?.content, ...(answered.content as Doc) } }
  }
  return all
}

function fields(schema: Schema | undefined): [string, Schema][] {
  return Object.entries(schema?.properties ?? {})
}

function parameter(place: string, name: string, { description, ...schema }: Schema, required: boolean): Doc {
  return { name, in: place, required, ...(description && { description }), schema }
}

const text = (description: string) => ({ description, schema: { type: 'string' } })
const requestIdHeader = { 'X-Request-Id': text('Names this request in the log.') }
const rateHeaders = {
  'X-RateLimit-Limit': text('Requests a minute.'),
  'X-RateLimit-Remaining': text('Requests left now.'),
  'X-RateLimit-Reset': text('Unix seconds when all are back.'),
}

function success(
  { description, schema = {}, list, contentType, empty }: Answer,
  limited: boolean,
  refer: (schema: Schema) => Doc,
): Doc {
  const described = refer(schema)
  const envelope = {
    type: 'object',
    required: ['data', 'meta'],
    properties: {
      data: list ? { type: 'array', items: described } : described,
      meta: { $ref: `#/components/schemas/${list ? 'ListMeta' : 'Meta'}` },
    },
  }
  const headers = { ...requestIdHeader, ...(limited && rateHeaders) }
  if (empty) return { description, headers }
  return {
    description,
    headers,
    content: { [contentType ?? 'application/json']: { schema: contentType ? described : envelope } },
  }
}

/** Those that follow from what the route takes, and those it names. */
function failures(route: Route): Doc {
  const codes = new Set<ErrorCode>(['invalid_request', 'internal_error', ...(route.errors ?? [])])
  if (route.access !== 'public')
    for (const code of ['unauthorized', 'forbidden', 'rate_limit_exceeded'] as const) codes.add(code)
  if (route.params) codes.add('not_found')
  if (route.body) codes.add('payload_too_large')
  if (route.method === 'POST' && route.access !== 'public') codes.add('conflict')
  const sorted = [...codes].sort((a, b) => statusOf[a] - statusOf[b])
  return Object.fromEntries(sorted.map((code) => [statusOf[code], failure(code)]))
}

const meanings: Readonly<Record<ErrorCode, string>> = {
  invalid_request: 'The request is not valid; `details` has every failure.',
  unauthorized: 'No API key, or one that is not known or has expired.',
  forbidden: 'The key may not do this.',
  not_found: 'It does not exist, or the key cannot see it.',
  conflict: 'Not possible as things stand; `details.reason` says why.',
  payload_too_large: `The body has more than ${maxBodyBytes} bytes.`,
  unsupported_operation: 'This source, or this server, cannot do that.',
  rate_limit_exceeded: 'Too many requests; wait `retryAfter` seconds.',
  internal_error: 'A fault of the server; its log has the request id.',
  unavailable: 'The source or the server does not answer now; try again.',
}

function failure(code: ErrorCode): Doc {
  return {
    description: meanings[code],
    headers: { ...requestIdHeader, ...(code === 'rate_limit_exceeded' && { 'Retry-After': text('Seconds.') }) },
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  }
}

const requestId = { type: 'string' }
const meta = {
  type: 'object',
  required: ['requestId', 'timestamp'],
  properties: {
    requestId,
    timestamp: { type: 'string', format: 'date-time' },
    tookMs: { type: 'number' },
    more: { type: 'boolean' },
  },
}
const listMeta = {
  type: 'object',
  required: ['requestId', 'timestamp', 'limit', 'total', 'nextCursor'],
  properties: {
    requestId,
    timestamp: { type: 'string', format: 'date-time' },
    page: { type: 'integer', description: 'Absent when `cursor` was used.' },
    limit: { type: 'integer' },
    total: { type: ['integer', 'null'] },
    nextCursor: { type: ['string', 'null'], description: 'Null on the last page.' },
  },
}
const errorSchema = {
  type: 'object',
  required: ['error', 'meta'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string', enum: Object.keys(statusOf) },
        message: { type: 'string' },
        details: {},
        retryAfter: { type: 'integer' },
      },
    },
    meta: { type: 'object', required: ['requestId'], properties: { requestId } },
  },
}
