import type { Json } from '@cx/core'
import type { Job, JobError, JobKind, JobParams, JobStatus, UnreadablePart } from '@cx/core/engine'
import type { FailedDocument, JobEvent, Page, PageRequest } from '../store.ts'
import type { Connection, Param } from './connection.ts'
import { type DocumentColumns, documentColumns, toDocument } from './documents-read.ts'
import { keyset, page } from './page.ts'

interface JobRow {
  readonly no: number
  readonly id: string
  readonly connectorId: string
  readonly kind: JobKind
  readonly params: string
  readonly status: JobStatus
  readonly attempt: number
  readonly cancel_requested: number
  readonly done_before: number
  readonly listed: number
  readonly collected: number
  readonly parsed: number
  readonly indexed: number
  readonly unchanged: number
  readonly skipped: number
  readonly failed: number
  readonly deleted: number
  readonly bytes: number
  readonly embedded: number
  readonly expected: number | null
  readonly error: string | null
  readonly unreadable: string | null
  readonly pending_deletions: number | null
  readonly created_at: number
  readonly running_since: number | null
  readonly completed_at: number | null
  readonly updated_at: number
  readonly revision: number
}

const from = 'SELECT j.*, c.id AS connectorId FROM jobs j JOIN connectors c ON c.no = j.connector_no'

/** What a job that was broken off did not come to is no part of what was listed. */
const wholes: ReadonlySet<Job['status']> = new Set(['completed', 'partial', 'needs_confirmation'])

/** An estimate from the listing before, until there proves to be more; once a job has run to its end, what was listed. */
function totalOf({ expected, listed, status }: JobRow): number | undefined {
  if (expected === null) return undefined
  if (wholes.has(status)) return listed
  return listed > expected ? undefined : expected
}

function toJob(row: JobRow): Job {
  const { listed, collected, parsed, indexed, unchanged, skipped, failed, deleted, bytes } = row
  const total = totalOf(row)
  return {
    id: row.id,
    connectorId: row.connectorId,
    kind: row.kind,
    params: JSON.parse(row.params) as JobParams,
    status: row.status,
    attempt: row.attempt,
    progress: {
      listed,
      collected,
      parsed,
      indexed,
      unchanged,
      skipped,
      failed,
      deleted,
      bytes,
      ...(total === undefined ? {} : { total }),
      ...(row.embedded === 0 ? {} : { embedded: row.embedded }),
    },
    ...(row.error === null ? {} : { error: JSON.parse(row.error) as JobError }),
    ...(row.unreadable === null ? {} : { unreadable: JSON.parse(row.unreadable) as UnreadablePart[] }),
    ...(row.pending_deletions === null ? {} : { pendingDeletions: row.pending_deletions }),
    cancelRequested: row.cancel_requested === 1,
    ...(row.done_before === 0 ? {} : { doneBefore: row.done_before }),
    createdAt: row.created_at,
    ...(row.running_since === null ? {} : { runningSince: row.running_since }),
    ...(row.completed_at === null ? {} : { completedAt: row.completed_at }),
  }
}

export function jobBy(db: Connection, column: 'no' | 'id', value: Param): Job | undefined {
  const row = db.get<JobRow>(`${from} WHERE j.${column} = ?`, value)
  return row === undefined ? undefined : toJob(row)
}

export function jobByNo(db: Connection, no: number): Job {
  return jobBy(db, 'no', no) as Job
}

/** By a partial index, whatever has ended. */
export function anyQueued(db: Connection): boolean {
  return db.get(`SELECT 1 FROM jobs WHERE status = 'queued' LIMIT 1`) !== undefined
}

