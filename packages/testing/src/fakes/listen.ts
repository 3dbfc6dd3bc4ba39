import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createFaultGate, type Fault, type FaultGate, type Faults, faultStatus, pause } from '../driver/faults.ts'

/** An HTTP server on loopback, on a port of its own, whose calls are counted and go wrong on request. */
export interface TestServer {
  /** Such as `http://127.0.0.1:40213`, without a slash at the end. */
  readonly url: string
  readonly faults: Faults
  close(): Promise<void>
}

export interface TestServerOptions {
  /** The vendor's own answer to a fault; a plain status with `Retry-After` unless told. */
  readonly answer?: (fault: Fault) => Response | undefined
}

/** Starts a server that asks the gate before each call. */
export async function listen(
  handle: (incoming: IncomingMessage, outgoing: ServerResponse) => void | Promise<void>,
  { answer = () => undefined }: TestServerOptions,
): Promise<TestServer> {
  const gate = createFaultGate()
  const server = createServer((incoming, outgoing) => {
    meet(gate, answer, incoming, outgoing)
      .then((met) => (met ? undefined : handle(incoming, outgoing)))
      .catch((error: unknown) => fail(outgoing, error))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, faults: gate, close: () => closeServer(server) }
}

/** Brings the fault of this call about; false when it has none, or only had to wait. */
async function meet(
  gate: FaultGate,
  answer: NonNullable<TestServerOptions['answer']>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<boolean> {
  const { call, fault } = gate.arrive()
  if (fault === undefined) return false
  if (fault.kind === 'slow') {
    await pause(fault.ms)
    return false
  }
  if (fault.kind === 'hang') return true
  if (fault.kind === 'cut') {
    cutHalfway(outgoing)
    return false
  }
  // Calls that were sent together must all be on their way before the first of them is answered.
  await pause(20)
  call.answeredAt = Date.now()
  if (fault.kind === 'drop') {
    incoming.socket.destroy()
    return true
  }
  const response =
    answer(fault) ??
    new Response(JSON.stringify({ error: fault.kind, url: incoming.url, headers: incoming.headers }), {
      status: faultStatus[fault.kind] ?? 500,
      headers: {
        'content-type': 'application/json',
        ...(fault.kind === 'rate_limited' ? { 'retry-after': fault.retryAfter } : {}),
      },
    })
  incoming.resume()
  await respond(outgoing, response)
  return true
}

/** Sends the first half of the first piece that is written, then destroys the connection; it never ends in order. */
function cutHalfway(outgoing: ServerResponse): void {
  const write = outgoing.write.bind(outgoing)
  let broke = false
  const breakOff = (chunk: unknown): boolean => {
    if (broke) return false
    broke = true
    const bytes = typeof chunk === 'string' || chunk instanceof Uint8Array ? Buffer.from(chunk) : Buffer.alloc(0)
    write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => outgoing.destroy())
    return false
  }
  outgoing.write = ((chunk: unknown) => breakOff(chunk)) as typeof outgoing.write
  outgoing.end = ((chunk?: unknown) => {
    breakOff(chunk)
    return outgoing
  }) as typeof outgoing.end
}

/** Sends a Response; backpressure reaches its body. */
export async function respond(outgoing: ServerResponse, response: Response): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body !== null)
    for await (const chunk of response.body) {
      if (outgoing.destroyed) return
      if (!outgoing.write(chunk)) await new Promise((resolve) => outgoing.once('drain', resolve).once('close', resolve))
    }
  outgoing.end()
}

function fail(outgoing: ServerResponse, error: unknown): void {
  if (outgoing.headersSent) return void outgoing.destroy()
  outgoing.writeHead(500, { 'content-type': 'text/plain' })
  outgoing.end(String(error))
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()))
  })
}
