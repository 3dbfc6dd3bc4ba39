import type { IncomingMessage, ServerResponse } from 'node:http'

const ofTheConnection = /^(host|connection|content-length|content-encoding|transfer-encoding)$/

/** Passes a request on to another server, and its answer back. */
export async function relay(
  request: IncomingMessage,
  body: Uint8Array,
  response: ServerResponse,
  target: string,
): Promise<void> {
  const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' && !ofTheConnection.test(name) ? [[name, value]] : [],
  )
  const answer = await fetch(target + request.url!, {
    method: request.method!,
    headers,
    redirect: 'manual',
    ...(body.length > 0 && { body: new Uint8Array(body) }),
  })
  const given = [...answer.headers].filter(([name]) => !ofTheConnection.test(name))
  response.writeHead(answer.status, Object.fromEntries(given)).end(new Uint8Array(await answer.arrayBuffer()))
}