/** Newest first. */
export function jobs(
  db: Connection,
  request: PageRequest & { readonly connectorId: string; readonly status?: JobStatus; readonly kind?: JobKind },
): Page<Job> {
  const where = [`j.connector_no = (SELECT no FROM connectors WHERE id = ?)`]
  const params: Param[] = [request.connectorId]
  if (request.status !== undefined) {
    where.push('j.status = ?')
    params.push(request.status)
  }
  if (request.kind !== undefined) {
    where.push('j.kind = ?')
    params.push(request.kind)
  }
  const total =
    db.get<{ n: number }>(`SELECT count(*) AS n FROM jobs j WHERE ${where.join(' AND ')}`, ...params)?.n ?? 0
  const { sql, values } = keyset(request, 'j.no', 'DESC')
  const rows = db.all<JobRow>(`${from} WHERE ${where.join(' AND ')} ${sql}`, ...params, ...values)
  return page(rows, request, total, toJob)
}

/** See `Store.jobEvents`. */
export function jobEvents(db: Connection, jobId: string, after: number, limit: number): readonly JobEvent[] {
  const row = db.get<JobRow>(`${from} WHERE j.id = ?`, jobId)
  if (row === undefined || limit <= 0) return []
  const failures = db.all<{
    seq: number
    at: number
    path: string
    stage: string
    code: string
    message: string
    retryable: number
  }>(
    'SELECT seq, at, path, stage, code, message, retryable FROM job_failures WHERE job_no = ? AND seq > ? ORDER BY seq LIMIT ?',
    row.no,
    after,
    limit,
  )
  const events: JobEvent[] = failures.map(({ seq, at, retryable, ...failure }) => ({
    seq,
    at,
    type: 'failure',
    data: { ...failure, retryable: isRetryable(retryable, failure.code) },
  }))
  // The rest comes after every failure: with more of these to come, it has to wait.
  if (events.length === limit) return events
  const job = toJob(row)
  const ended = row.completed_at !== null
  const progressSeq = ended ? row.revision - 1 : row.revision
  const data = { status: job.status, progress: { ...job.progress } } satisfies Json
  if (progressSeq > after) events.push({ seq: progressSeq, at: row.updated_at, type: 'progress', data })
  if (ended && row.revision > after && events.length < limit)
    events.push({
      seq: row.revision,
      at: row.updated_at,
      type: 'end',
      data: {
        ...data,
        ...(job.error === undefined ? {} : { error: { ...job.error } }),
        ...(job.pendingDeletions === undefined ? {} : { pendingDeletions: job.pendingDeletions }),
      },
    })
  return events
}

/** What crashed the parser twice waits for another version, not for another try. */
function isRetryable(recorded: number, code: string): boolean {
  return recorded === 1 && code !== 'quarantined'
}

/** See `Store.failures`: the documents as they are now, with the error that this job met. */
export function failures(db: Connection, jobId: string, request: PageRequest): Page<FailedDocument> {
  const jobNo = db.get<{ no: number }>('SELECT no FROM jobs WHERE id = ?', jobId)?.no ?? -1
  const total = db.get<{ n: number }>('SELECT count(*) AS n FROM job_failures WHERE job_no = ?', jobNo)?.n ?? 0
  const { sql, values } = keyset(request, 'f.seq')
  const rows = db.all<
    DocumentColumns & { seq: number; stage: string; code: string; message: string; retryable: number }
  >(
    `SELECT ${documentColumns}, f.seq AS seq, f.stage AS stage, f.code AS code, f.message AS message, f.retryable AS retryable
     FROM job_failures f JOIN documents d ON d.no = f.document_no
       JOIN connectors c ON c.no = d.connector_no JOIN collections l ON l.no = c.collection_no
       LEFT JOIN documents p ON p.no = d.parent_no LEFT JOIN acls a ON a.no = d.acl_no
     WHERE f.job_no = ? ${sql}`,
    jobNo,
    ...values,
  )
  return page(
    rows.map((row) => ({ ...row, no: row.seq })),
    request,
    total,
    (row) => ({
      ...toDocument({ ...row, error_stage: row.stage, error_code: row.code, error_message: row.message }),
      retryable: isRetryable(row.retryable, row.code),
    }),
  )
}
