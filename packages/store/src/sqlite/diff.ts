import type { DiffBatch, RunKey, Verdict } from '@cx/core/engine'
import { newId } from '../id.ts'
import type { Connection } from './connection.ts'
import { addFailure, addProgress, newTally, type RunningJob, runningJob, type Tally } from './run.ts'
import { searchTitle } from './shadow.ts'

/** The engine's numbers, written out so that workers need not load the engine. */
const verdict: typeof Verdict = {
  unchanged: 0,
  read: 1,
  metadata: 2,
  settled: 3,
  tombstone: 4,
  skipped: 5,
  quarantined: 6,
}

/** `seen.settled`. What a sweep marks has not been listed by its job; the mark says who deleted it. */
export const mark = { open: 0, settled: 1, gone: 2, swept: 3 } as const

/** A stored document beside its mark, as an array: half the time of an object. */
type Stored = readonly [
  no: number,
  version: string,
  fingerprint: number,
  status: string,
  pipeline: string | null,
  deletedBy: string | null,
  errorCode: string | null,
  path: string,
  generation: number | null,
  jobNo: number | null,
  settled: number | null,
]

const select = `SELECT d.no, d.version, d.fingerprint, d.status, d.pipeline, d.deleted_by, d.error_code, d.path,
    s.generation, s.job_no, s.settled
  FROM documents d LEFT JOIN seen s ON s.connector_no = d.connector_no AND s.document_no = d.no
  WHERE d.connector_no = ? AND d.source_id = ? AND d.parent_no IS NULL`

export const markSeen = `INSERT INTO seen VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET generation = excluded.generation, job_no = excluded.job_no, settled = excluded.settled`

/** See `SyncStore.diff`. */
export function diff(db: Connection, run: RunKey, batch: DiffBatch): Uint8Array {
  return db.transaction(() => {
    const job = runningJob(db, run)
    // An entry of a change feed is there now: it must outlive the sweep of a listing begun or held back before.
    const generation = batch.generation ?? currentGeneration(db, job.connectorNo)
    const named = new Set(batch.bypass ? [] : job.params.paths)
    const lookup = db.prepare<Stored>(select).raw()
    const see = db.prepare(markSeen)
    const verdicts = new Uint8Array(batch.ids.length)
    const tally = newTally()
    let failures = 0
    for (const [i, id] of batch.ids.entries()) {
      const entry = {
        path: batch.paths[i] ?? '',
        version: batch.versions[i] ?? '',
        fingerprint: batch.fingerprints[i] ?? 0,
      }
      const stored = lookup.get(job.connectorNo, id)
      if (stored === undefined) {
        const no = insertPending(db, job.connectorNo, id, entry)
        see.run(job.connectorNo, no, generation, job.no, mark.open)
        tally.listed++
        verdicts[i] = verdict.read
        continue
      }
      const [no, version, fingerprint, status, , , , path, seenIn, seenBy, settled] = stored
      const same = version === entry.version && fingerprint === entry.fingerprint
      const mine = seenBy === job.no && settled !== mark.swept
      const done = mine && settled !== mark.open
      if (done && settled === mark.gone && same) {
        verdicts[i] = verdict.settled
        continue
      }
      let found = judge(stored, entry, batch, named.has(entry.path))
      // Only what the job has not seen in this very form needs another look, and even that is counted once.
      if (done && (same || found !== verdict.read)) found = found === verdict.metadata ? found : verdict.settled
      verdicts[i] = found
      if (!mine) tally.listed++
      const final = done || (found !== verdict.read && found !== verdict.metadata)
      if (final && !done) {
        count(tally, found)
        if (found === verdict.quarantined) {
          recordQuarantine(db, job, no, entry.path)
          failures++
        }
      }
      const next = final ? (settled === mark.gone && done ? mark.gone : mark.settled) : mark.open
      if (seenIn !== generation || !mine || settled !== next) see.run(job.connectorNo, no, generation, job.no, next)
      if (status === 'pending' && (!same || path !== entry.path))
        db.run(
          'UPDATE documents SET path = ?, search_title = ?, version = ?, fingerprint = ? WHERE no = ?',
          entry.path,
          searchTitle(null, entry.path),
          entry.version,
          entry.fingerprint,
          no,
        )
    }
    addProgress(db, job.no, tally, failures)
    return verdicts
  })
}

function judge(
  stored: Stored,
  entry: { readonly version: string; readonly fingerprint: number },
  batch: DiffBatch,
  named: boolean,
): Verdict {
  const [, version, fingerprint, status, pipeline, deletedBy, errorCode] = stored
  if (status === 'deleted') return deletedBy === 'person' && !batch.bypass && !named ? verdict.tombstone : verdict.read
  if (batch.bypass) return verdict.read
  const sameVersion = version === entry.version
  if (status === 'failed') return errorCode === 'quarantined' && sameVersion ? verdict.quarantined : verdict.read
  if (!sameVersion) return verdict.read
  const sameFingerprint = fingerprint === entry.fingerprint
  if (status === 'skipped') return sameFingerprint && pipeline === batch.skipPipeline ? verdict.skipped : verdict.read
  if (status !== 'indexed' || pipeline !== batch.pipeline) return verdict.read
  return sameFingerprint ? verdict.unchanged : verdict.metadata
}

function count(tally: Tally, found: Verdict): void {
  if (found === verdict.unchanged) tally.unchanged++
  else if (found === verdict.tombstone || found === verdict.skipped) tally.skipped++
  else if (found === verdict.quarantined) tally.failed++
}

function recordQuarantine(db: Connection, job: RunningJob, documentNo: number, path: string): void {
  const row = db.get<{ stage: string | null; message: string | null }>(
    'SELECT error_stage AS stage, error_message AS message FROM documents WHERE no = ?',
    documentNo,
  )
  addFailure(
    db,
    job.no,
    documentNo,
    {
      path,
      stage: row?.stage ?? 'parse',
      code: 'quarantined',
      message: row?.message ?? 'It crashed the parser twice.',
    },
    false,
  )
}

/** Adds a row for an entry that is new; what it holds comes with its outcome. */
export function insertPending(
  db: Connection,
  connectorNo: number,
  sourceId: string,
  entry: { readonly path: string; readonly version: string; readonly fingerprint: number },
  parentNo: number | null = null,
): number {
  const now = Date.now()
  return db.insert(
    `INSERT INTO documents (connector_no, source_id, parent_no, status, version, fingerprint, id, path, search_title, created_at, updated_at, entry)
     VALUES (?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, '{}')`,
    connectorNo,
    sourceId,
    parentNo,
    entry.version,
    entry.fingerprint,
    newId('doc'),
    entry.path,
    searchTitle(null, entry.path),
    now,
    now,
  )
}

export function currentGeneration(db: Connection, connectorNo: number): number {
  return (
    db.get<{ generation: number }>('SELECT generation FROM sync_states WHERE connector_no = ?', connectorNo)
      ?.generation ?? 0
  )
}
