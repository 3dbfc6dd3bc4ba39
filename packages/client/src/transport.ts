import { CxError, type CxErrorCode } from './error.ts'
import { type Operations, operations } from './generated/api.ts'
import { type RetryOptions, retrying } from './retry.ts'

export interface CxClientOptions extends RetryOptions {
  /** Where the server is, such as `https://cx.example.com`; a path before `/api/v1` is kept. */
  readonly baseUrl: string
  readonly apiKey: string
  /** Milliseconds for one attempt, its answer included; 60,000 unless told, 0 for no limit. Uploads and streams have none. */
  readonly timeoutMs?: number
  /** Used in place of the global `fetch`. */
  readonly fetch?: typeof fetch
}

/** What every call takes besides its own. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for one attempt, in place of the client's. */
  readonly timeoutMs?: number | undefined
}

export type OperationName = keyof Operations

export interface Ask {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: object | undefined
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly options?: CallOptions | undefined
  /** A body that is sent as it is, made anew for each attempt. */
  readonly raw?: () => RawBody
  /** The raw body cannot be sent twice. */
  readonly onlyOnce?: boolean
}

export interface RawBody {
  readonly body: FormData | ReadableStream<Uint8Array>
  readonly headers?: Readonly<Record<string, string>>
}

/** The success envelope. */
export interface Envelope<T> {
  readonly data: T
  readonly meta: Readonly<Record<string, unknown>>
}

export interface Transport {
  /** Asks and unwraps `data`. */
  call<N extends OperationName>(name: N, ask?: Ask): Promise<Operations[N]['data']>
  /** Asks for the whole envelope. */
  envelope<T>(method: string, path: string, ask?: Ask): Promise<Envelope<T>>
  /** Asks for a body that is not JSON, once its head is there. */
  open(name: OperationName, ask?: Ask): Promise<Response>
}

/** POSTs that may be done twice; no server has to remember a key for these, and what they show once is shown each time. */
const harmless: ReadonlySet<string> = new Set(
  (
    ['search', 'testConnector', 'testCredentials', 'previewConnector', 'beginOAuth', 'createWebhookSecret'] as const
  ).map((name) => operations[name][1]),
)

export function createTransport({
  baseUrl,
  apiKey,
  timeoutMs: usualTimeoutMs = 60_000,
  fetch: send = (...given) => fetch(...given),
  ...retry
}: CxClientOptions): Transport {
  const address = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  if (!address || !/^https?:$/.test(address.protocol))
    throw new TypeError(`baseUrl is ${JSON.stringify(baseUrl)}; it takes an address such as https://cx.example.com.`)
  const root = `${address.origin}${address.pathname.replace(/\/+$/, '').replace(/\/api\/v1$/, '')}/api/v1`

  async function request<T>(
    method: string,
    pattern: string,
    { params = {}, query = {}, body, headers, options = {}, raw, onlyOnce }: Ask,
    read: (response: Response) => Promise<T>,
    usualMs: number,
  ): Promise<T> {
    const { signal, timeoutMs = usualMs } = options
    const url = root + fill(pattern, params) + queryText(query)
    const idempotencyKey = method === 'POST' && !harmless.has(pattern) ? crypto.randomUUID() : undefined
    const attempt = async () => {
      signal?.throwIfAborted()
      const sent = raw?.()
      const limit = timeoutMs > 0 ? AbortSignal.timeout(timeoutMs) : undefined
      const signals = [signal, limit].filter((one) => one !== undefined)
      const init = {
        method,
        headers: {
          Authorization: `Bearer ${apiKey}`,
          Accept: 'application/json',
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
          ...(idempotencyKey && { 'Idempotency-Key': idempotencyKey }),
          ...sent?.headers,
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        // Streams are sent while the answer is awaited; `duplex` is what fetch wants to hear for that.
        ...(sent && { body: sent.body, ...(sent.body instanceof FormData ? {} : { duplex: 'half' }) }),
        ...(signals.length > 0 && { signal: AbortSignal.any(signals) }),
      }
      try {
        const response = await send(url, init as RequestInit)
        if (!response.ok) throw await failure(response)
        return await read(response)
      } catch (error) {
        if (error instanceof CxError) throw error
        if (signal?.aborted) throw signal.reason
        if (limit?.aborted)
          throw new CxError('timeout', `${method} ${url} was not answered within ${timeoutMs} ms.`, { cause: error })
        throw new CxError('network', `${method} ${url} got no answer: ${causeOf(error)}.`, { cause: error })
      }
    }
    return retrying(attempt, onlyOnce ? { ...retry, retries: 0 } : retry, signal)
  }

  const envelope = <T>(method: string, path: string, ask: Ask = {}): Promise<Envelope<T>> =>
    request(method, path, ask, readEnvelope<T>, ask.raw ? 0 : usualTimeoutMs)
  return {
    envelope,
    call: async (name, ask) => {
      const [method, path] = operations[name]
      return (await envelope<never>(method, path, ask)).data
    },
    open: (name, ask = {}) => request(...operations[name], ask, async (response) => response, 0),
  }
}

function fill(pattern: string, params: Readonly<Record<string, string>>): string {
  return pattern.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name]
    // An empty id would make another address of it: DELETE /connectors/ and the like.
    if (!value || value === '.' || value === '..')
      throw new TypeError(`${name} is ${JSON.stringify(value)}; it takes an id.`)
    return encodeURIComponent(value)
  })
}

function queryText(query: object): string {
  const given = Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]): [string, string] => [name, String(value)])
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}

async function readEnvelope<T>(response: Response): Promise<Envelope<T>> {
  const text = await response.text()
  try {
    const value = JSON.parse(text) as Envelope<T>
    if (value.data !== undefined) return value
  } catch {
    // Told below, like an answer without data.
  }
  throw unexpected(response)
}

async function failure(response: Response): Promise<CxError> {
  const status = response.status
  const header = Number(response.headers.get('retry-after') ?? Number.NaN)
  const requestId = response.headers.get('x-request-id') ?? undefined
  const value = (await response.json().catch(() => undefined)) as
    | { error?: { code: CxErrorCode; message: string; details?: unknown; retryAfter?: number } }
    | undefined
  const { code, message, details, retryAfter = Number.isFinite(header) ? header : undefined } = value?.error ?? {}
  if (!code || !message) return unexpected(response, retryAfter)
  return new CxError(code, message, { status, details, requestId, retryAfter })
}

/** A proxy's page, or another server altogether. */
function unexpected({ status, url, headers }: Response, retryAfter?: number): CxError {
  return new CxError('unexpected_answer', `${url} answered ${status}, but not as a cx server does. Is baseUrl right?`, {
    status,
    requestId: headers.get('x-request-id') ?? undefined,
    retryAfter,
  })
}

function causeOf(error: unknown): string {
  const { message, cause } = error as {
    readonly message?: string
    readonly cause?: { readonly code?: unknown; readonly message?: string }
  }
  return String(cause?.code ?? cause?.message ?? message ?? error)
}
