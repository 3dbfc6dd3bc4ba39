import { ConnectorError, isConnectorError } from '@cx/core'

/** The body with its errors put into words: a connection that breaks half-way is worth another try. */
export function readable(body: ReadableStream<Uint8Array>, key: string): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (done) controller.close()
          else controller.enqueue(value)
        } catch (error) {
          if (isConnectorError(error) || (error as Error).name === 'AbortError') throw error
          throw new ConnectorError('unavailable', `The connection broke while ${JSON.stringify(key)} was read.`, {
            cause: error,
          })
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}
