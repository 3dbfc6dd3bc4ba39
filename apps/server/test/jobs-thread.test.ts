import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRateLimits, createSessions, type EngineEvent, type JobStatus, systemClock } from '@cx/core/engine'
import { openSqliteStore } from '@cx/store'
import { expect, onTestFinished, test } from 'vitest'
import { createThreadJobs } from '../src/jobs/thread-jobs.ts'
import { createLog } from '../src/log.ts'
import { createPlugins } from '../src/plugins.ts'
import { readSettings } from '../src/settings.ts'
import { startProcess, watchJob } from './process-host.ts'

const plugin = new URL('./slow/plugin.ts', import.meta.url).href

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cx-jobs-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('what a connector throws where nobody can catch it costs no answer, and its job goes on', async () => {
  const folder = await newFolder()
  await writeFile(join(folder, 'throw'), '')
  const host = await startProcess({
    CX_DATA_DIR: join(folder, 'data'),
    CX_API_KEY: 'cx_jobs-test-key-0123456789',
    CX_PLUGINS: plugin,
    CX_LOG_LEVEL: 'error',
  })
  onTestFinished(async () => void (await host.end('SIGKILL')))
  const { data } = await host.call('POST', '/connectors', {
    name: 'slow',
    type: 'slow',
    collection: 'slow',
    config: { folder, entries: 200 },
  })
  const started = await host.call('POST', `/connectors/${data.id}/sync`)
  const answers = new Set<number>()
  const asking = setInterval(async () => answers.add((await fetch(`${host.url}/healthz`)).status), 20)
  const job = await watchJob(host, String(data.id), String(started.data.jobId))
  clearInterval(asking)
  expect(job).toMatchObject({ status: 'completed', progress: { listed: 200, indexed: 200, failed: 0 } })
  expect([...answers]).toEqual([200])
  expect(host.log()).toContain('Nobody catches this.')
  const reads = (await readFile(join(folder, 'reads.log'), 'utf8')).trim().split('\n')
  expect(new Set(reads).size).toBe(200)
})

test('the thread ends when there has been no job for a while, and the next job starts another', async () => {
  const folder = await newFolder()
  const settings = readSettings({ CX_DATA_DIR: folder, CX_PLUGINS: plugin, CX_LOG_LEVEL: 'error' })
  const store = await openSqliteStore({ file: settings.databaseFile })
  const log = createLog('error')
  const rateLimits = createRateLimits(systemClock)
  const credentials = async () => undefined
  const jobs = createThreadJobs({
    settings,
    store,
    log,
    rateLimits,
    sessions: createSessions({ vault: { credentials }, rateLimits, clock: systemClock, log }),
    plugins: createPlugins(settings.plugins, log),
    observe: () => {},
    owner: 'test',
    idleMs: 500,
  })
  onTestFinished(async () => {
    await jobs.stop({ timeoutMs: 2_000 })
    await store.close()
  })
  const collection = await store.createCollection({ name: 'slow', description: '', embedding: null })
  const connector = await store.createConnector({
    name: 'slow',
    type: 'slow',
    collectionId: collection.id,
    config: { folder, entries: 3 },
    enabled: true,
    activated: true,
    schedule: null,
    timezone: 'UTC',
    limits: { maxFileBytes: 1_000_000 },
  })
  await jobs.start()
  const run = async (): Promise<JobStatus | undefined> => {
    const ended = new Promise<EngineEvent>((resolve) => {
      const forget = jobs.onEvent((event) => {
        if (event.type !== 'ended') return
        forget()
        resolve(event)
      })
    })
    await store.enqueue({ connectorId: connector.id, kind: 'sync', params: { mode: 'full' } })
    jobs.wake()
    return (await ended).end?.status
  }
  const threads = () => process.report.getReport() as { readonly workers: readonly unknown[] }
  const before = threads().workers.length
  expect(await run()).toBe('completed')
  await expect.poll(() => threads().workers.length, { timeout: 5_000 }).toBe(before)
  expect(await run()).toBe('completed')
})
