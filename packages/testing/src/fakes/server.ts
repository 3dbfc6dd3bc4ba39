import { request as send } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { listen, respond, type TestServer, type TestServerOptions } from './listen.ts'

/** By method and path, such as `GET /items/:id`; `:name` is one segment, decoded. The first that fits is taken. */
export type Routes = Readonly<
  Record<string, (request: Request, params: Readonly<Record<string, string>>, url: URL) => Response | Promise<Response>>
>

/**
 * A stand-in of a web API on loopback: it counts its calls and brings about faults, on real sockets.
 * What fits no route is answered 404.
 */
export function startServer(routes: Routes, options: TestServerOptions = {}): Promise<TestServer> {
  const table = Object.entries(routes).map(([pattern, handler]) => {
    const [method = '', path = ''] = pattern.split(' ')
    const source = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:(\w+)/g, '(?<$1>[^/]+)')
    return { method, path: new RegExp(`^${source}$`), handler }
  })
  return listen(async (incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', 'http://127.0.0.1')
    const method = incoming.method ?? 'GET'
    const headers = new Headers()
    for (const [name, value] of Object.entries(incoming.headers))
      for (const one of [value ?? []].flat()) headers.append(name, one)
    const body =
      method === 'GET' || method === 'HEAD' ? undefined : (Readable.toWeb(incoming) as ReadableStream<Uint8Array>)
    const request = new Request(url, { method, headers, ...(body ? { body, duplex: 'half' } : {}) })
    for (const route of table) {
      const found = route.method === method ? route.path.exec(url.pathname) : null
      if (found === null) continue
      const params = Object.entries(found.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)])
      return respond(outgoing, await route.handler(request, Object.fromEntries(params), url))
    }
    await respond(outgoing, new Response('There is no such route.', { status: 404 }))
  }, options)
}

/**
 * A front for a stand-in that knows no faults, for connectors whose SDK does not take a `fetch`: give the connector this
 * address, and the kit its `faults`. Headers pass untouched, `Host` too, so that signatures stay valid.
 */
export function startProxy(target: string, options: TestServerOptions = {}): Promise<TestServer> {
  const { hostname, port } = new URL(target)
  return listen(async (incoming, outgoing) => {
    const upstream = send({ hostname, port, path: incoming.url, method: incoming.method, headers: incoming.headers })
    const answered = new Promise<void>((resolve, reject) => {
      upstream.once('error', reject)
      upstream.once('response', (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
        // Piped by hand: a cut answer replaces `write`, which a pipeline would not notice.
        answer.on('data', (chunk) => {
          if (outgoing.write(chunk)) return
          answer.pause()
          outgoing.once('drain', () => answer.resume())
        })
        answer.once('end', () => resolve(void outgoing.end()))
        answer.once('error', reject)
        outgoing.once('close', () => resolve(void answer.destroy()))
      })
    })
    await Promise.all([pipeline(incoming, upstream), answered])
  }, options)
}
