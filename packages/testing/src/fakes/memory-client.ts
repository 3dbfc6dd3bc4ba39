import { ConnectorError, type ConnectorErrorCode } from '@cx/core'

/** The calls that the memory connector makes; errors become ConnectorErrors here and nowhere else. */
export interface MemoryClient {
  json<T>(path: string, init: RequestInit): Promise<T>
  stream(path: string, init: RequestInit): Promise<ReadableStream<Uint8Array>>
}

interface ClientOptions {
  readonly space: string
  readonly credentials: () => Promise<{ readonly method: string; readonly token?: unknown }>
  readonly fetch: typeof globalThis.fetch
}

const codes: Readonly<Record<number, ConnectorErrorCode>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  410: 'cursor_expired',
  422: 'misconfigured',
  429: 'rate_limited',
}

export function openMemoryClient({ space, credentials, fetch }: ClientOptions): MemoryClient {
  async function call(path: string, init: RequestInit): Promise<Response> {
    const { token } = await credentials()
    const url = new URL(path, 'http://memory.invalid')
    url.searchParams.set('space', space)
    const request: RequestInit = {
      ...init,
      ...(init.body instanceof ReadableStream ? { duplex: 'half' } : {}),
      headers: typeof token === 'string' ? { authorization: `Bearer ${token}` } : {},
    }
    const response = await attempt(init, () => fetch(url, request))
    if (response.ok) return response
    await response.body?.cancel()
    throw new ConnectorError(
      codes[response.status] ?? 'unavailable',
      `The memory source answered ${response.status}.`,
      retryAfter(response),
    )
  }
  return {
    json: async <T>(path: string, init: RequestInit) => {
      const response = await call(path, init)
      return (await attempt(init, () => response.json())) as T
    },
    stream: async (path, init) => (await call(path, init)).body ?? new Blob([]).stream(),
  }
}

/** The network's own errors may hold the request; only what we know is passed on. */
async function attempt<T>(init: RequestInit, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch {
    init.signal?.throwIfAborted()
    throw new ConnectorError('unavailable', 'The connection to the memory source broke.')
  }
}

/** Seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(response: Response): { readonly retryAfterMs?: number } {
  const value = response.headers.get('retry-after')
  if (value === null) return {}
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isNaN(ms) ? {} : { retryAfterMs: Math.max(0, ms) }
}
