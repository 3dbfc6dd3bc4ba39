import type { Embedding, Store } from '../store.ts'
import type { Connection } from './connection.ts'

/** What makes vectors comparable. The same model behind another address is the same. */
function space({ model, dimensions }: Embedding): string {
  return JSON.stringify([model, dimensions])
}

/** The table that holds a collection's vectors, by the keys of their chunks. */
export function vectorTable(collectionNo: number): string {
  return `vectors_${collectionNo}`
}

export function dropVectorTable(db: Connection, collectionNo: number): void {
  db.raw.exec(`DROP TABLE IF EXISTS ${vectorTable(collectionNo)}`)
}

/**
 * Brings vectors in line with the collections' `embedding`: where the model is another one, they are dropped and every
 * chunk is queued; where it is the same, what was refused is tried again if `changed` names the collection.
 */
export function alignVectors(db: Connection, changed?: string): void {
  db.transaction(() => {
    for (const row of db.all<{ no: number; id: string; embedding: string | null; space: string | null }>(
      'SELECT no, id, embedding, vector_space AS space FROM collections',
    )) {
      const wanted = row.embedding === null ? null : space(JSON.parse(row.embedding) as Embedding)
      if (wanted !== row.space) reset(db, row.no, wanted)
      else if (row.id === changed && wanted !== null)
        db.run(
          `UPDATE embedding_queue SET refused = NULL WHERE refused IS NOT NULL
             AND connector_no IN (SELECT no FROM connectors WHERE collection_no = ?)`,
          row.no,
        )
    }
  })
}

function reset(db: Connection, collectionNo: number, wanted: string | null): void {
  dropVectorTable(db, collectionNo)
  db.run(
    'DELETE FROM embedding_queue WHERE connector_no IN (SELECT no FROM connectors WHERE collection_no = ?)',
    collectionNo,
  )
  db.run('UPDATE collections SET vector_space = ? WHERE no = ?', wanted, collectionNo)
  if (wanted === null) return
  db.raw.exec(`CREATE TABLE ${vectorTable(collectionNo)} (no INTEGER PRIMARY KEY, vector BLOB NOT NULL) STRICT`)
  db.run(
    `INSERT INTO embedding_queue (connector_no, chunk_no) SELECT d.connector_no, k.no
     FROM connectors c CROSS JOIN documents d ON d.connector_no = c.no AND d.status <> 'deleted'
       CROSS JOIN chunks k ON k.no >= d.no << 20 AND k.no < (d.no + 1) << 20
     WHERE c.collection_no = ?`,
    collectionNo,
  )
}

/** Forgets the vectors of a document's chunks in `[first, beyond)`. */
export function dropVectors(db: Connection, documentNo: number, first: number, beyond: number): void {
  const row = db.get<{ no: number }>(
    `SELECT l.no FROM documents d JOIN connectors c ON c.no = d.connector_no JOIN collections l ON l.no = c.collection_no
     WHERE d.no = ? AND l.vector_space IS NOT NULL`,
    documentNo,
  )
  if (row !== undefined) db.run(`DELETE FROM ${vectorTable(row.no)} WHERE no >= ? AND no < ?`, first, beyond)
}

export function vectorWrites(db: Connection): Pick<Store, 'saveVectors' | 'refuseVectors'> {
  return {
    saveVectors: async (collectionId, embedding, vectors) =>
      db.transaction(() => {
        const row = db.get<{ no: number; space: string | null }>(
          'SELECT no, vector_space AS space FROM collections WHERE id = ?',
          collectionId,
        )
        if (row === undefined || row.space !== space(embedding)) return 0
        const saved = new Map<number, number>()
        for (const { ticket, vector } of vectors) {
          const task = db.get<{ chunk: number; connector: number }>(
            'DELETE FROM embedding_queue WHERE no = ? RETURNING chunk_no AS chunk, connector_no AS connector',
            ticket,
          )
          if (task === undefined) continue
          const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
          db.run(`INSERT OR REPLACE INTO ${vectorTable(row.no)} (no, vector) VALUES (?, ?)`, task.chunk, bytes)
          saved.set(task.connector, (saved.get(task.connector) ?? 0) + 1)
        }
        for (const [connector, count] of saved) countEmbedded(db, connector, count)
        return [...saved.values()].reduce((sum, count) => sum + count, 0)
      }),
    async refuseVectors(tickets, reason) {
      db.run(
        'UPDATE embedding_queue SET refused = ? WHERE no IN (SELECT value FROM json_each(?))',
        reason,
        JSON.stringify(tickets),
      )
    },
  }
}

/** Counts for the connector's last sync; followers of one that still runs are told. */
function countEmbedded(db: Connection, connectorNo: number, count: number): void {
  db.run(
    `UPDATE jobs SET embedded = embedded + ?, revision = revision + (status = 'running') WHERE no =
       (SELECT max(no) FROM jobs WHERE connector_no = ? AND kind IN ('sync', 'retry') AND status <> 'queued')`,
    count,
    connectorNo,
  )
}
