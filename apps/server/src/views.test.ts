import type { Job } from '@cx/core/engine'
import { expect, test } from 'vitest'
import { viewJob } from './views.ts'

const progress = {
  listed: 600,
  collected: 0,
  parsed: 0,
  indexed: 500,
  unchanged: 50,
  skipped: 30,
  failed: 20,
  deleted: 0,
  bytes: 0,
  total: 1_000,
}
const job: Job = {
  id: 'job_1',
  connectorId: 'conn_1',
  kind: 'sync',
  params: {},
  status: 'running',
  attempt: 1,
  progress,
  cancelRequested: false,
  createdAt: 0,
  runningSince: 100_000,
}
const eta = (more: Partial<Job>): unknown => (viewJob({ ...job, ...more }, 160_000).progress as Row).etaSeconds
interface Row {
  readonly etaSeconds?: number
}

test('the time left follows from the pace of this attempt, not of what an earlier one had done', () => {
  expect(eta({})).toBe(40)
  expect(eta({ attempt: 2, doneBefore: 500 })).toBe(240)
  expect(eta({ attempt: 2, doneBefore: 600 })).toBeUndefined()
  expect(eta({ status: 'completed' })).toBeUndefined()
  const { total: _total, ...unknown } = progress
  expect(eta({ progress: unknown })).toBeUndefined()
})
