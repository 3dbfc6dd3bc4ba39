import type { RunKey, SweepScope } from '@cx/core/engine'
import type { Connection } from './connection.ts'
import { mark } from './diff.ts'
import { buryDocument } from './documents-write.ts'
import { addProgress, newTally, runningJob } from './run.ts'
import { coversEverything, pathScope } from './scope.ts'

interface Candidate {
  readonly no: number
  readonly chunks: number
}

/** Live documents of the source itself that the generation did not see and that lie where all was readable. */
const unseen = `d.connector_no = :connector AND d.status <> 'deleted' AND d.parent_no IS NULL
  AND NOT EXISTS (SELECT 1 FROM seen s WHERE s.connector_no = :connector AND s.document_no = d.no AND s.generation = :generation)
  AND NOT cx_unreadable(d.path)`

/** The tables a sweep reads, by how much of the source it covers. */
const whole = 'documents d INDEXED BY documents_live'
const within = `(
    SELECT no FROM documents WHERE connector_no = :connector AND parent_no IS NULL
      AND path IN (SELECT value FROM json_each(:exact))
    UNION ALL
    SELECT d.no FROM json_each(:subtrees) t CROSS JOIN documents d INDEXED BY documents_path
      ON d.connector_no = :connector AND d.parent_no IS NULL AND d.path >= t.value ->> 'from' AND d.path < t.value ->> 'to'
  ) p JOIN documents d ON d.no = p.no`

function query<T>(
  db: Connection,
  connectorNo: number,
  scope: SweepScope,
  columns: string,
  page?: { readonly after: number; readonly limit: number },
): T[] {
  const paths = pathScope(scope.paths)
  const sql = `SELECT ${columns} FROM ${paths === undefined ? whole : within} WHERE ${unseen}
    ${page === undefined ? '' : 'AND d.no > :after ORDER BY d.no LIMIT :limit'}`
  const params = {
    connector: connectorNo,
    generation: scope.generation,
    ...(page ?? {}),
    ...(paths === undefined ? {} : { exact: JSON.stringify(paths.exact), subtrees: JSON.stringify(paths.subtrees) }),
  }
  return db.withUnreadable(scope.unreadable, () => db.raw.prepare<typeof params, T>(sql).all(params))
}

export function liveDocuments(db: Connection, connectorNo: number): number {
  return (
    db.get<{ n: number }>(
      `SELECT ifnull(sum(documents), 0) AS n FROM document_counts
       WHERE connector_no = ? AND child = 0 AND status <> 'deleted'`,
      connectorNo,
    )?.n ?? 0
  )
}

/** See `SyncStore.sweepPlan`. */
export function sweepPlan(
  db: Connection,
  run: RunKey,
  scope: SweepScope,
): { readonly candidates: number; readonly total: number } {
  const { connectorNo } = runningJob(db, run)
  const total = liveDocuments(db, connectorNo)
  if (coversEverything(scope)) return { candidates: 0, total }
  const [counted] = query<{ n: number }>(db, connectorNo, scope, 'count(*) AS n')
  return { candidates: counted?.n ?? 0, total }
}

/**
 * Where the sweep of a connector stands, so that each page goes on after the one before instead of passing over all
 * that was seen once more. Forgotten at the end, at any other write of marks and with the process: it then starts over.
 */
export class SweepPositions {
  readonly #at = new Map<string, { readonly key: string; readonly after: number }>()

  after(connectorId: string, key: string): number {
    const position = this.#at.get(connectorId)
    return position?.key === key ? position.after : 0
  }

  keep(connectorId: string, key: string, after: number): void {
    this.#at.set(connectorId, { key, after })
  }

  forget(connectorId: string): void {
    this.#at.delete(connectorId)
  }
}

/** See `SyncStore.sweep`. */
export function sweep(
  db: Connection,
  positions: SweepPositions,
  run: RunKey,
  scope: SweepScope,
  limit: number,
): number {
  return db.transaction(() => {
    const job = runningJob(db, run)
    if (coversEverything(scope)) return 0
    const key = `${run.jobId} ${run.attempt} ${scope.generation} ${scope.paths?.length ?? '*'} ${scope.unreadable.length}`
    const after = positions.after(run.connectorId, key)
    const found = query<Candidate>(db, job.connectorNo, scope, 'd.no, d.chunks', { after, limit })
    for (const document of found) buryDocument(db, document, 'sweep')
    // The job knows of them: a path that was asked for and is swept is not missing.
    for (const { no } of found)
      db.run(
        `INSERT INTO seen VALUES (?, ?, 0, ?, ?) ON CONFLICT DO UPDATE SET generation = 0, job_no = excluded.job_no,
           settled = CASE WHEN job_no = excluded.job_no THEN settled ELSE excluded.settled END`,
        job.connectorNo,
        no,
        job.no,
        mark.swept,
      )
    addProgress(db, job.no, { ...newTally(), deleted: found.length })
    const last = found.at(-1)
    if (found.length < limit || last === undefined) positions.forget(run.connectorId)
    else positions.keep(run.connectorId, key, last.no)
    return found.length
  })
}
