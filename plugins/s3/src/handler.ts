import type { HttpHandlerOptions, HttpRequest, HttpResponse, RequestHandler } from '@smithy/types'
import { exactRequest, originOf, queryOf } from './exact.ts'

export type Handler = RequestHandler<HttpRequest, HttpResponse, HttpHandlerOptions> & {
  updateHttpClientConfig(key: never, value: never): void
  httpHandlerConfigs(): Record<string, never>
}

/** `fetch` sets these itself, and refuses some of them. All but `host` are unsigned; `host` comes out the same. */
const ownHeaders = new Set(['host', 'content-length', 'connection', 'expect', 'transfer-encoding'])

/** Sends the SDK's requests through the host's `fetch`, so that its egress rules, limits and tracing apply. */
export function fetchHandler(send: typeof fetch): Handler {
  const exact = exactRequest(send)
  return {
    metadata: { handlerProtocol: 'fetch' },
    async handle(request, options = {}) {
      const signal = options.abortSignal as AbortSignal | undefined
      const url = originOf(request) + request.path + queryOf(request)
      const headers = Object.entries(request.headers).filter(([name]) => !ownHeaders.has(name.toLowerCase()))
      // https://url.spec.whatwg.org/#double-dot-path-segment: `fetch` would ask for another key.
      if (new URL(url).pathname !== request.path) return { response: await exact(request, headers, signal) }
      const answer = await send(url, {
        method: request.method,
        headers,
        // A redirect must be signed anew: the SDK's business.
        redirect: 'manual',
        ...(signal === undefined ? {} : { signal }),
        ...(request.body === undefined ? {} : { body: request.body, duplex: 'half' }),
      }).catch((error: unknown) => {
        throw retryable(error)
      })
      const body = answer.body ?? undefined
      return {
        response: {
          statusCode: answer.status,
          reason: answer.statusText,
          headers: Object.fromEntries(answer.headers),
          body,
        },
      }
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  }
}

/** Tells the SDK's retry what Node's handler would: `fetch` hides the reason in `cause`. */
function retryable(error: unknown): unknown {
  if (!(error instanceof TypeError)) return error
  const cause = error.cause as { readonly code?: string; readonly message?: string } | undefined
  const message = `The store at this endpoint cannot be reached (${cause?.code ?? cause?.message ?? error.message}).`
  return Object.assign(new Error(message, { cause: error }), { name: 'NetworkingError', $retryable: {} })
}
