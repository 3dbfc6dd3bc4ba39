import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Entry } from '@cx/core'
import connector from '../src/index.ts'
import { fake, open } from './harness.ts'

// One GB out of another process, through `read`; prints the most that the resident set grew by, in MB.
const total = 2 ** 30
const bytes = spawn(process.execPath, [new URL('./fake/bytes.ts', import.meta.url).pathname])
const [port] = (await once(bytes.stdout, 'data')) as [Buffer]
await using drive = await fake()
const extra = { webContentLink: `http://127.0.0.1:${String(port).trim()}` }
drive.add('small.bin', { bytes: 48 * 2 ** 20, extra })
drive.add('large.bin', { bytes: total, extra })
const { session, list, run } = await open(drive)

let peak = 0
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss())
}, 20)
async function readAll(entry: Entry): Promise<number> {
  let read = 0
  const { body } = await connector.read(session, entry, run)
  for await (const chunk of body as ReadableStream<Uint8Array>) read += chunk.length
  return read
}
const [small, large] = await list()
// Once around: what is there afterwards is code and pools, not the file.
await readAll(small!)
const before = process.memoryUsage.rss()
const read = await readAll(large!)
clearInterval(watch)
bytes.stdin.end()
console.log(JSON.stringify({ read, total, growth: (peak - before) / 2 ** 20 }))
