import type { JobParams, Progress, RunKey } from '@cx/core/engine'
import type { Connection } from './connection.ts'
import { fenced } from './errors.ts'

/** The job attempt that a write belongs to, found to be the running one. */
export interface RunningJob {
  readonly no: number
  readonly connectorNo: number
  readonly attempt: number
  readonly params: JobParams
}

/** @throws FencedError when this attempt does not run (any more). */
export function runningJob(db: Connection, run: RunKey): RunningJob {
  const row = db.get<{ no: number; connectorNo: number; params: string }>(
    `SELECT j.no, j.connector_no AS connectorNo, j.params FROM jobs j JOIN connectors c ON c.no = j.connector_no
     WHERE j.id = ? AND j.status = 'running' AND j.attempt = ? AND c.id = ?`,
    run.jobId,
    run.attempt,
    run.connectorId,
  )
  if (row === undefined) throw fenced(run.jobId)
  return { no: row.no, connectorNo: row.connectorNo, attempt: run.attempt, params: JSON.parse(row.params) as JobParams }
}

/** What one write adds to a job's progress. */
export type Tally = { -readonly [K in Exclude<keyof Progress, 'total' | 'embedded'>]: number }

export function newTally(): Tally {
  return {
    listed: 0,
    collected: 0,
    parsed: 0,
    indexed: 0,
    unchanged: 0,
    skipped: 0,
    failed: 0,
    deleted: 0,
    bytes: 0,
  }
}

/** Adds to the job's row, where anything is to be added; `events` more revisions were used up by failures. */
export function addProgress(db: Connection, jobNo: number, tally: Tally, events = 0): void {
  const { listed, collected, parsed, indexed, unchanged, skipped, failed, deleted, bytes } = tally
  if (listed + collected + parsed + indexed + unchanged + skipped + failed + deleted + bytes + events === 0) return
  db.run(
    `UPDATE jobs SET listed = listed + ?, collected = collected + ?, parsed = parsed + ?, indexed = indexed + ?,
       unchanged = unchanged + ?, skipped = skipped + ?, failed = failed + ?, deleted = deleted + ?, bytes = bytes + ?,
       revision = revision + 1, updated_at = ? WHERE no = ?`,
    listed,
    collected,
    parsed,
    indexed,
    unchanged,
    skipped,
    failed,
    deleted,
    bytes,
    Date.now(),
    jobNo,
  )
}

/** Records failures as events of the job; each takes a revision of its own, below that of the next progress. */
export function addFailure(
  db: Connection,
  jobNo: number,
  documentNo: number,
  failure: { readonly path: string; readonly stage: string; readonly code: string; readonly message: string },
  retryable: boolean,
): void {
  const row = db.get<{ revision: number }>(
    'UPDATE jobs SET revision = revision + 1 WHERE no = ? RETURNING revision',
    jobNo,
  )
  db.run(
    'INSERT INTO job_failures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    jobNo,
    row?.revision ?? 0,
    documentNo,
    failure.path,
    failure.stage,
    failure.code,
    failure.message,
    retryable ? 1 : 0,
    Date.now(),
  )
}
