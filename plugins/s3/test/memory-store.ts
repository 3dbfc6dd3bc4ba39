import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

// A store in a process of its own that forgets what it takes: says its port, and on any message what came.
const chunk = new Uint8Array(256 * 1024)
const total = Number(process.argv[2])
let received = 0
const server = createServer((request, response) => {
  const query = new URL(request.url ?? '', 'http://x').searchParams
  request.on('data', (bytes: Buffer) => {
    if (query.has('partNumber')) received += bytes.length
  })
  request.on('end', () => {
    answer()
  })
  const answer = (): unknown => {
    if (query.has('list-type'))
      return response.end(
        `<ListBucketResult><Contents><Key>large</Key><ETag>"e"</ETag><Size>${total}</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents></ListBucketResult>`,
      )
    if (query.has('uploads'))
      return response.end('<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>')
    if (query.has('uploadId') && request.method === 'POST')
      return response.end('<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>')
    if (request.method === 'PUT') return response.writeHead(200, { etag: '"part"' }).end()
    response.writeHead(200, { 'content-length': total })
    let sent = 0
    const more = (): void => {
      while (sent < total && !response.destroyed) {
        sent += chunk.length
        if (!response.write(chunk)) return void response.once('drain', more)
      }
      response.end()
    }
    return more()
  }
})
process.on('message', () => process.send?.({ received }))
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
