import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore, type Store } from '@cx/store'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLog } from '../src/log.ts'
import { checkSchedule, nextRun } from '../src/schedules/cron.ts'
import { runSchedules } from '../src/schedules/scheduler.ts'
import { newClub } from './club/state.ts'
import { type Running, start } from './harness.ts'

const at = (text: string) => Date.parse(text)
const minute = 60_000

describe('the next run', () => {
  const daily = { schedule: '0 3 * * *', timezone: 'UTC' }

  test('is the time of the cron and a delay of at most five minutes, always the same for a connector', () => {
    const runs = Array.from(
      { length: 200 },
      (_, n) => nextRun({ id: `conn_${n}`, ...daily }, at('2026-03-01T12:00:00Z'))!,
    )
    const delays = runs.map((run) => run - at('2026-03-02T03:00:00Z'))
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...delays)).toBeLessThan(5 * minute)
    expect(new Set(delays).size).toBeGreaterThan(190)
    expect(nextRun({ id: 'conn_7', ...daily }, runs[7]!)).toBe(runs[7]! + 24 * 60 * minute)
    // Close together, the delay is a tenth of what lies between.
    const often = nextRun({ id: 'conn_7', schedule: '*/10 * * * *', timezone: 'UTC' }, at('2026-03-01T12:00:00Z') - 1)!
    expect((often - at('2026-03-01T12:00:00Z')) % (10 * minute)).toBeLessThan(minute)
  })

  test('comes after now, and none is left out, wherever one looks from', () => {
    const hourly = { id: 'conn_x', schedule: '30 * * * *', timezone: 'UTC' }
    let now = at('2026-01-01T00:00:00Z')
    for (let n = 0; n < 48; n++) {
      const run = nextRun(hourly, now)!
      expect(run).toBeGreaterThan(now)
      expect(nextRun(hourly, run - 1)).toBe(run)
      if (n > 0) expect(run - now).toBe(60 * minute)
      now = run
    }
  })

  test('keeps to the clock on the wall when summer time begins and ends', () => {
    const berlin = { id: 'conn_x', schedule: '0 9 * * *', timezone: 'Europe/Berlin' }
    const delay = nextRun({ ...berlin, timezone: 'UTC' }, at('2026-01-01T00:00:00Z'))! - at('2026-01-01T09:00:00Z')
    expect(nextRun(berlin, at('2026-03-28T12:00:00Z'))! - delay).toBe(at('2026-03-29T07:00:00Z'))
    expect(nextRun(berlin, at('2026-10-24T12:00:00Z'))! - delay).toBe(at('2026-10-25T08:00:00Z'))
  })

  test('what is no schedule is told in a sentence', () => {
    const reason = (schedule: unknown, timezone: unknown = 'UTC') =>
      checkSchedule(schedule, timezone).map(({ path, message }) => `${path} ${message}`)
    expect(reason('0 3 * * *')).toEqual([])
    expect(reason(null)).toEqual([])
    expect(reason('@daily')).toEqual([])
    expect(reason('99 3 * * *')).toEqual([expect.stringMatching(/^\/schedule must be a cron expression, such as/)])
    expect(reason('whenever')).toHaveLength(1)
    expect(reason('0 0 30 2 *')).toEqual(['/schedule never comes: no day is like this'])
    expect(reason('*/10 * * * * *')).toEqual([expect.stringContaining('more than once a minute')])
    expect(reason('0 3 * * *', 'Mars/Olympus')).toEqual([
      expect.stringContaining('/timezone must be an IANA time zone'),
    ])
  })
})

