import type { CommitBatch, Outcome, RunKey } from '@cx/core/engine'
import type { Connection } from './connection.ts'
import { currentGeneration, mark, markSeen } from './diff.ts'
import {
  buryDocument,
  type DocumentRow,
  documentBySource,
  documentFor,
  writeFailed,
  writeIndexed,
  writeMetadata,
  writeSkipped,
} from './documents-write.ts'
import { storeError } from './errors.ts'
import { addFailure, addProgress, newTally, type RunningJob, runningJob, type Tally } from './run.ts'

interface Commit {
  readonly db: Connection
  readonly job: RunningJob
  readonly batch: CommitBatch
  readonly generation: number
  readonly tally: Tally
}

/** See `SyncStore.commit`. */
export function commit(db: Connection, run: RunKey, batch: CommitBatch): void {
  try {
    write(db, run, batch)
  } catch (error) {
    throw isOfContent(error) ? storeError('refused', (error as Error).message) : error
  }
}

/** What is wrong with a value, and not with the database: https://www.sqlite.org/rescode.html */
function isOfContent(error: unknown): boolean {
  const { name, code } = error as { readonly name?: unknown; readonly code?: unknown }
  return name === 'TypeError' || name === 'RangeError' || /^SQLITE_(?:CONSTRAINT|MISMATCH|TOOBIG)/.test(String(code))
}

function write(db: Connection, run: RunKey, batch: CommitBatch): void {
  db.transaction(() => {
    const job = runningJob(db, run)
    const generation = batch.generation ?? currentGeneration(db, job.connectorNo)
    const work: Commit = { db, job, batch, generation, tally: newTally() }
    let failures = 0
    for (const outcome of batch.outcomes) if (settle(work, outcome)) failures++
    saveCheckpoint(work)
    addProgress(db, job.no, work.tally, failures)
  })
}

/** Writes one outcome and counts it, unless this job has counted the entry before. Says whether it recorded a failure. */
function settle(work: Commit, outcome: Outcome): boolean {
  const { db, job, batch, tally } = work
  const { connectorNo } = job
  if (outcome.kind === 'removed') {
    const row = documentBySource(db, connectorNo, outcome.id)
    if (row !== undefined && row.status !== 'deleted') {
      buryDocument(db, row, 'sweep')
      tally.deleted++
    }
    return false
  }
  if (outcome.kind === 'gone') {
    const row = documentBySource(db, connectorNo, outcome.id)
    if (row !== undefined) gone(work, row)
    return false
  }
  const row = documentFor(db, connectorNo, outcome.entry, outcome.fingerprint)
  const first = settleMark(work, row.no, mark.settled)
  const { entry, fingerprint } = outcome
  if (row.deletedBy === 'person' && !bringsBack(job, entry.path)) {
    if (first) tally.skipped++
    return false
  }
  if (outcome.kind === 'metadata') {
    writeMetadata(db, connectorNo, row, entry, fingerprint)
    if (first) tally.indexed++
    return false
  }
  if (first && (outcome.kind === 'indexed' || outcome.collected)) {
    tally.collected++
    tally.bytes += outcome.bytes
  }
  if (outcome.kind === 'indexed') {
    writeIndexed(db, connectorNo, row, { ...outcome, pipeline: batch.pipeline })
    if (first) {
      tally.parsed++
      tally.indexed++
    }
    return false
  }
  const failure = { code: outcome.code, message: outcome.message }
  if (outcome.kind === 'skipped') {
    writeSkipped(db, connectorNo, row, entry, fingerprint, {
      ...failure,
      stage: outcome.collected ? 'parse' : 'read',
      pipeline: batch.skipPipeline,
    })
    if (first) tally.skipped++
    return false
  }
  const code = writeFailed(db, connectorNo, row, entry, fingerprint, {
    ...failure,
    stage: outcome.stage,
    pipeline: batch.pipeline,
    nextAttemptAt: outcome.nextAttemptAt ?? null,
  })
  if (!first) return false
  tally.failed++
  addFailure(db, job.no, row.no, { ...failure, code, path: entry.path, stage: outcome.stage }, outcome.retryable)
  return true
}

/** Whether the job asks for what a person has deleted; else that may have happened while it was read. */
function bringsBack({ params }: RunningJob, path: string): boolean {
  const { mode, origin, paths } = params
  return mode === 'full' || mode === 'incremental' || (origin !== 'source' && paths?.includes(path) === true)
}

/** In a listing the sweep decides, as the mark is withdrawn; else it is deleted here. */
function gone(work: Commit, row: DocumentRow): void {
  const { db, batch, tally } = work
  if (settleMark(work, row.no, mark.gone)) tally.skipped++
  if (batch.generation === null && row.status !== 'deleted') {
    buryDocument(db, row, 'sweep')
    tally.deleted++
  }
}

/** Whether this is the first time that the job is done with the document. */
function settleMark({ db, job, generation, tally }: Commit, documentNo: number, settled: 1 | 2): boolean {
  const seen = db.get<{ jobNo: number; settled: number }>(
    'SELECT job_no AS jobNo, settled FROM seen WHERE connector_no = ? AND document_no = ?',
    job.connectorNo,
    documentNo,
  )
  const mine = seen?.jobNo === job.no && seen.settled !== mark.swept
  if (!mine) tally.listed++
  db.run(markSeen, job.connectorNo, documentNo, settled === mark.gone ? 0 : generation, job.no, settled)
  return !mine || seen.settled === mark.open
}

function saveCheckpoint({ db, job, batch }: Commit): void {
  if (batch.checkpoint?.kind === 'resume')
    db.run(
      'UPDATE sync_states SET resume = ? WHERE connector_no = ? AND unfinished IS ?',
      JSON.stringify(batch.checkpoint.value),
      job.connectorNo,
      batch.generation,
    )
  else if (batch.checkpoint !== undefined)
    db.run(
      'UPDATE sync_states SET cursor = ? WHERE connector_no = ?',
      JSON.stringify(batch.checkpoint.value),
      job.connectorNo,
    )
  if (batch.unreadable === undefined) return
  const parts = batch.unreadable.length === 0 ? null : JSON.stringify(batch.unreadable)
  db.run('UPDATE sync_states SET unreadable = ? WHERE connector_no = ?', parts, job.connectorNo)
  db.run('UPDATE jobs SET unreadable = ?, updated_at = ? WHERE no = ?', parts, Date.now(), job.no)
}
