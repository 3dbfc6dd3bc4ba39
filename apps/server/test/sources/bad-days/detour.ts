import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { relay } from '../../oauth/relay.ts'

/** A call on its way to a source. */
export interface Call {
  readonly path: string
  readonly query: URLSearchParams
  readonly body: string
}

export interface Refusal {
  readonly status: number
  readonly body: unknown
}

/** Stands between a connector and its source. */
export interface Detour {
  readonly url: string
  /** Answers instead of the source, or does something before it does. */
  before: (call: Call) => Refusal | undefined
  close(): Promise<void>
}

export async function startDetour(target: string): Promise<Detour> {
  const server = createServer((request, response) => void handle(request, response))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const detour: Detour = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    before: () => undefined,
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request)
    const { pathname, searchParams } = new URL(request.url!, detour.url)
    const refusal = detour.before({ path: pathname, query: searchParams, body: body.toString() })
    if (!refusal) return relay(request, body, response, target)
    response.writeHead(refusal.status, { 'Content-Type': 'application/json' }).end(JSON.stringify(refusal.body))
  }
  return detour
}
