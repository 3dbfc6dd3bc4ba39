import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { percentile, type Row, row, until } from '../measure.ts'
import { textOf, wordAt } from '../words.ts'
import { ask, startServer, stop } from './server.ts'

const syncedFiles = 5_000
const rounds = 3

type Probe = 'healthz' | 'search'
const probes: readonly Probe[] = ['healthz', 'search']

/** How long others wait while a sync writes: for a route that does nothing, and for a search of what was there before. */
export async function whileSyncing(folder: string): Promise<readonly Row[]> {
  const server = await startServer(folder)
  try {
    await until(async () => (await ask(server.port, '/readyz')).status === 200)
    for (const probe of probes) await sample(server.port, probe, 300)
    const idle = { healthz: [] as number[], search: [] as number[] }
    const busy = { healthz: [] as number[], search: [] as number[] }
    for (let round = 0; round < rounds; round++) {
      const source = join(folder, `source-${round}`)
      await write(source, round * syncedFiles)
      const made = await ask(server.port, '/api/v1/connectors', {
        name: source,
        type: 'filesystem',
        collection: 'bench',
        config: { root: source },
      })
      for (const probe of probes) idle[probe].push(...(await sample(server.port, probe, 700)))
      const job = `/api/v1/connectors/${made.body.data?.id}/sync`
      const { body } = await ask(server.port, job, {})
      let status = 'queued'
      while (status === 'queued' || status === 'running') {
        for (const probe of probes) busy[probe].push(...(await sample(server.port, probe, 50)))
        status = (await ask(server.port, `${job}/${body.data?.jobId}`)).body.data?.status ?? ''
      }
      if (status !== 'completed') throw new Error(`The sync is ${status}.`)
    }
    return probes.map((probe) => {
      const [before, during] = [percentile(idle[probe], 0.99), percentile(busy[probe], 0.99)]
      const figure = `${during.toFixed(1)} ms (${busy[probe].length} samples), idle ${before.toFixed(1)} ms: ${(during / before).toFixed(1)} ×`
      const what = probe === 'healthz' ? '/healthz' : 'a search'
      const goal = probe === 'healthz' ? '≤ 3 × idle' : ''
      return row(`p99 of ${what} while documents are written`, figure, goal, goal === '' || during <= 3 * before)
    })
  } finally {
    await stop(server.process)
  }
}

async function write(folder: string, seed: number): Promise<void> {
  for (let i = 0; i < syncedFiles; i++) {
    const under = join(folder, String(i % 50))
    if (i < 50) await mkdir(under, { recursive: true })
    await writeFile(join(under, `${i}.md`), `# Document ${i}\n\n${textOf(seed + i, 300)}`)
  }
}

async function sample(port: number, probe: Probe, count: number): Promise<readonly number[]> {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const query = `${wordAt(150 + (i % 60) * 7)} ${wordAt(200 + (i % 60) * 11)}`
    const { ms } = probe === 'healthz' ? await ask(port, '/healthz') : await ask(port, '/api/v1/search', { query })
    times.push(ms)
    await sleep(1)
  }
  return times
}
