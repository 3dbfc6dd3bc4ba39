import type { Job, JobEnd, JobKind, JobParams, RunKey } from '@cx/core/engine'
import { newId } from '../id.ts'
import type { Connection } from './connection.ts'
import { mark } from './diff.ts'
import { storeError } from './errors.ts'
import { jobBy, jobByNo } from './jobs.ts'
import { addProgress, newTally, type RunningJob, runningJob } from './run.ts'

/** Equal requests have equal text: keys in one order, paths sorted and once each. */
function paramsText(params: JobParams): string {
  return JSON.stringify({
    ...(params.mode === undefined ? {} : { mode: params.mode }),
    ...(params.paths === undefined ? {} : { paths: [...new Set(params.paths)].sort() }),
    ...(params.confirms === undefined ? {} : { confirms: params.confirms }),
    ...(params.retries === undefined ? {} : { retries: params.retries }),
    ...(params.origin === undefined ? {} : { origin: params.origin }),
  })
}

export function enqueue(
  db: Connection,
  job: { readonly connectorId: string; readonly kind: JobKind; readonly params: JobParams },
): Job {
  return db.transaction(() => {
    const connector = db.get<{ no: number }>(
      'SELECT no FROM connectors WHERE id = ? AND deleted_at IS NULL',
      job.connectorId,
    )
    if (connector === undefined) throw storeError('not_found', `There is no connector ${job.connectorId}.`)
    const params = paramsText(job.params.origin === 'source' ? joined(db, connector.no, job.params) : job.params)
    const queued = db.get<{ no: number }>(
      `SELECT no FROM jobs WHERE connector_no = ? AND kind = ? AND params = ? AND status = 'queued' AND attempt = 0`,
      connector.no,
      job.kind,
      params,
    )
    const now = Date.now()
    const no =
      queued?.no ??
      db.insert(
        `INSERT INTO jobs (id, connector_no, kind, params, status, created_at, updated_at) VALUES (?, ?, ?, ?, 'queued', ?, ?)`,
        newId('job'),
        connector.no,
        job.kind,
        params,
        now,
        now,
      )
    return jobByNo(db, no)
  })
}

/** More than these are not worth naming. */
const mostPaths = 10_000

/**
 * What a source told of joins what it told of before and is not begun: one queued job covers both.
 */
function joined(db: Connection, connectorNo: number, params: JobParams): JobParams {
  const queued = db.get<{ no: number; params: string }>(
    `SELECT no, params FROM jobs WHERE connector_no = ? AND kind = 'sync' AND status = 'queued' AND attempt = 0
       AND params ->> '$.origin' = 'source'`,
    connectorNo,
  )
  const whole = { mode: 'auto' } as const
  const covered = db.get(
    `SELECT 1 FROM jobs WHERE connector_no = ? AND kind = 'sync' AND status = 'queued' AND attempt = 0 AND params = ?`,
    connectorNo,
    paramsText(whole),
  )
  const before = queued && (JSON.parse(queued.params) as JobParams).paths
  const paths = new Set([...(before ?? []), ...(params.paths ?? [])])
  const isWhole = covered !== undefined || params.paths === undefined || paths.size > mostPaths
  const next: JobParams = isWhole ? whole : { ...whole, paths: [...paths], origin: 'source' }
  if (queued !== undefined && covered === undefined)
    db.run('UPDATE jobs SET params = ?, updated_at = ? WHERE no = ?', paramsText(next), Date.now(), queued.no)
  return next
}

export function claim(db: Connection, owner: string, leaseMs: number): Job | undefined {
  return db.transaction(() => {
    const next = db.get<{ no: number }>(
      `SELECT j.no FROM jobs j WHERE j.status = 'queued'
         AND NOT EXISTS (SELECT 1 FROM jobs r WHERE r.connector_no = j.connector_no AND r.status = 'running')
       ORDER BY j.no LIMIT 1`,
    )
    if (next === undefined) return undefined
    const now = Date.now()
    db.run(
      `UPDATE jobs SET status = 'running', attempt = attempt + 1, owner = ?,
         done_before = indexed + unchanged + skipped + failed, lease_until = ?, running_since = ?,
         revision = revision + 1, updated_at = ? WHERE no = ?`,
      owner,
      now + leaseMs,
      now,
      now,
      next.no,
    )
    return jobByNo(db, next.no)
  })
}

export function heartbeat(db: Connection, run: RunKey, leaseMs: number): { readonly cancelRequested: boolean } {
  return db.transaction(() => {
    const { no } = runningJob(db, run)
    const row = db.get<{ cancelRequested: number }>(
      'UPDATE jobs SET lease_until = ? WHERE no = ? RETURNING cancel_requested AS cancelRequested',
      Date.now() + leaseMs,
      no,
    )
    return { cancelRequested: row?.cancelRequested === 1 }
  })
}

