import type { Outcome, RunKey } from '@cx/core/engine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestStore, type TestStore } from './open-store.ts'

let opened: TestStore
beforeAll(async () => {
  opened = await openTestStore()
})
afterAll(() => opened.close())

test('how many are expected is what the listing before found, until there are more', async () => {
  const { store } = opened
  const { id: connectorId } = await opened.newConnector()
  const begin = async () => {
    await store.enqueue({ connectorId, kind: 'sync', params: {} })
    const { id: jobId, attempt } = (await store.claim('test', 60_000))!
    const run: RunKey = { jobId, connectorId, attempt }
    return { run, generation: await store.beginListing(run) }
  }
  const list = async ({ run, generation }: { run: RunKey; generation: number }, ...ids: string[]) => {
    const outcomes = ids.map(
      (id): Outcome => ({
        kind: 'indexed',
        entry: { id, path: id, version: '1' },
        fingerprint: 1,
        bytes: 1,
        contentHash: id,
        document: { mimeType: 'text/plain', chunks: [] },
      }),
    )
    await store.commit(run, { generation, pipeline: 'p', skipPipeline: 'p', outcomes })
    return total(run)
  }
  const total = async ({ jobId }: RunKey) => (await store.job(jobId))?.progress.total
  const end = async ({ run, generation }: { run: RunKey; generation: number }) => {
    await store.endListing(run, { generation, whole: true })
    await store.finish(run, { status: 'completed' })
    return total(run)
  }

  const first = await begin()
  expect(await list(first, 'a', 'b')).toBeUndefined()
  await end(first)
  const second = await begin()
  expect(await list(second, 'a')).toBe(2)
  expect(await list(second, 'b')).toBe(2)
  expect(await list(second, 'c')).toBeUndefined()
  expect(await end(second)).toBe(3)
  const third = await begin()
  expect(await list(third, 'a')).toBe(3)
  await store.finish(third.run, { status: 'cancelled' })
  expect(await total(third.run)).toBe(3)
})
