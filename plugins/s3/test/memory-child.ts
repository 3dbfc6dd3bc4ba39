import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import s3 from '../src/index.ts'
import { connect } from './harness.ts'

/** One GB up and down, past a store that keeps nothing; prints the most that the resident set grew by, in MB. */
const chunk = new Uint8Array(256 * 1024)
const total = 4096 * chunk.length
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
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
const { bucket, run } = await connect({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })

const stream = (bytes: number): ReadableStream<Uint8Array> => {
  let left = bytes
  return new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close()
      const size = Math.min(left, chunk.length)
      controller.enqueue(chunk.subarray(0, size))
      left -= size
    },
  })
}
const put = (bytes: number) => s3.write!.put(bucket, { path: 'large', body: stream(bytes), mimeType: 'x/y' }, run)

// Once around with 48 MB: what is there afterwards is code and pools, not the file.
await put(48 * 1024 * 1024)
received = 0
const before = process.memoryUsage.rss()
let peak = before
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss())
}, 20)
const entry = await put(total)
const uploadGrowth = (peak - before) / 2 ** 20
let read = 0
for await (const bytes of (await s3.read(bucket, entry, run)).body as ReadableStream<Uint8Array>) read += bytes.length
clearInterval(watch)
console.log(JSON.stringify({ received, read, total, uploadGrowth, growth: (peak - before) / 2 ** 20 }))
server.closeAllConnections()
server.close()
s3.close?.(bucket)
