import type { Entry, Json } from '@cx/core'
import type { ConnectorRecord, RunKey, SyncState, SyncStore, UnreadablePart } from '@cx/core/engine'
import type { Connection } from './connection.ts'
import { storeError } from './errors.ts'
import { addProgress, newTally, runningJob } from './run.ts'
import { liveDocuments } from './sweep.ts'

export function connectorRecord(db: Connection, connectorId: string): ConnectorRecord | undefined {
  const row = db.get<{ type: string; collectionId: string; config: string; tenant: string | null; limits: string }>(
    `SELECT c.type, l.id AS collectionId, c.config, c.tenant, c.limits
     FROM connectors c JOIN collections l ON l.no = c.collection_no WHERE c.id = ? AND c.deleted_at IS NULL`,
    connectorId,
  )
  if (row === undefined) return undefined
  return {
    id: connectorId,
    type: row.type,
    collectionId: row.collectionId,
    config: JSON.parse(row.config) as ConnectorRecord['config'],
    limits: JSON.parse(row.limits) as ConnectorRecord['limits'],
    ...(row.tenant === null ? {} : { tenant: row.tenant }),
  }
}

export function pinTenant(db: Connection, connectorId: string, tenant: string): string {
  db.run('UPDATE connectors SET tenant = ? WHERE id = ? AND tenant IS NULL', tenant, connectorId)
  const row = db.get<{ tenant: string }>('SELECT tenant FROM connectors WHERE id = ?', connectorId)
  if (row === undefined) throw storeError('not_found', `There is no connector ${connectorId}.`)
  return row.tenant
}

interface StateRow {
  readonly cursor: string | null
  readonly unfinished: number | null
  readonly resume: string | null
  readonly unreadable: string | null
  readonly listedAt: number | null
}

export function syncState(db: Connection, run: RunKey): SyncState {
  const { connectorNo } = runningJob(db, run)
  const row = db.get<StateRow>(
    'SELECT cursor, unfinished, resume, unreadable, listed_at AS listedAt FROM sync_states WHERE connector_no = ?',
    connectorNo,
  )
  return {
    ...(row?.cursor == null ? {} : { cursor: JSON.parse(row.cursor) as Json }),
    ...(row?.unfinished == null
      ? {}
      : {
          unfinished: {
            generation: row.unfinished,
            unreadable: row.unreadable === null ? [] : (JSON.parse(row.unreadable) as UnreadablePart[]),
            ...(row.resume === null ? {} : { resume: JSON.parse(row.resume) as Json }),
          },
        }),
    ...(row?.listedAt == null ? {} : { listedAt: row.listedAt }),
    documents: liveDocuments(db, connectorNo),
  }
}

export function beginListing(db: Connection, run: RunKey): number {
  return db.transaction(() => {
    const job = runningJob(db, run)
    const row = db.get<{ generation: number; listedAt: number | null }>(
      `INSERT INTO sync_states (connector_no, generation, unfinished) VALUES (?, 1, 1)
       ON CONFLICT DO UPDATE SET generation = generation + 1, unfinished = generation + 1, resume = NULL,
         unreadable = NULL, held = NULL, held_job_no = NULL
       RETURNING generation, listed_at AS listedAt`,
      job.connectorNo,
    ) as { generation: number; listedAt: number | null }
    const whole = job.params.mode === 'full' || (job.params.paths?.length ?? 0) === 0
    const expected = whole && row.listedAt !== null ? liveDocuments(db, job.connectorNo) : 0
    db.run('UPDATE jobs SET unreadable = NULL, expected = ? WHERE no = ?', expected === 0 ? null : expected, job.no)
    return row.generation
  })
}

export function endListing(
  db: Connection,
  run: RunKey,
  end: { readonly generation: number; readonly whole: boolean; readonly cursor?: Json; readonly held?: boolean },
): void {
  db.transaction(() => {
    const job = runningJob(db, run)
    db.run(
      `UPDATE sync_states SET unfinished = NULL, resume = NULL, unreadable = NULL, held = ?, held_job_no = ?
       WHERE connector_no = ?`,
      end.held === true ? end.generation : null,
      end.held === true ? job.no : null,
      job.connectorNo,
    )
    if (!end.whole) return
    db.run('UPDATE sync_states SET listed_at = ? WHERE connector_no = ?', Date.now(), job.connectorNo)
    if (end.cursor !== undefined)
      db.run('UPDATE sync_states SET cursor = ? WHERE connector_no = ?', JSON.stringify(end.cursor), job.connectorNo)
  })
}

export function dropCursor(db: Connection, run: RunKey): void {
  db.transaction(() => {
    const { connectorNo } = runningJob(db, run)
    db.run('UPDATE sync_states SET cursor = NULL WHERE connector_no = ?', connectorNo)
  })
}

