import { createServer, type Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Log } from '@cx/core'
import { newId } from '@cx/store'
import { getRequestListener, RequestError } from '@hono/node-server'
import { ApiError, errorEnvelope, internalError, statusOf } from './errors.ts'

/** A server for the app. What is not even a request to it, such as a malformed header, is answered in the same envelope. */
export function createHttpServer(fetch: (request: Request) => Response | Promise<Response>, log: Log): Server {
  const listener = getRequestListener(fetch, {
    overrideGlobalObjects: false,
    errorHandler: (error) => {
      const requestId = newId('req')
      const isRequest = error instanceof RequestError
      if (!isRequest) log.error('request failed', { requestId, error })
      const known = isRequest ? malformed(error.message) : internalError(requestId)
      return Response.json(errorEnvelope(known, requestId), {
        status: statusOf[known.code],
        headers: { 'X-Request-Id': requestId },
      })
    },
  })
  // A missing Host is left to the listener, whose answer has a body.
  const server = createServer({ requireHostHeader: false }, listener)
  server.on('clientError', refuse)
  return server
}

function malformed(reason: string): ApiError {
  return new ApiError('invalid_request', `This is not a request that can be read: ${reason}.`)
}

/** Node gives up on the connection: there is no response object to write to. */
function refuse(error: NodeJS.ErrnoException & { readonly reason?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const requestId = newId('req')
  const reason =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'its address and headers are longer than 16 KB'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'its headers did not arrive in time'
        : (error.reason ?? 'it is not HTTP')
  const body = JSON.stringify(errorEnvelope(malformed(reason), requestId))
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nX-Request-Id: ${requestId}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}
