import type { DiffBatch, RunKey, Verdict } from '@cx/core/engine'
import { newId } from '../id.ts'
import type { Connection } from './connection.ts'
import { addFailure, addProgress, newTally, type RunningJob, runningJob } from './run.ts'
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

/** A stored document beside its mark, as an array: half the time of an object. All null where nothing is stored. */
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

// One statement for all: a tenth of the time of one each, as SQLite plans anew whenever a parameter changes.
const lookup = `SELECT d.no, d.version, d.fingerprint, d.status, d.pipeline, d.deleted_by, d.error_code, d.path,
    s.generation, s.job_no, s.settled
  FROM json_each(:ids) j LEFT JOIN documents d INDEXED BY documents_source
    ON d.connector_no = :connector AND d.source_id = j.value AND d.parent_no IS NULL
  LEFT JOIN seen s ON s.connector_no = d.connector_no AND s.document_no = d.no ORDER BY j.key`

const marked =
  'ON CONFLICT DO UPDATE SET generation = excluded.generation, job_no = excluded.job_no, settled = excluded.settled'
export const markSeen: string = `INSERT INTO seen VALUES (?, ?, ?, ?, ?) ${marked}`
const markAll = `INSERT INTO seen SELECT ?, value, ?, ?, ? FROM json_each(?) WHERE true ${marked}`

/** A source's id as it is stored: what SQLite's JSON and its parameters would take for different text is replaced. */
export function sourceKey(id: string): string {
  return id.toWellFormed().replaceAll('\0', '\ufffd')
}

/** See `SyncStore.diff`. */
export function diff(db: Connection, run: RunKey, batch: DiffBatch): Uint8Array {
  return db.transaction(() => {
    const job = runningJob(db, run)
    // An entry of a change feed is there now: it must outlive the sweep of a listing begun or held back before.
    const generation = batch.generation ?? currentGeneration(db, job.connectorNo)
    const work = new Diff(db, job, batch, generation)
    // What comes twice in a batch must meet what its first coming left.
    let from = 0
    let ids = new Set<string>()
    for (const [i, id] of batch.ids.entries()) {
      if (ids.has(id)) {
        work.take(from, ids)
        from = i
        ids = new Set()
      }
      ids.add(id)
    }
    work.take(from, ids)
    addProgress(db, job.no, work.tally, work.failures)
    return work.verdicts
  })
}

class Diff {
  readonly verdicts: Uint8Array
  readonly tally = newTally()
  failures = 0
  readonly #db: Connection
  readonly #job: RunningJob
  readonly #batch: DiffBatch
  readonly #generation: number
  readonly #named: ReadonlySet<string>

  constructor(db: Connection, job: RunningJob, batch: DiffBatch, generation: number) {
    this.#db = db
    this.#job = job
    this.#batch = batch
    this.#generation = generation
    this.#named = new Set(batch.bypass ? [] : job.params.paths)
    this.verdicts = new Uint8Array(batch.ids.length)
  }

  /** Judges the entries from `from` on that have these ids, each once. */
  take(from: number, ids: ReadonlySet<string>): void {
    const keys = [...ids].map(sourceKey)
    const { connectorNo } = this.#job
    const rows = this.#db.raw
      .prepare<{ ids: string; connector: number }, Stored | readonly null[]>(lookup)
      .raw()
      .all({ ids: JSON.stringify(keys), connector: connectorNo })
    const marks: number[][] = [[], [], []]
    for (const [i, row] of rows.entries()) {
      const stored = row[0] == null ? undefined : (row as Stored)
      this.#judge(from + i, keys[i] ?? '', stored, (settled, no) => marks[settled]?.push(no))
    }
    for (const [settled, nos] of marks.entries())
      if (nos.length > 0)
        this.#db.run(markAll, connectorNo, this.#generation, this.#job.no, settled, JSON.stringify(nos))
  }

  #judge(
    i: number,
    key: string,
    stored: Stored | undefined,
    see: (settled: 0 | 1 | 2, documentNo: number) => void,
  ): void {
    const { paths, versions, fingerprints } = this.#batch
    const entry = { path: paths[i] ?? '', version: versions[i] ?? '', fingerprint: fingerprints[i] ?? 0 }
    if (stored === undefined) {
      see(mark.open, insertPending(this.#db, this.#job.connectorNo, key, entry))
      this.tally.listed++
      this.verdicts[i] = verdict.read
      return
    }
    const [no, version, fingerprint, status, , deletedBy, , path, seenIn, seenBy, settled] = stored
    const same = version === entry.version && fingerprint === entry.fingerprint
    const mine = seenBy === this.#job.no && settled !== mark.swept
    const done = mine && settled !== mark.open
    const gone = done && settled === mark.gone
    if (gone && same) {
      this.verdicts[i] = verdict.settled
      return
    }
    const by = this.#named.has(entry.path) ? (this.#job.params.origin ?? 'person') : undefined
    let found = judge(stored, entry, this.#batch, by)
    // Only what the job has not seen in this very form needs another look, and even that is counted once.
    // What was removed after it had dealt with it and is here again does need one.
    const removed = status === 'deleted' && deletedBy !== 'person'
    if (done && !removed && (same || found !== verdict.read))
      found = found === verdict.metadata ? found : verdict.settled
    this.verdicts[i] = found
    if (!mine) this.tally.listed++
    const final = done || (found !== verdict.read && found !== verdict.metadata)
    if (final && !done) this.#count(found, no, entry.path)
    const next = !final ? mark.open : gone ? mark.gone : mark.settled
    if (seenIn !== this.#generation || !mine || settled !== next) see(next, no)
    if (status === 'pending' && (!same || path !== entry.path))
      this.#db.run(
        'UPDATE documents SET path = ?, search_title = ?, version = ?, fingerprint = ? WHERE no = ?',
        entry.path,
        searchTitle(null, entry.path),
        entry.version,
        entry.fingerprint,
        no,
      )
  }

  #count(found: Verdict, documentNo: number, path: string): void {
    if (found === verdict.unchanged) this.tally.unchanged++
    else if (found === verdict.tombstone || found === verdict.skipped) this.tally.skipped++
    else if (found === verdict.quarantined) {
      this.tally.failed++
      this.failures++
      recordQuarantine(this.#db, this.#job, documentNo, path)
    }
  }
}

function judge(
  stored: Stored,
  entry: { readonly version: string; readonly fingerprint: number },
  batch: DiffBatch,
  namedBy: 'person' | 'source' | undefined,
): Verdict {
  const [, version, fingerprint, status, pipeline, deletedBy, errorCode] = stored
  // Only a person takes back what a person did.
  if (status === 'deleted')
    return deletedBy === 'person' && !batch.bypass && namedBy !== 'person' ? verdict.tombstone : verdict.read
  if (batch.bypass) return verdict.read
  const sameVersion = version === entry.version
  if (status === 'failed') return errorCode === 'quarantined' && sameVersion ? verdict.quarantined : verdict.read
  // The source's word that it changed counts for more than a version that does not tell.
  if (!sameVersion || namedBy === 'source') return verdict.read
  const sameFingerprint = fingerprint === entry.fingerprint
  if (status === 'skipped') return sameFingerprint && pipeline === batch.skipPipeline ? verdict.skipped : verdict.read
  if (status !== 'indexed' || pipeline !== batch.pipeline) return verdict.read
  return sameFingerprint ? verdict.unchanged : verdict.metadata
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
    sourceKey(sourceId),
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
