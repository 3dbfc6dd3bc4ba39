import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { defineConnector } from '@cx/core'
import { createParserPool } from '@cx/parsers'
import { createSync } from './engine.ts'
import { inFolder, inProcess, mb, memory, type Row, row } from './measure.ts'

const gigabyte = 2 ** 30
const chunk = new Uint8Array(64 * 1024).fill(120)

/** A gigabyte through upload, and one of unknown size that turns out too large. */
export async function large(): Promise<readonly Row[]> {
  const uploaded = await inFolder(upload)
  const skipped = await inFolder((folder) => inProcess<{ growth: number }>(fileURLToPath(import.meta.url), folder))
  const goal = 60 * 2 ** 20
  return [
    row('1 GB uploaded to a folder: RSS growth of the server', mb(uploaded), '< 60 MB', uploaded < goal),
    row('1 GB of unknown size read and skipped: RSS growth', mb(skipped.growth), '< 60 MB', skipped.growth < goal),
  ]
}

const cli = join(import.meta.dirname, '../../apps/server/dist/cli.js')

async function upload(folder: string): Promise<number> {
  if (!existsSync(cli)) throw new Error('Build first: npx pnpm@10 build.')
  const root = join(folder, 'files')
  await mkdir(root)
  const apiKey = 'cx_benchmark-key-0123456789abcdef'
  const env = { ...process.env, CX_API_KEY: apiKey, CX_LOG_LEVEL: 'error', NO_COLOR: '1' }
  const server = spawn(process.execPath, [cli, 'serve', '--port', '0', '--data-dir', join(folder, 'data')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    let url = ''
    for await (const line of createInterface({ input: server.stdout })) {
      url = /cx listens on (\S+)/.exec(line)?.[1] ?? ''
      if (url) break
    }
    const headers = { authorization: `Bearer ${apiKey}` }
    const made = await fetch(`${url}/api/v1/connectors`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'f', type: 'filesystem', collection: 'bench', config: { root } }),
    })
    const { data } = (await made.json()) as { data: { id: string } }
    const send = async (name: string, bytes: number) => {
      const boundary = 'cx-benchmark'
      const head = `--${boundary}\r\ncontent-disposition: form-data; name="files"; filename="${name}"\r\n\r\n`
      async function* body() {
        yield new TextEncoder().encode(head)
        for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk
        yield new TextEncoder().encode(`\r\n--${boundary}--\r\n`)
      }
      const response = await fetch(`${url}/api/v1/connectors/${data.id}/files/upload`, {
        method: 'POST',
        headers: { ...headers, 'content-type': `multipart/form-data; boundary=${boundary}` },
        body: ReadableStream.from(body()),
        duplex: 'half',
      } as RequestInit)
      if (response.status !== 202) throw new Error(`Upload: ${response.status} ${await response.text()}`)
    }
    // The code that uploads is loaded, and its sync is over, before anything is counted.
    await send('small.bin', 8 * 2 ** 20)
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    const before = (await memory(server.pid!)).peak
    await send('large.bin', gigabyte)
    return (await memory(server.pid!)).peak - before
  } finally {
    server.kill('SIGKILL')
    await once(server, 'exit')
  }
}

async function skip(folder: string): Promise<number> {
  const connector = defineConnector({
    name: 'stream',
    title: 'Stream',
    description: 'One body of unknown size.',
    config: { type: 'object' },
    auth: {},
    connect: () => ({}),
    check: async () => ({ account: 'bench' }),
    async *list() {
      yield { id: 'small', path: 'small.txt', version: '1' }
      yield { id: 'large', path: 'large.bin', version: '1' }
    },
    read: async (_session, { id }) => ({
      mimeType: 'application/octet-stream',
      body: ReadableStream.from(
        (async function* () {
          for (let sent = 0; sent < (id === 'small' ? 2 ** 20 : gigabyte); sent += chunk.length) yield chunk
        })(),
      ),
    }),
  })
  const parser = createParserPool({})
  await parser.parse(
    { bytes: new TextEncoder().encode('warm'), mimeType: 'text/plain' },
    { signal: new AbortController().signal },
  )
  const sync = await createSync({ file: join(folder, 'cx.db'), connector, parser })
  const before = (await memory()).peak
  const { progress } = await sync.run()
  if (progress.skipped !== 1) throw new Error(JSON.stringify(progress))
  const growth = (await memory()).peak - before
  await sync.close()
  await parser.close()
  return growth
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(JSON.stringify({ growth: await skip(process.argv[2]!) }))
