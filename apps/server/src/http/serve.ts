import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Log } from '@cx/core'
import { newId, type Store } from '@cx/store'
import { type Context, Hono } from 'hono'
import { type Caller, requireRole } from '../access.ts'
import { withinRequest } from '../request-context.ts'
import type { Observer } from '../telemetry/events.ts'
import { corsHeaders, preflight } from './cors.ts'
import { ApiError, asAnswer, type Detail, errorEnvelope, internalError, invalid, statusOf } from './errors.ts'
import { once } from './idempotency.ts'
import type { RateLimit } from './rate-limit.ts'
import { readJson } from './read-body.ts'
import type { Reply, Route } from './route.ts'
import { sendJson } from './send.ts'
import { type Check, compileBody, compileParameters } from './validate.ts'

export interface ServeOptions {
  readonly store: Store
  readonly log: Log
  readonly authenticate: (header: string | null) => Promise<Caller>
  readonly rateLimit: RateLimit
  readonly observe: Observer
  /** Origins whose pages may read the answers. */
  readonly corsOrigins: readonly string[]
}

const unknown = { operationId: 'unknown', path: '(unknown)' }
const nobody: Caller = { keyId: 'public', role: 'viewer', collections: [], scopes: [] }

export interface Served {
  readonly app: Hono
  /** Compiles the schemas of every route, so that no request has to wait for its own. Call it once the host listens. */
  compile(): Promise<void>
}

/** Turns declarations into a Hono app. */
export function serveRoutes(routes: readonly Route[], options: ServeOptions): Served {
  const app = new Hono()
  if (options.corsOrigins.length > 0) app.options('*', preflight(options.corsOrigins))
  // Fixed segments before parameters: `/connectors/test` is not a connector.
  const ordered = [...routes].sort((a, b) =>
    a.path.replaceAll('{', '\uffff') < b.path.replaceAll('{', '\uffff') ? -1 : 1,
  )
  const compilers: (() => void)[] = []
  for (const route of ordered) {
    const { run, compile } = createRunner(route, options)
    compilers.push(compile)
    app.on(route.method, honoPath(route.path), (context) =>
      answer(context, route, options, (requestId, headers) => run(context, requestId, headers)),
    )
  }
  app.notFound((context) =>
    answer(context, unknown, options, async () => {
      const others = routes.filter((route) => pathMatches(route.path, context.req.path)).map((route) => route.method)
      throw new ApiError(
        'not_found',
        others.length > 0
          ? `${context.req.method} is not possible here, but ${new Intl.ListFormat('en').format(new Set(others))}.`
          : `There is nothing at ${context.req.method} ${context.req.path.slice(0, 200)}. GET /openapi.json lists every route.`,
      )
    }),
  )
  return {
    app,
    compile: async () => {
      for (const compile of compilers) {
        compile()
        await nextTurn()
      }
    },
  }
}

interface Runner {
  compile(): { readonly query: Check; readonly body: Check | undefined }
  /** Adds to `headers` what every answer to this request carries. */
  run(context: Context, requestId: string, headers: Record<string, string>): Promise<Reply | Response>
}

function createRunner(route: Route, { store, authenticate, rateLimit }: ServeOptions): Runner {
  let checks: ReturnType<Runner['compile']> | undefined
  const compile = () => {
    checks ??= {
      query: compileParameters({ type: 'object', additionalProperties: false, ...route.query }),
      body: route.body && compileBody(route.body),
    }
    return checks
  }
  const run: Runner['run'] = async (context, requestId, headers) => {
    const { query: checkQuery, body: checkBody } = compile()
    const request = context.req.raw
    let caller = nobody
    if (route.access !== 'public') {
      caller = await authenticate(request.headers.get('authorization'))
      Object.assign(headers, rateLimit(caller.keyId))
      requireRole(caller, route.access)
    }
    const query = readQuery(context.req.url)
    const problems: Detail[] = [...query.problems, ...checkQuery(query.values)]
    let body: unknown
    if (checkBody) {
      body = await readJson(request)
      if (body === undefined && route.bodyOptional) body = {}
      if (body === undefined) throw new ApiError('invalid_request', 'This needs a JSON body.')
      problems.push(...checkBody(body))
      if (route.refine) problems.push(...(await route.refine(body)))
    }
    if (problems.length > 0) throw invalid(problems)
    const call = { params: context.req.param(), query: query.values, body, caller, requestId, request }
    const idempotencyKey = route.method === 'POST' ? request.headers.get('idempotency-key') : null
    if (idempotencyKey === null || route.access === 'public') return route.handle(call)
    return once(
      store,
      { keyId: caller.keyId, idempotencyKey, method: route.method, path: context.req.path, body },
      route.shownOnce ?? [],
      () => route.handle(call),
    )
  }
  return { compile, run }
}

