import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createFaultGate, type Faults, pause } from '../driver/faults.ts'

export interface TcpProxy {
  readonly host: string
  readonly port: number
  /** A call is one packet from the client, which for request-and-answer protocols is one round trip. It can drop, hang and be slow. */
  readonly faults: Faults
  close(): Promise<void>
}

/** A front for a database or anything else on TCP, so that the kit can break its connections. */
export async function startTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const gate = createFaultGate(['drop', 'hang', 'slow'])
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(target)
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
    }
    upstream.pipe(client)
    let hung = false
    let queue = Promise.resolve()
    client.on('data', (bytes) => {
      const { call, fault } = gate.arrive()
      hung ||= fault?.kind === 'hang'
      if (hung) return
      queue = queue.then(async () => {
        if (fault?.kind === 'slow') await pause(fault.ms)
        if (fault?.kind === 'drop') {
          call.answeredAt = Date.now()
          client.resetAndDestroy()
        } else if (!upstream.destroyed) upstream.write(bytes)
      })
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    faults: gate,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
