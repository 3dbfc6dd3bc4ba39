import { fork } from 'node:child_process'
import { once } from 'node:events'
import s3 from '../src/index.ts'
import { connect } from './harness.ts'

/** One GB up and down, past a store that keeps nothing, in a process of its own; prints the most that the resident set grew by, in MB. */
const chunk = new Uint8Array(256 * 1024)
const total = 4096 * chunk.length
const store = fork(new URL('./memory-store.ts', import.meta.url), [String(total)])
const [{ port }] = (await once(store, 'message')) as [{ port: number }]
const { bucket, run } = await connect({ endpoint: `http://127.0.0.1:${port}` })

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
store.send('received')
const [{ received }] = (await once(store, 'message')) as [{ received: number }]
console.log(JSON.stringify({ received, read, total, uploadGrowth, growth: (peak - before) / 2 ** 20 }))
s3.close?.(bucket)
store.kill()
