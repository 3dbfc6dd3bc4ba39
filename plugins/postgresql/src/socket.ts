import { Socket, type TcpNetConnectOpts } from 'node:net'
import type { Lookup } from '@cx/core'

/**
 * A socket that connects only to addresses the host has found. The driver goes on with the name it was given, so that
 * certificates are compared with that.
 */
export function createSocket(lookup: Lookup): Socket {
  return new PinnedSocket(lookup)
}

class PinnedSocket extends Socket {
  readonly #lookup: Lookup

  constructor(lookup: Lookup) {
    super()
    this.#lookup = lookup
  }

  /** As node-postgres calls it: with port and host, or with the path of a Unix socket. */
  override connect(...args: unknown[]): this {
    const [port, host] = args
    if (typeof port !== 'number' || typeof host !== 'string')
      return super.connect(...(args as Parameters<Socket['connect']>))
    const options: TcpNetConnectOpts = { port, host, lookup: this.#lookup }
    return super.connect(options)
  }
}
