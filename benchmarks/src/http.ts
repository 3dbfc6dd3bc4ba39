import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { defineConnector } from '@cx/core'
import type { Parser } from '@cx/core/engine'
import { serve } from '@hono/node-server'
import Database from 'better-sqlite3'
import { Hono } from 'hono'
import { createSync } from './engine.ts'
import { inFolder, inProcess, mb, memory, percentile, type Row, row, until } from './measure.ts'

const file = fileURLToPath(import.meta.url)
const root = fileURLToPath(new URL('../..', import.meta.url))
const cli = join(root, 'apps/server/dist/cli.js')
const key = 'cx_benchmark-key-0123456789'
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

const documents = 20_000
const chunksEach = 5
const connectors = 200
const rounds = 1_500
const syncedFiles = 5_000

/** The built server as people run it: how it starts, what it costs when idle, and what it adds to the queries it makes. */
export async function http(): Promise<readonly Row[]> {
  const { status, stdout, stderr } = spawnSync(
    'turbo',
    ['run', 'build', '--filter=@cx/server', '--output-logs=errors-only'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
  if (status !== 0) throw new Error(`The server cannot be built: ${stdout}${stderr}`)
  return [...(await inFolder(startAndIdle)), ...(await inFolder(besideBare)), ...(await inFolder(whileSyncing))]
}

/** From the start of the process to the first answer, with a database that is there, as after every start but the first. */
async function startAndIdle(folder: string): Promise<readonly Row[]> {
  const starts: number[] = []
  let rss = 0
  for (let i = 0; i < 6; i++) {
    const server = await startServer(folder)
    if (i > 0) starts.push(server.startedMs)
    await until(async () => (await ask(server.port, '/readyz')).status === 200)
    if (i === 5) {
      await sleep(3_000)
      rss = (await memory(server.process.pid!)).now
    }
    await stop(server.process)
  }
  const median = percentile(starts, 0.5)
  return [
    row(
      '`cx serve`: start to the first answer of /healthz, median of 5',
      `${Math.round(median)} ms`,
      '< 700 ms',
      median < 700,
    ),
    row('… resident memory when idle', mb(rss), '< 150 MB', rss < 150 * 2 ** 20),
  ]
}

/** The same queries asked in turn of the server and of a handler that only runs their SQL and prints the rows. */
async function besideBare(folder: string): Promise<readonly Row[]> {
  const database = join(folder, 'cx.sqlite')
  await inProcess(file, 'fill', database)
  const server = await startServer(folder)
  await until(async () => (await ask(server.port, '/readyz')).status === 200)
  const bare = await startBare(database)
  // Each in one to ten of a hundred chunks, both in tens to hundreds: the server leaves very common words out.
  const words = Array.from({ length: 60 }, (_, i) => `${wordAt(150 + i * 7)} ${wordAt(200 + i * 11)}`)
  try {
    const list = await compare(
      () => ask(server.port, '/api/v1/connectors?limit=20'),
      () => ask(bare.port, '/connectors'),
      ({ data, rows }) => (data ?? rows)?.map(({ id }) => id).join() ?? '',
    )
    let [at, beside] = [0, 0]
    const search = await compare(
      () => ask(server.port, '/api/v1/search', { query: words[at++ % words.length] }),
      () => ask(bare.port, '/search', { query: words[beside++ % words.length] }),
      ({ data, rows }) => (data?.results ?? rows)?.map(({ path }) => path).join() ?? '',
    )
    return [
      ratioRow('`GET /connectors`, 20 of 200', list),
      ratioRow(`keyword search over ${(documents * chunksEach).toLocaleString('en')} chunks, two words`, search),
    ]
  } finally {
    await stop(server.process)
    await stop(bare.process)
  }
}

interface Sides {
  readonly ours: readonly number[]
  readonly bare: readonly number[]
}

/** Takes turns, so that whatever else the machine does falls on both. Both must give the same rows. */
async function compare(
  ours: () => Promise<Answer>,
  bare: () => Promise<Answer>,
  shown: (body: Answer['body']) => string,
): Promise<Sides> {
  const sides = { ours: [] as number[], bare: [] as number[] }
  for (let i = 0; i < rounds + 200; i++) {
    const [one, other] = [await ours(), await bare()]
    if (one.status !== 200 || shown(one.body) === '' || shown(one.body) !== shown(other.body))
      throw new Error(`The two do not answer the same: ${one.status} ${shown(one.body)} and ${shown(other.body)}`)
    if (i < 200) continue
    sides.ours.push(one.ms)
    sides.bare.push(other.ms)
  }
  return sides
}

function ratioRow(what: string, { ours, bare }: Sides): Row {
  const [one, other] = [percentile(ours, 0.5), percentile(bare, 0.5)]
  const figure = `${one.toFixed(2)} ms, bare Hono ${other.toFixed(2)} ms: ${(one / other).toFixed(2)} ×`
  return row(`${what}, median`, figure, '≤ 1.5 ×', one <= 1.5 * other)
}

/** How long others wait for a route that does nothing. */
async function whileSyncing(folder: string): Promise<readonly Row[]> {
  const source = join(folder, 'source')
  for (let i = 0; i < syncedFiles; i++) {
    const under = join(source, String(i % 50))
    if (i < 50) await mkdir(under, { recursive: true })
    await writeFile(join(under, `${i}.md`), `# Document ${i}\n\n${textOf(i, 300)}`)
  }
  const server = await startServer(folder)
  try {
    await until(async () => (await ask(server.port, '/readyz')).status === 200)
    const made = await ask(server.port, '/api/v1/connectors', {
      name: 'b',
      type: 'filesystem',
      collection: 'b',
      config: { root: source },
    })
    const id = made.body.data?.id ?? ''
    await sample(server.port, 500)
    const idle = await sample(server.port, 2_000)
    const started = await ask(server.port, `/api/v1/connectors/${id}/sync`, {})
    const job = `/api/v1/connectors/${id}/sync/${started.body.data?.jobId}`
    const busy: number[] = []
    let status = 'queued'
    while (status === 'queued' || status === 'running') {
      busy.push(...(await sample(server.port, 100)))
      status = (await ask(server.port, job)).body.data?.status ?? ''
    }
    if (status !== 'completed') throw new Error(`The sync is ${status}.`)
    const [before, during] = [percentile(idle, 0.99), percentile(busy, 0.99)]
    const figure = `${during.toFixed(1)} ms (${busy.length} samples), idle ${before.toFixed(1)} ms: ${(during / before).toFixed(1)} ×`
    return [
      row(
        `p99 of /healthz while ${syncedFiles.toLocaleString('en')} documents are written`,
        figure,
        '≤ 3 × idle',
        during <= 3 * before,
      ),
    ]
  } finally {
    await stop(server.process)
  }
}

async function sample(port: number, count: number): Promise<readonly number[]> {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    times.push((await ask(port, '/healthz')).ms)
    await sleep(1)
  }
  return times
}

interface Running {
  readonly process: ChildProcess
  readonly port: number
  readonly startedMs: number
}

async function startServer(dataDir: string): Promise<Running> {
  const port = await freePort()
  const env = { ...process.env, CX_API_KEY: key, CX_RATE_LIMIT: '0', CX_LOG_LEVEL: 'warn' }
  return started([cli, 'serve', '--port', String(port), '--data-dir', dataDir], port, env)
}

async function startBare(database: string): Promise<Running> {
  const port = await freePort()
  return started(['--conditions=cx-source', file, 'bare', database, String(port)], port, process.env)
}

async function started(args: readonly string[], port: number, env: NodeJS.ProcessEnv): Promise<Running> {
  const began = performance.now()
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}.`)
    return ask(port, '/healthz').then(
      ({ status }) => status === 200,
      () => false,
    )
  }, 2)
  return { process: child, port, startedMs: performance.now() - began }
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

interface Shown {
  readonly id?: string
  readonly path?: string
}

interface Answer {
  readonly status: number
  readonly ms: number
  readonly body: {
    readonly data?: readonly Shown[] & {
      readonly id?: string
      readonly jobId?: string
      readonly status?: string
      readonly results?: readonly Shown[]
    }
    readonly rows?: readonly Shown[]
  }
}

/** Until the last byte; reading the JSON is not measured. */
function ask(port: number, path: string, body?: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const headers = {
      Authorization: `Bearer ${key}`,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    }
    const sent = request(
      { agent, port, host: '127.0.0.1', path, method: body === undefined ? 'GET' : 'POST', headers },
      (response) => {
        let text = ''
        response.on('data', (data) => (text += data))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            ms: performance.now() - began,
            body: JSON.parse(text) as Answer['body'],
          }),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

/** Words as common as in a language: the n-th stands 1/n as often as the first. */
function wordAt(rank: number): string {
  return `w${rank.toString(36)}x`
}

function textOf(seed: number, length: number): string {
  let state = (seed + 1) * 2_654_435_761
  const words: string[] = []
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    words.push(wordAt(Math.floor(20_000 ** (state / 2 ** 32))))
  }
  return words.join(' ')
}

async function fill(database: string): Promise<void> {
  const connector = defineConnector({
    name: 'generated',
    title: 'Generated',
    description: 'Entries from a counter.',
    config: { type: 'object' },
    auth: {},
    connect: () => ({}),
    check: async () => ({ account: 'bench' }),
    async *list() {
      for (let i = 0; i < documents; i++) yield { id: `${i}`, path: `${i % 100}/${i}.txt`, version: '1', size: 9 }
    },
    read: async (_session, { id }) => ({ body: id, mimeType: 'text/plain' }),
  })
  let made = 0
  const parser: Parser = {
    version: 'bench-1',
    parse: async () => {
      const first = chunksEach * made++
      const chunks = Array.from({ length: chunksEach }, (_, i) => ({
        text: textOf(first + i, 120),
        overlap: 0,
        headings: [],
      }))
      return { ok: true, document: { mimeType: 'text/plain', chunks } }
    },
    close: async () => {},
  }
  const sync = await createSync({ file: database, connector, parser })
  const { progress } = await sync.run()
  await sync.close()
  if (progress.indexed !== documents) throw new Error(`fill: ${JSON.stringify(progress)}`)
  const db = new Database(database)
  const copy = db.prepare(
    `INSERT INTO connectors (id, name, type, collection_no, config, enabled, activated, timezone, limits, created_at, updated_at)
     SELECT 'conn_' || ?, 'copy ' || ?, type, collection_no, config, 1, 1, timezone, limits, created_at, updated_at FROM connectors LIMIT 1`,
  )
  for (let i = 1; i < connectors; i++) copy.run(`${i}`.padStart(26, '0'), i)
  db.close()
}

/** What is left when all that the server does besides is taken away: keys, checks, the envelope, threads. */
function bare(database: string, port: number): void {
  const db = new Database(database, { readonly: true })
  db.pragma('cache_size = -16384')
  const page = db.prepare<[number], { no: number }>(
    `SELECT c.*, l.id AS collection_id, l.name AS collection_name FROM connectors c JOIN collections l ON l.no = c.collection_no
     WHERE c.deleted_at IS NULL ORDER BY c.no LIMIT ?`,
  )
  const total = db.prepare(
    'SELECT count(*) AS n FROM connectors c JOIN collections l ON l.no = c.collection_no WHERE c.deleted_at IS NULL',
  )
  const ranked = db.prepare<[string], { no: number }>(
    `WITH matches AS MATERIALIZED (
       SELECT rowid AS no, -bm25(chunks_fts, 4.0, 2.0, 1.0) AS score FROM chunks_fts WHERE chunks_fts MATCH ? ORDER BY rowid DESC LIMIT 10000
     ) SELECT no, score, (SELECT count(*) FROM matches) AS n FROM matches ORDER BY score DESC, no DESC LIMIT 10`,
  )
  const hit = db.prepare<[number], { path: string }>(
    `SELECT c.text, c.position, d.id, d.title, d.path, d.entry ->> 'url' AS url, d.entry ->> 'updatedAt' AS updatedAt, n.id AS connector,
       l.id AS collection FROM chunks c JOIN documents d ON d.no = (c.no >> 20) JOIN connectors n ON n.no = d.connector_no
     JOIN collections l ON l.no = n.collection_no WHERE c.no = ?`,
  )
  const snippet = db.prepare<[string, number], { snippet: string }>(
    "SELECT snippet(chunks_fts, 2, '<mark>', '</mark>', '…', 48) AS snippet FROM chunks_fts WHERE chunks_fts MATCH ? AND rowid = ?",
  )
  const app = new Hono()
  app.get('/healthz', (context) => context.json({}))
  app.get('/connectors', (context) => context.json({ rows: page.all(20), total: total.get() }))
  app.post('/search', async (context) => {
    const { query } = await context.req.json<{ query: string }>()
    const match = query
      .split(' ')
      .map((word) => `"${word}"`)
      .join(' AND ')
    const rows = ranked.all(match).map(({ no }) => {
      const { text: _, ...rest } = hit.get(no) as { path: string; text: string }
      return { ...rest, ...snippet.get(match, no) }
    })
    return context.json({ rows })
  })
  serve({ fetch: app.fetch, port, hostname: '127.0.0.1', overrideGlobalObjects: false })
}

if (process.argv[1] === file) {
  const [, , role, database, port] = process.argv
  if (role === 'fill') {
    await fill(database!)
    console.log('{}')
  } else if (role === 'bare') bare(database!, Number(port))
  else console.log(await http())
}