describe('schedules of a store that two processes share', () => {
  let folder: string
  let stores: Store[]
  let id: string
  const log = createLog('silent')
  const pass = async (now: number) =>
    Promise.all(stores.map((store) => runSchedules({ store, clock: { now: () => now }, log, wake: () => {} })))
  const jobs = async () => (await stores[0]!.jobs({ connectorId: id, limit: 100 })).total
  const next = async () => (await stores[0]!.getConnector(id))!.nextSyncAt!
  /** Takes the job out of the way, so that the next one is a new one. */
  const finish = async () => {
    const job = (await stores[0]!.claim('test', minute))!
    await stores[0]!.finish({ jobId: job.id, connectorId: id, attempt: job.attempt }, { status: 'completed' })
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cx-schedules-'))
    stores = []
    for (let n = 0; n < 2; n++) stores.push(await openSqliteStore({ file: join(folder, 'cx.db') }))
    const collection = await stores[0]!.createCollection({ name: 'c', description: '', embedding: null })
    const made = await stores[0]!.createConnector({
      name: 'n',
      type: 'filesystem',
      collectionId: collection.id,
      config: {},
      enabled: true,
      activated: true,
      schedule: '0 * * * *',
      timezone: 'UTC',
      limits: { maxFileBytes: 1 },
    })
    id = made.id
  })
  afterAll(async () => {
    for (const store of stores) await store.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('each run is queued once, when it is due', async () => {
    const now = at('2030-01-01T00:30:00Z')
    expect(await pass(now)).toEqual([0, 0])
    const first = await next()
    expect(first).toBeGreaterThan(now)
    await pass(first - 1)
    expect(await jobs()).toBe(0)
    for (let run = 1; run <= 5; run++) {
      expect((await pass(await next())).sort()).toEqual([0, 1])
      expect(await jobs()).toBe(run)
      await finish()
    }
    expect(await next()).toBe(first + 5 * 60 * minute)
  })

  test('after a day without a host there is one run, not twenty-four', async () => {
    const before = await jobs()
    const late = (await next()) + 24 * 60 * minute
    await pass(late)
    await pass(late + 1)
    expect((await jobs()) - before).toBe(1)
    expect(await next()).toBeGreaterThan(late)
    await finish()
  })

  test('a run that is still queued is not queued again; a paused connector runs none', async () => {
    const before = await jobs()
    await pass(await next())
    await pass(await next())
    expect((await jobs()) - before).toBe(1)
    await finish()
    const due = await next()
    await stores[0]!.updateConnector(id, { enabled: false })
    await pass(due + 60 * minute)
    expect((await jobs()) - before).toBe(1)
    await stores[0]!.updateConnector(id, { enabled: true })
    await pass(due + 120 * minute)
    expect((await jobs()) - before).toBe(1)
    expect(await next()).toBeGreaterThan(due + 120 * minute)
  })
})

describe('a schedule over HTTP', () => {
  let cx: Running
  let id: string
  const show = async () => (await cx.call('GET', `/connectors/${id}`)).data

  beforeAll(async () => {
    newClub()
    cx = await start({ CX_PLUGINS: new URL('./club/plugin.ts', import.meta.url).href })
    const body = {
      name: 'c',
      type: 'club',
      collection: 'zoo',
      config: {},
      schedule: '0 3 * * *',
      timezone: 'Asia/Tokyo',
    }
    const made = await cx.call('POST', '/connectors', body)
    id = made.data.id
  })
  afterAll(() => cx?.close())

  test('shows the next run, and none while it is paused or without a schedule', async () => {
    const { nextSyncAt, timezone } = await show()
    expect(timezone).toBe('Asia/Tokyo')
    expect(new Date(nextSyncAt as string).getUTCHours()).toBe(18)
    expect(nextSyncAt).toBe(
      new Date(nextRun({ id, schedule: '0 3 * * *', timezone: 'Asia/Tokyo' }, Date.now())!).toISOString(),
    )
    await cx.call('PUT', `/connectors/${id}`, { enabled: false })
    expect((await show()).nextSyncAt).toBeNull()
    await cx.call('PUT', `/connectors/${id}`, { enabled: true, timezone: 'UTC' })
    expect(new Date((await show()).nextSyncAt as string).getUTCHours()).toBe(3)
    await cx.call('PUT', `/connectors/${id}`, { schedule: null })
    expect((await show()).nextSyncAt).toBeNull()
    const wrong = await cx.call('PUT', `/connectors/${id}`, { schedule: '61 * * * *' })
    expect(wrong.error.details).toMatchObject([
      { path: '/schedule', message: expect.stringContaining('cron expression') },
    ])
  })

  test('a run that was missed while the host was down is caught up with', async () => {
    await cx.call('PUT', `/connectors/${id}`, { schedule: '0 3 * * *' })
    await cx.host.stop()
    const store = await openSqliteStore({ file: join(cx.folder, '../data/cx.sqlite') })
    const { schedule, timezone, nextSyncAt } = (await store.getConnector(id))!
    const missed = Date.now() - 3_600_000
    await store.advanceSchedule({ id, schedule: schedule!, timezone, nextSyncAt }, { nextSyncAt: missed, start: false })
    await store.close()
    await cx.restart()
    await cx.host.ready
    let jobs: readonly { jobId: string }[] = []
    while (jobs.length === 0) jobs = (await cx.call('GET', `/connectors/${id}/sync`)).data
    expect(jobs).toHaveLength(1)
    expect(await cx.wait(id, jobs[0]!.jobId)).toMatchObject({ status: 'completed', mode: 'auto' })
    expect(Date.parse((await show()).nextSyncAt as string)).toBeGreaterThan(Date.now())
  })
})
