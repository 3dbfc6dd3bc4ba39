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
          if (isUndecodable(error))
            throw new ConnectorError(
              'unprocessable',
              `${JSON.stringify(key)} is not compressed as its Content-Encoding says. Correct its metadata at the store.`,
              { cause: error },
            )
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

/** zlib's word for what is no gzip, deflate or brotli, wherever `fetch` hides it. */
function isUndecodable(error: unknown): boolean {
  const codes = [error, (error as Error).cause].map((one) => String((one as { code?: unknown } | undefined)?.code))
  return codes.some((code) => /^(?:Z_DATA_ERROR|ERR_BROTLI_|ERR__ERROR_FORMAT|ERR_ZLIB)/.test(code))
}