/** Writes the envelope around whatever `work` returns or throws, and one line of log. */
async function answer(
  context: Context,
  { operationId: operation, path: route }: Pick<Route, 'operationId' | 'path'>,
  { log, observe, corsOrigins }: Pick<ServeOptions, 'log' | 'observe' | 'corsOrigins'>,
  work: (requestId: string, headers: Record<string, string>) => Promise<Reply | Response>,
): Promise<Response> {
  const requestId = newId('req')
  const began = performance.now()
  const headers: Record<string, string> = {
    'X-Request-Id': requestId,
    ...corsHeaders(corsOrigins, context.req.header('origin')),
  }
  let response: Response
  let status: number
  let failure: unknown
  try {
    const reply = await withinRequest({ path: context.req.path, requestId }, () => work(requestId, headers))
    status = reply.status
    if (reply instanceof Response)
      response = new Response(reply.body, { status, headers: { ...headers, ...Object.fromEntries(reply.headers) } })
    else {
      const { data, meta } = reply
      Object.assign(headers, reply.headers)
      const envelope = { data, meta: { requestId, timestamp: new Date().toISOString(), ...meta } }
      response = sendJson(context, status, headers, envelope)
    }
  } catch (error) {
    failure = error
    const known = asAnswer(error) ?? internalError(requestId)
    status = statusOf[known.code]
    // https://www.rfc-editor.org/rfc/rfc9110#field.www-authenticate
    if (known.code === 'unauthorized') headers['WWW-Authenticate'] = 'Bearer realm="cx"'
    if (known.retryAfter !== undefined) headers['Retry-After'] = String(known.retryAfter)
    response = sendJson(context, status, headers, errorEnvelope(known, requestId))
  }
  const fields = {
    requestId,
    operation,
    method: context.req.method,
    path: context.req.path,
    status,
    ms: Math.round(performance.now() - began),
  }
  observe({
    kind: 'request',
    requestId,
    operation,
    method: context.req.method,
    route,
    status,
    ms: performance.now() - began,
    traceparent: context.req.header('traceparent'),
  })
  // Who hung up is nobody's fault here, whatever the work said when it was interrupted.
  if (status >= 500 && asAnswer(failure) === undefined && !context.req.raw.signal.aborted)
    log.error('request failed', { ...fields, error: failure })
  else log.debug('request', fields)
  return response
}

function readQuery(url: string): { readonly values: Record<string, string>; readonly problems: readonly Detail[] } {
  const values: Record<string, string> = {}
  const problems: Detail[] = []
  const start = url.indexOf('?')
  for (const [name, value] of new URLSearchParams(start === -1 ? '' : url.slice(start))) {
    if (Object.hasOwn(values, name)) {
      problems.push({ path: `/${name}`, message: 'is given more than once' })
      continue
    }
    // Defined, not assigned: `__proto__` is a name like any other here, and then an unknown one.
    Object.defineProperty(values, name, { value, enumerable: true, configurable: true, writable: true })
  }
  return { values, problems }
}

function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}

function pathMatches(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')]
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => (part.startsWith('{') && given[index] !== '') || part === given[index])
  )
}
