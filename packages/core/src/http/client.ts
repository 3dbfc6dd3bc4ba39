import { ConnectorError } from '../contract/errors.ts'
import { retryAfterMs } from './retry-after.ts'

type Body = NonNullable<RequestInit['body']>

export interface HttpOptions {
  /** The connection's `fetch`. */
  readonly fetch: typeof globalThis.fetch
  /** Absolute; paths are joined to it. */
  readonly baseUrl: string
  /** Headers that prove who we are, made anew for each call. `refused` is true after a 401, once: get fresh credentials. */
  readonly authorize?: (refused: boolean) => Promise<Readonly<Record<string, string>>>
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>>
  /** Hosts besides the base URL's that may see the credentials. Every other host is called without them. */
  readonly trustedHosts?: readonly string[]
  /** The vendor's own meaning of an answer; undefined falls back to {@link errorOf}. `body` is parsed JSON where it is JSON, else text. */
  readonly errorOf?: (response: Response, body: unknown) => ConnectorError | undefined
  /** The vendor's name, for messages. */
  readonly vendor: string
}

export interface HttpCall {
  readonly signal: AbortSignal
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD'
  /** Undefined values are left out; arrays repeat the name. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as a form. */
  readonly form?: Readonly<Record<string, string>>
  /** Any other body; a stream is sent as it comes. */
  readonly body?: Body
  readonly headers?: Readonly<Record<string, string>>
  /** Statuses besides 2xx that are answers, such as 304. */
  readonly accept?: readonly number[]
}

/** A JSON API behind the host's `fetch`: authorization, errors as {@link ConnectorError}, no credentials to strange hosts. */
export interface Http {
  /** The checked answer; the caller reads or cancels its body. */
  call(path: string, call: HttpCall): Promise<Response>
  /** The answer's JSON. */
  json<T>(path: string, call: HttpCall): Promise<T>
  /** The answer's body as a stream, for `Content.body`. */
  stream(path: string, call: HttpCall): Promise<ReadableStream<Uint8Array>>
}

const longestErrorText = 300
const longestRedirect = 5

/** Makes a client for one vendor API. */
export function createHttp(options: HttpOptions): Http {
  const { fetch, baseUrl, authorize, headers = {}, trustedHosts = [], vendor } = options
  const base = new URL(baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`)
  const trusted = new Set([base.host, ...trustedHosts])

  async function send(url: URL, call: HttpCall, refused: boolean): Promise<Response> {
    let target = url
    let { method = 'GET' } = call
    let body = bodyOf(call)
    for (let hop = 0; ; hop++) {
      const own = trusted.has(target.host)
      const response = await fetch(target, {
        method,
        redirect: 'manual',
        signal: call.signal,
        headers: {
          accept: 'application/json',
          ...headers,
          ...(call.json === undefined || body === undefined ? {} : { 'content-type': 'application/json' }),
          ...call.headers,
          ...(own && authorize ? await authorize(refused) : {}),
        },
        ...(body === undefined ? {} : { body }),
        ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
      } as RequestInit)
      const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null
      if (!location || call.accept?.includes(response.status)) return response
      await response.body?.cancel().catch(() => {})
      if (hop >= longestRedirect)
        throw new ConnectorError('unavailable', `${vendor} redirected more than ${longestRedirect} times.`)
      target = new URL(location, target)
      if (response.status === 303 || (method === 'POST' && response.status < 303)) {
        method = 'GET'
        body = undefined
      }
    }
  }

  async function call(path: string, request: HttpCall): Promise<Response> {
    const url = new URL(path.startsWith('http') ? path : path.replace(/^\//, ''), base)
    for (const [name, value] of Object.entries(request.query ?? {}))
      for (const one of Array.isArray(value) ? value : [value])
        if (one !== undefined) url.searchParams.append(name, String(one))
    let response: Response
    try {
      response = await send(url, request, false)
      if (response.status === 401 && authorize && !(request.body instanceof ReadableStream)) {
        await response.body?.cancel().catch(() => {})
        response = await send(url, request, true)
      }
    } catch (error) {
      if (request.signal.aborted || (error as { name?: unknown }).name === 'ConnectorError') throw error
      const reason =
        error instanceof Error ? ((error.cause as Error | undefined)?.message ?? error.message) : String(error)
      throw new ConnectorError(
        'unavailable',
        `${vendor} at ${url.host} could not be reached: ${reason.replace(/\.+$/, '')}.`,
        {
          cause: error,
        },
      )
    }
    if (response.ok || request.accept?.includes(response.status)) return response
    const body = await errorBody(response)
    throw options.errorOf?.(response, body) ?? errorOf(response, body, vendor)
  }

  return {
    call,
    json: async <T>(path: string, request: HttpCall) => {
      const response = await call(path, request)
      const text = await response.text()
      try {
        return JSON.parse(text) as T
      } catch (error) {
        throw new ConnectorError(
          'unavailable',
          `${vendor} answered ${response.status} with something that is not JSON.`,
          { cause: error },
        )
      }
    },
    stream: async (path, request) => {
      const response = await call(path, request)
      return response.body ?? new Blob([]).stream()
    },
  }
}

function bodyOf(call: HttpCall): Body | undefined {
  if (call.json !== undefined) return JSON.stringify(call.json)
  if (call.form) return new URLSearchParams(call.form)
  return call.body
}

async function errorBody(response: Response): Promise<unknown> {
  const text = await response.text().catch(() => '')
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** What an HTTP status means where a vendor says nothing more exact. */
export function errorOf(response: Response, body: unknown, vendor: string): ConnectorError {
  const said = messageIn(body)
  const text = `${vendor} answered ${response.status}${said ? `: ${said}` : '.'}`
  const wait = retryAfterMs(response.headers.get('retry-after'))
  const patience = wait === undefined ? {} : { retryAfterMs: wait }
  switch (response.status) {
    case 401:
      return new ConnectorError('unauthenticated', text, { remediation: 'Reconnect it with valid credentials.' })
    case 403:
      return new ConnectorError('forbidden', text)
    case 404:
    case 410:
      return new ConnectorError('not_found', text)
    case 429:
      return new ConnectorError('rate_limited', text, patience)
    case 408:
    case 425:
      return new ConnectorError('unavailable', text, patience)
    case 400:
    case 405:
    case 422:
      return new ConnectorError('misconfigured', text)
    default:
      return new ConnectorError(response.status >= 500 ? 'unavailable' : 'unprocessable', text, patience)
  }
}

/** The sentence in the usual places of an error body, cut to one line. */
function messageIn(body: unknown): string {
  const found = find(body, 0)
  return found.replace(/\s+/g, ' ').trim().slice(0, longestErrorText)
}

function find(body: unknown, depth: number): string {
  if (typeof body === 'string') return body.trimStart().startsWith('<') ? '' : body
  if (!body || typeof body !== 'object' || depth > 3) return ''
  const fields = body as Record<string, unknown>
  for (const name of ['message', 'error_description', 'detail', 'title', 'error', 'errors', '0']) {
    const text = fields[name] === undefined ? '' : find(fields[name], depth + 1)
    if (text) return text
  }
  return ''
}