/** Two revisions: one for the last progress, one for the end. */
function endJob(db: Connection, no: number, end: JobEnd): void {
  const now = Date.now()
  db.run(
    `UPDATE jobs SET status = ?, error = ?, pending_deletions = ?, completed_at = ?, updated_at = ?, owner = NULL,
       lease_until = NULL, revision = revision + 2 WHERE no = ?`,
    end.status,
    end.error === undefined ? null : JSON.stringify(end.error),
    end.pendingDeletions ?? null,
    now,
    now,
    no,
  )
  db.run(
    `UPDATE connectors SET last_sync = json_object('jobId', j.id, 'status', j.status, 'completedAt', j.completed_at)
     FROM jobs j WHERE j.no = ? AND connectors.no = j.connector_no AND j.kind <> 'permissions'`,
    no,
  )
  // Shown as the connector's state until a sync succeeds; a cancelled one says nothing about the source. That tokens
  // are to be renewed by a person says more than that a sync could not authenticate.
  db.run(
    `UPDATE connectors SET last_error = CASE
       WHEN j.status = 'failed' AND j.error ->> '$.code' = 'unauthenticated'
         AND last_error ->> '$.code' = 'reauthorization_required' THEN last_error
       WHEN j.status = 'failed' THEN json_set(j.error, '$.at', j.completed_at) END
     FROM jobs j WHERE j.no = ? AND connectors.no = j.connector_no AND j.kind IN ('sync', 'retry') AND j.status <> 'cancelled'`,
    no,
  )
}

/** What an attempt that died had listed, and was gone when the next one came to it, is dealt with too. */
function countLost(db: Connection, { no, connectorNo }: RunningJob): void {
  const lost = db.run(
    'UPDATE seen SET settled = ? WHERE connector_no = ? AND job_no = ? AND settled = ?',
    mark.gone,
    connectorNo,
    no,
    mark.open,
  )
  addProgress(db, no, { ...newTally(), skipped: lost })
}

export function finish(db: Connection, run: RunKey, end: JobEnd): void {
  db.transaction(() => {
    const job = runningJob(db, run)
    if (job.attempt > 1 && end.status !== 'failed' && end.status !== 'cancelled') countLost(db, job)
    endJob(db, job.no, end)
  })
}

/** Back to the queue; one that was to be cancelled ends instead. */
function requeue(db: Connection, no: number): void {
  const row = db.get<{ cancelRequested: number }>(
    'SELECT cancel_requested AS cancelRequested FROM jobs WHERE no = ?',
    no,
  )
  if (row?.cancelRequested === 1) endJob(db, no, { status: 'cancelled' })
  else
    db.run(
      `UPDATE jobs SET status = 'queued', owner = NULL, lease_until = NULL, revision = revision + 1, updated_at = ?
       WHERE no = ?`,
      Date.now(),
      no,
    )
}

export function release(db: Connection, run: RunKey): void {
  db.transaction(() => requeue(db, runningJob(db, run).no))
}

export function requestCancel(db: Connection, jobId: string): Job | undefined {
  return db.transaction(() => {
    const job = jobBy(db, 'id', jobId)
    if (job === undefined) return undefined
    const { no } = db.get<{ no: number }>('SELECT no FROM jobs WHERE id = ?', jobId) as { no: number }
    if (job.status === 'queued') endJob(db, no, { status: 'cancelled' })
    else if (job.status === 'running')
      db.run(
        'UPDATE jobs SET cancel_requested = 1, revision = revision + 1, updated_at = ? WHERE no = ?',
        Date.now(),
        no,
      )
    return jobByNo(db, no)
  })
}

export function recover(db: Connection, owner?: string): number {
  return db.transaction(() => {
    const lost = db.all<{ no: number }>(
      `SELECT no FROM jobs WHERE status = 'running' AND (lease_until < ? OR owner = ?)`,
      Date.now(),
      owner ?? null,
    )
    for (const { no } of lost) requeue(db, no)
    return lost.length
  })
}

/** Ends whatever a connector has queued or running; a running attempt is fenced off by it. */
export function cancelAll(db: Connection, connectorNo: number): void {
  const jobs = db.all<{ no: number }>(
    `SELECT no FROM jobs WHERE connector_no = ? AND status IN ('queued', 'running')`,
    connectorNo,
  )
  for (const { no } of jobs) endJob(db, no, { status: 'cancelled' })
}
