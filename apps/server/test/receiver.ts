import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request as it came. */
export interface Received {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  readonly path: string
}

export interface Receiver {
  readonly url: string
  readonly received: Received[]
  /** What it answers from now on. */
  answer(status: number, headers?: Record<string, string>): void
  /** Resolves when so many have come. */
  count(expected: number): Promise<void>
  close(): Promise<void>
}

/** Takes webhooks on loopback. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  let reply: { status: number; headers: Record<string, string> } = { status: 204, headers: {} }
  let look = () => {}
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    received.push({ headers: request.headers, body, path: request.url ?? '' })
    response.writeHead(reply.status, reply.headers).end()
    look()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    answer: (status, headers = {}) => {
      reply = { status, headers }
    },
    count: (expected) =>
      new Promise((resolve) => {
        look = () => {
          if (received.length >= expected) resolve()
        }
        look()
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