export function heldGeneration(db: Connection, connectorId: string, jobId: string): number | undefined {
  return db.get<{ held: number }>(
    `SELECT s.held FROM sync_states s JOIN connectors c ON c.no = s.connector_no JOIN jobs j ON j.no = s.held_job_no
     WHERE c.id = ? AND j.id = ? AND s.held IS NOT NULL`,
    connectorId,
    jobId,
  )?.held
}

/** See `SyncStore.countMissing`. The job remembers how many it has counted, so that a repeat adds nothing. */
export function countMissing(db: Connection, run: RunKey, paths: readonly string[]): number {
  return db.transaction(() => {
    const job = runningJob(db, run)
    const exact = [...new Set(paths)].filter((path) => !path.endsWith('/'))
    const known = new Set(
      db
        .all<{ path: string }>(
          `SELECT d.path FROM documents d LEFT JOIN seen s ON s.connector_no = d.connector_no AND s.document_no = d.no
           WHERE d.connector_no = ? AND d.parent_no IS NULL AND d.path IN (SELECT value FROM json_each(?))
             AND (d.status <> 'deleted' OR s.job_no = ?)`,
          job.connectorNo,
          JSON.stringify(exact),
          job.no,
        )
        .map((row) => row.path),
    )
    const missing = exact.filter((path) => !known.has(path)).length
    const before = db.get<{ missing: number }>('SELECT missing FROM jobs WHERE no = ?', job.no)?.missing ?? 0
    const more = Math.max(0, missing - before)
    if (more > 0) {
      db.run('UPDATE jobs SET missing = ? WHERE no = ?', missing, job.no)
      addProgress(db, job.no, { ...newTally(), listed: more, skipped: more })
    }
    return missing
  })
}

interface EntryRow {
  readonly id: string
  readonly fingerprint: number
  readonly path: string
  readonly version: string
  readonly entry: string
  readonly acl: string | null
}

const entryColumns =
  'd.source_id AS id, d.fingerprint, d.path, d.version, d.entry, a.acl FROM documents d LEFT JOIN acls a ON a.no = d.acl_no'

export function toEntry({ id, path, version, entry, acl }: Omit<EntryRow, 'fingerprint'>): Entry {
  return {
    id,
    path,
    version,
    ...(JSON.parse(entry) as Partial<Entry>),
    ...(acl === null ? {} : { acl: JSON.parse(acl) as NonNullable<Entry['acl']> }),
  }
}

function toStale(row: EntryRow): { readonly entry: Entry; readonly fingerprint: number } {
  return { entry: toEntry(row), fingerprint: row.fingerprint }
}

/** See `SyncStore.stale`. */
export function stale(
  db: Connection,
  run: RunKey,
  page: Parameters<SyncStore['stale']>[1],
): Awaited<ReturnType<SyncStore['stale']>> {
  const { connectorNo } = runningJob(db, run)
  if (page.failedIn !== undefined)
    return db
      .all<EntryRow>(
        `SELECT ${entryColumns} WHERE d.connector_no = ? AND d.parent_no IS NULL AND d.source_id > ?
           AND d.status = 'failed' AND d.error_code <> 'quarantined' AND d.no IN (
             SELECT f.document_no FROM job_failures f JOIN jobs j ON j.no = f.job_no WHERE j.id = ?)
         ORDER BY d.source_id LIMIT ?`,
        connectorNo,
        page.after ?? '',
        page.failedIn,
        page.limit,
      )
      .map(toStale)
  // Nearly always there is nothing to find: the counters know it without a look at a million rows.
  const some = db.get(
    `SELECT 1 FROM document_counts WHERE connector_no = ? AND child = 0 AND documents > 0
       AND (status = 'failed' OR (status = 'indexed' AND pipeline <> ?)) LIMIT 1`,
    connectorNo,
    page.pipeline,
  )
  if (some === undefined) return []
  return db
    .all<EntryRow>(
      `SELECT ${entryColumns} WHERE d.connector_no = ? AND d.parent_no IS NULL AND d.source_id > ?
         AND ((d.status = 'failed' AND d.error_code <> 'quarantined')
           OR (d.status = 'indexed' AND d.pipeline <> ?))
       ORDER BY d.source_id LIMIT ?`,
      connectorNo,
      page.after ?? '',
      page.pipeline,
      page.limit,
    )
    .map(toStale)
}

/** See `SyncStore.entries`. */
export function entries(
  db: Connection,
  run: RunKey,
  page: { readonly after?: string; readonly limit: number },
): readonly Entry[] {
  const { connectorNo } = runningJob(db, run)
  return db
    .all<EntryRow>(
      `SELECT ${entryColumns} WHERE d.connector_no = ? AND d.parent_no IS NULL AND d.source_id > ? AND d.status <> 'deleted'
       ORDER BY d.source_id LIMIT ?`,
      connectorNo,
      page.after ?? '',
      page.limit,
    )
    .map(toEntry)
}
