import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { besideBare } from './http/beside.ts'
import { whileSyncing } from './http/latency.ts'
import { ask, root, startServer, stop } from './http/server.ts'
import { inFolder, inProcess, mb, memory, percentile, type Row, row, until } from './measure.ts'

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
  return inFolder(async (folder) => {
    const rows = [...(await startAndIdle(folder))]
    const database = join(folder, 'filled', 'cx.sqlite')
    await inProcess(fileURLToPath(new URL('./http/bare.ts', import.meta.url)), 'fill', database)
    rows.push(...(await besideBare(join(folder, 'filled'), database)))
    return [...rows, ...(await whileSyncing(join(folder, 'filled')))]
  })
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
