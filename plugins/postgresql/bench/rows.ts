// Not a test: `node --conditions=cx-source --expose-gc plugins/postgresql/test/speed.ts [rows]` prints what a listing costs
// beside bare cursor loops in the same process, and what an unchanged listing costs in memory in a process of its own.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import pg from 'pg'
import Cursor from 'pg-cursor'
import { type Cluster, password, startCluster, superuser } from '../test/cluster.ts'
import { using } from '../test/driver.ts'

/** Milliseconds of this process, without the server's. */
const cpu: number[] = []

const config = { schema: 'speed', sslMode: 'disable' }

async function list(cluster: Cluster): Promise<number> {
  let count = 0
  await using(cluster, config, async (driver) => {
    for await (const item of driver.list()) if (!('kind' in item)) count++
  })
  return count
}

async function bare(cluster: Cluster, text: string): Promise<number> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: cluster.port,
    user: superuser,
    password,
    database: 'postgres',
  })
  await client.connect()
  const cursor = client.query(new Cursor(text))
  let count = 0
  for (;;) {
    const rows = await cursor.read(1000)
    if (rows.length === 0) break
    count += rows.length
  }
  await cursor.close()
  await client.end()
  return count
}

async function timed(work: () => Promise<number>, rows: number): Promise<number> {
  const before = process.cpuUsage()
  const at = performance.now()
  if ((await work()) !== rows) throw new Error('Rows are missing.')
  const { user, system } = process.cpuUsage(before)
  cpu.push((user + system) / 1000)
  return performance.now() - at
}

if (process.env.CX_SPEED_PORT) {
  const cluster = { port: Number(process.env.CX_SPEED_PORT) } as Cluster
  const at = performance.now()
  const count = await list(cluster)
  process.send?.({ count, ms: performance.now() - at, rss: process.resourceUsage().maxRSS / 1024 })
  process.disconnect()
} else {
  const ratios: number[] = []
  const rows = Number(process.argv[2] ?? 1_000_000)
  const cluster = await startCluster()
  await cluster.sql(`CREATE SCHEMA speed; CREATE TABLE speed.narrow (id bigint PRIMARY KEY, name text, n int);
    INSERT INTO speed.narrow SELECT g, 'name ' || g, g % 100 FROM generate_series(1, ${rows}) g`)
  await cluster.sql('VACUUM ANALYZE speed.narrow')
  for (let round = 1; round <= 5; round++) {
    const all = await timed(() => bare(cluster, 'SELECT * FROM speed.narrow'), rows)
    const keys = await timed(() => bare(cluster, 'SELECT id, xmin FROM speed.narrow'), rows)
    const ours = await timed(() => list(cluster), rows)
    const line = { round, all, keys, ours, 'all / ours': all / ours, 'keys / ours': keys / ours, cpu: cpu.splice(0) }
    ratios.push(all / ours)
    console.log(JSON.stringify(line, (_key, value) => (typeof value === 'number' ? Number(value.toFixed(2)) : value)))
  }
  const child = fork(import.meta.filename, { env: { ...process.env, CX_SPEED_PORT: String(cluster.port) } })
  const [report] = await once(child, 'message')
  await cluster.stop()
  const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
  console.log(JSON.stringify({ rows, ratio: median(ratios), rssMb: (report as { rss: number }).rss }))
}
