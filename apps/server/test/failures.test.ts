import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Club, newClub } from './club/state.ts'
import { type Row, type Running, start } from './harness.ts'

describe('documents that fail', () => {
  let cx: Running
  let id: string
  let club: Club
  let first: Row
  const retry = async (jobId: string) => {
    // Before the call: the job may have read all before the answer is here.
    club.reads.length = 0
    const { status, data } = await cx.call('POST', `/connectors/${id}/sync/${jobId}/retry`)
    expect(status).toBe(202)
    return cx.wait(id, data.jobId)
  }

  beforeAll(async () => {
    club = newClub(['a', 'b', 'c', 'd', 'e'].map((name) => ({ id: name, path: `${name}.txt`, text: `The ${name}.` })))
    club.broken.set('a', 'forbidden').set('b', 'unprocessable')
    cx = await start({ CX_PLUGINS: new URL('./club/plugin.ts', import.meta.url).href })
    const made = await cx.call('POST', '/connectors', { name: 'c', type: 'club', collection: 'zoo', config: {} })
    id = made.data.id
    first = await cx.sync(id)
  })
  afterAll(() => cx?.close())

  test('are listed with where, why, and whether another try is worth it; events say the same', async () => {
    expect(first).toMatchObject({ status: 'partial', progress: { listed: 5, indexed: 3, failed: 2 } })
    const { data, meta } = await cx.call('GET', `/connectors/${id}/sync/${first.jobId}/failures`)
    expect(meta.total).toBe(2)
    const failures = [...data].sort((one, other) => (one.path < other.path ? -1 : 1))
    expect(failures).toMatchObject([
      { path: 'a.txt', stage: 'read', code: 'forbidden', message: 'Reading a failed.', retryable: true },
      { path: 'b.txt', stage: 'read', code: 'unprocessable', message: 'Reading b failed.', retryable: false },
    ])
    const events = await fetch(`${cx.url}/api/v1/connectors/${id}/sync/${first.jobId}/events`, {
      headers: { Authorization: `Bearer ${cx.key}` },
    })
    const told = [...(await events.text()).matchAll(/event: failure\ndata: (.*)\n/g)].map(([, json]) =>
      JSON.parse(json!),
    )
    expect(told.sort((one, other) => (one.path < other.path ? -1 : 1))).toEqual(
      failures.map(({ path, stage, code, message, retryable }) => ({ path, stage, code, message, retryable })),
    )
  })

  test('are tried again, and nothing else is', async () => {
    club.broken.delete('a')
    club.broken.set('c', 'forbidden')
    const second = await cx.sync(id, { sync_mode: 'incremental', file_filter: ['c.txt'] })
    expect(second.status).toBe('partial')
    const job = await retry(first.jobId)
    expect(club.reads.sort()).toEqual(['a', 'b'])
    expect(job).toMatchObject({ kind: 'retry', status: 'partial', progress: { listed: 2, indexed: 1, failed: 1 } })
    club.broken.clear()
    expect(await retry(first.jobId)).toMatchObject({ status: 'completed', progress: { listed: 1, indexed: 1 } })
    expect(club.reads).toEqual(['b'])
    expect(await retry(first.jobId)).toMatchObject({ status: 'completed', progress: { listed: 0 } })
    expect(await retry(second.jobId)).toMatchObject({ status: 'completed', progress: { listed: 1, indexed: 1 } })
    expect(club.reads).toEqual(['c'])
  })
})
