import type { Connection } from './connection.ts'
import { buryDocument, removeDocument } from './documents-write.ts'

/** See `Store.deleteDocument`. A member of a container is only taken out of the index until its container changes. */
export function deleteDocument(db: Connection, id: string): boolean {
  return db.transaction(() => {
    const row = db.get<{ no: number; chunks: number }>(
      `SELECT no, chunks FROM documents WHERE id = ? AND status <> 'deleted'`,
      id,
    )
    if (row === undefined) return false
    buryDocument(db, row, 'person')
    return true
  })
}

/** See `Store.purgeTombstones`; at most a thousand a call. */
export function purgeTombstones(db: Connection, olderThanMs: number): number {
  return db.transaction(() => {
    const old = db.all<{ no: number }>(
      `SELECT no FROM documents WHERE status = 'deleted' AND deleted_at < ? LIMIT 1000`,
      Date.now() - olderThanMs,
    )
    for (const { no } of old) removeDocument(db, no)
    return old.length
  })
}

export function unpurged(db: Connection): readonly string[] {
  return db.all<{ id: string }>('SELECT id FROM connectors WHERE deleted_at IS NOT NULL').map((row) => row.id)
}

/** See `Store.purgeConnector`. Each table gives up at most `limit` rows a call, so that others get their turn. */
export function purgeConnector(db: Connection, id: string, limit: number): boolean {
  return db.transaction(() => {
    const connector = db.get<{ no: number }>('SELECT no FROM connectors WHERE id = ? AND deleted_at IS NOT NULL', id)
    if (connector === undefined) return true
    const { no } = connector
    const documents = db.all<{ no: number }>('SELECT no FROM documents WHERE connector_no = ? LIMIT ?', no, limit)
    for (const document of documents) removeDocument(db, document.no)
    if (documents.length === limit) return false
    // Access lists went with their documents, and members go with their groups.
    const groups = db.run(
      'DELETE FROM source_groups WHERE group_no IN (SELECT group_no FROM source_groups WHERE connector_no = ? LIMIT ?)',
      no,
      limit,
    )
    if (groups === limit) return false
    const staged = db.run(
      'DELETE FROM staged_groups WHERE no IN (SELECT no FROM staged_groups WHERE connector_no = ? LIMIT ?)',
      no,
      limit,
    )
    if (staged === limit) return false
    db.run('DELETE FROM principals WHERE connector_no = ?', no)
    db.run('DELETE FROM seen WHERE connector_no = ?', no)
    db.run('DELETE FROM document_counts WHERE connector_no = ?', no)
    db.run('DELETE FROM webhook_changes WHERE connector_no = ?', no)
    db.run('DELETE FROM connectors WHERE no = ?', no)
    return true
  })
}
