import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ProcessHost, startProcess, watchJob } from './process-host.ts'

const entries = 300

describe('a server that is told to stop', () => {
  let base: string
  let host: ProcessHost | undefined
  const env = () => ({
    CX_DATA_DIR: join(base, 'data'),
    CX_API_KEY: 'cx_shutdown-test-key-0123456789',
    CX_PLUGINS: new URL('./slow/plugin.ts', import.meta.url).href,
  })
  const reads = async () => (await readFile(join(base, 'reads.log'), 'utf8')).trim().split('\n')

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'cx-stop-'))
    await writeFile(join(base, 'hang'), '')
    host = await startProcess(env())
  })
  afterAll(async () => {
    await host?.end('SIGKILL')
    await rm(base, { recursive: true, force: true })
  })

  test('ends within ten seconds of SIGTERM though a source hangs, and the next start goes on with the job', async () => {
    const made = await host!.call('POST', '/connectors', {
      name: 'slow',
      type: 'slow',
      collection: 'slow',
      config: { folder: base, entries },
    })
    const started = await host!.call('POST', `/connectors/${made.data.id}/sync`)
    const { jobId } = started.data
    // A client that follows must not hold it up either.
    const following = await fetch(`${host!.url}/api/v1/connectors/${made.data.id}/sync/${jobId}/events`, {
      headers: { Authorization: `Bearer ${env().CX_API_KEY}` },
    })
    const before = await watchJob(host!, made.data.id, jobId, ({ indexed = 0 }) => indexed >= 60)
    expect(before.status).toBe('running')

    const { code, ms } = await host!.end('SIGTERM')
    expect({ code, quick: ms < 10_000 }).toEqual({ code: 0, quick: true })
    await following.body?.cancel().catch(() => {})
    const first = await reads()
    expect(first.length).toBeLessThan(entries)

    await rm(join(base, 'hang'))
    host = await startProcess(env())
    const after = await watchJob(host, made.data.id, jobId)
    expect(after).toMatchObject({ status: 'completed', progress: { listed: entries, indexed: entries, failed: 0 } })
    // What was indexed is not read again.
    const second = (await reads()).slice(first.length)
    expect(second).toContain('00030')
    expect(second.length).toBeLessThanOrEqual(entries - before.progress.indexed!)
    expect(new Set([...first, ...second]).size).toBe(entries)
  })
})
