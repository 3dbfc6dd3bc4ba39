import { createFaultGate, type Fault, type FaultGate, faultStatus, pause } from './faults.ts'

export interface FaultFetchOptions {
  /** The vendor's own answer to a fault. */
  readonly answer?: ((fault: Fault, request: Request) => Response | undefined) | undefined
  /** Asked at each call for who wants to see the answer's text, for laws on what may travel. */
  readonly watcher?: () => ((text: string) => void) | undefined
}

/** A `fetch` whose calls are counted and go wrong on request. Error answers repeat the request's headers, as careless servers do: a connector that copies bodies into its messages leaks its credentials. */
export function createFaultFetch(
  inner: typeof globalThis.fetch,
  options: FaultFetchOptions = {},
): { readonly fetch: typeof globalThis.fetch; readonly faults: FaultGate } {
  const gate = createFaultGate()
  const faultyFetch: typeof globalThis.fetch = async (input, init) => {
    const { call, fault } = gate.arrive()
    if (fault === undefined) return observed(await inner(input, init), options.watcher?.())
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined) ?? undefined
    if (fault.kind === 'slow') {
      await pause(fault.ms, signal)
      return observed(await inner(input, init), options.watcher?.())
    }
    if (fault.kind === 'hang') return await never(signal)
    if (fault.kind === 'cut') return cut(await inner(input, init))
    // Calls that were sent together must all be on their way before the first of them is answered.
    await pause(20, signal)
    call.answeredAt = Date.now()
    if (fault.kind === 'drop') throw dropped()
    const request = input instanceof Request ? input : new Request(input, withDuplex(init))
    return options.answer?.(fault, request) ?? plainAnswer(fault, request)
  }
  return { fetch: faultyFetch, faults: gate }
}

function withDuplex(init: RequestInit | undefined): RequestInit | undefined {
  return init?.body ? ({ ...init, duplex: 'half' } as RequestInit) : init
}

function dropped(): TypeError {
  const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'read' })
  return new TypeError('fetch failed', { cause })
}

function plainAnswer(fault: Fault, request: Request): Response {
  const status = faultStatus[fault.kind] ?? 500
  return new Response(
    JSON.stringify({
      error: fault.kind,
      message: `Injected ${fault.kind}.`,
      request: { url: request.url, headers: Object.fromEntries(request.headers) },
    }),
    {
      status,
      headers: {
        'content-type': 'application/json',
        ...(fault.kind === 'rate_limited' ? { 'retry-after': fault.retryAfter } : {}),
      },
    },
  )
}

function never(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/** Half of the body, then an error instead of an end. */
async function cut(response: Response): Promise<Response> {
  const bytes = new Uint8Array(await response.arrayBuffer())
  let sent = false
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent) return controller.error(Object.assign(new TypeError('terminated'), { cause: dropped().cause }))
      sent = true
      controller.enqueue(bytes.slice(0, Math.floor(bytes.length / 2)))
    },
  })
  return new Response(body, { status: response.status, headers: withoutLength(response.headers) })
}

function withoutLength(headers: Headers): Headers {
  const copy = new Headers(headers)
  copy.delete('content-length')
  copy.delete('content-encoding')
  return copy
}

function observed(response: Response, onBody: ((text: string) => void) | undefined): Response {
  if (onBody === undefined || response.body === null) return response
  const decoder = new TextDecoder()
  const watch = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      onBody(decoder.decode(chunk, { stream: true }))
      controller.enqueue(chunk)
    },
  })
  const copy = new Response(response.body.pipeThrough(watch), {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
  })
  // `Response.url` cannot be set by its constructor, and connectors look at it after redirects.
  Object.defineProperty(copy, 'url', { value: response.url })
  return copy
}
