import type { Entry } from '@cx/core'
import type { ChunkRecord, DocumentFilter, DocumentRecord, DocumentStatus, Page, PageRequest } from '../store.ts'
import { chunkRange } from './chunks.ts'
import type { Connection, Param } from './connection.ts'
import { keyset, page } from './page.ts'
import { toEntry } from './state.ts'

export interface DocumentColumns {
  readonly no: number
  readonly id: string
  readonly connectorId: string
  readonly collectionId: string
  readonly parentId: string | null
  readonly parentSource: string | null
  readonly source_id: string
  readonly path: string
  readonly version: string
  readonly entry: string
  readonly acl: string | null
  readonly status: DocumentStatus
  readonly error_stage: string | null
  readonly error_code: string | null
  readonly error_message: string | null
  readonly attempts: number
  readonly next_attempt_at: number | null
  readonly mime_type: string | null
  readonly title: string | null
  readonly language: string | null
  readonly pages: number | null
  readonly bytes: number | null
  readonly chunks: number
  readonly content_hash: string | null
  readonly parsed: string | null
  readonly created_at: number
  readonly updated_at: number
  readonly indexed_at: number | null
  readonly deleted_at: number | null
}

/** For `documents d` with its connector `c`, collection `l`, container `p` and access list `a`. */
export const documentColumns = `d.no, d.id, c.id AS connectorId, l.id AS collectionId, p.id AS parentId,
  p.source_id AS parentSource, d.source_id, d.path, d.version, d.entry, a.acl, d.status, d.error_stage, d.error_code,
  d.error_message, d.attempts, d.next_attempt_at, d.mime_type, d.title, d.language, d.pages, d.bytes, d.chunks,
  d.content_hash, d.parsed, d.created_at, d.updated_at, d.indexed_at, d.deleted_at`

const joins = `JOIN connectors c ON c.no = d.connector_no AND c.deleted_at IS NULL
  JOIN collections l ON l.no = c.collection_no
  LEFT JOIN documents p ON p.no = d.parent_no LEFT JOIN acls a ON a.no = d.acl_no`

export function toDocument(row: DocumentColumns): DocumentRecord {
  const id = row.parentSource === null ? row.source_id : `${row.parentSource}/${row.source_id}`
  const entry: Entry = toEntry({ id, path: row.path, version: row.version, entry: row.entry, acl: row.acl })
  return {
    id: row.id,
    connectorId: row.connectorId,
    collectionId: row.collectionId,
    entry,
    status: row.status,
    error:
      row.error_code === null
        ? null
        : {
            stage: row.error_stage ?? 'index',
            code: row.error_code,
            message: row.error_message ?? '',
            attempts: row.attempts,
            nextAttemptAt: row.next_attempt_at,
          },
    parentId: row.parentId,
    mimeType: row.mime_type,
    title: row.title,
    language: row.language,
    pages: row.pages,
    bytes: row.bytes,
    chunks: row.chunks,
    contentHash: row.content_hash,
    own: row.parsed === null ? {} : (JSON.parse(row.parsed) as DocumentRecord['own']),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    indexedAt: row.indexed_at,
    deletedAt: row.deleted_at,
  }
}

/** Up to so many documents under a path are sorted; of more, the first are soon met in a scan. */
const mostSorted = 10_000

/** See `Store.documents`. Tombstones only when their status is asked for. */
export function documents(db: Connection, filter: DocumentFilter, request: PageRequest): Page<DocumentRecord> {
  const connector = db.get<{ no: number }>(
    'SELECT no FROM connectors WHERE id = ? AND deleted_at IS NULL',
    filter.connectorId,
  )
  if (connector === undefined) return { rows: [], total: 0 }
  const where = ['d.connector_no = ?']
  const params: Param[] = [connector.no]
  if (filter.status === undefined) where.push(`d.status <> 'deleted'`)
  else {
    where.push('d.status = ?')
    params.push(filter.status)
  }
  if (filter.children !== true) where.push('d.parent_no IS NULL')
  const { path = '' } = filter
  if (path !== '') {
    where.push('d.path >= ?', 'd.path < ?')
    params.push(path, `${path}\u{10ffff}`)
  }
  const { sql, values } = keyset(request, 'd.no')
  const few = path !== '' && filter.children !== true && countUnder(db, connector.no, path) <= mostSorted
  const index = few ? 'documents_path' : filter.status === undefined ? 'documents_live' : 'documents_status'
  const rows = db.all<DocumentColumns>(
    `SELECT ${documentColumns} FROM documents d INDEXED BY ${index} CROSS JOIN connectors c ON c.no = d.connector_no
       CROSS JOIN collections l ON l.no = c.collection_no
       LEFT JOIN documents p ON p.no = d.parent_no LEFT JOIN acls a ON a.no = d.acl_no
     WHERE ${where.join(' AND ')} ${sql}`,
    ...params,
    ...values,
  )
  const total =
    path === ''
      ? countDocuments(db, connector.no, filter)
      : db.get<{ n: number }>(
          `SELECT count(*) AS n FROM documents d INDEXED BY ${index} WHERE ${where.join(' AND ')}`,
          ...params,
        )?.n
  return page(rows, request, total ?? 0, toDocument)
}

/** How many of the source's own entries are under a path, tombstones too; no further than it matters. */
function countUnder(db: Connection, connectorNo: number, path: string): number {
  return (
    db.get<{ n: number }>(
      `SELECT count(*) AS n FROM (SELECT 1 FROM documents INDEXED BY documents_path
         WHERE connector_no = ? AND parent_no IS NULL AND path >= ? AND path < ? LIMIT ${mostSorted + 1})`,
      connectorNo,
      path,
      `${path}\u{10ffff}`,
    )?.n ?? 0
  )
}

function countDocuments(db: Connection, connectorNo: number, filter: DocumentFilter): number {
  return (
    db.get<{ n: number }>(
      `SELECT ifnull(sum(documents), 0) AS n FROM document_counts WHERE connector_no = ? AND child <= ?
         AND CASE WHEN ? IS NULL THEN status <> 'deleted' ELSE status = ? END`,
      connectorNo,
      filter.children === true ? 1 : 0,
      filter.status ?? null,
      filter.status ?? null,
    )?.n ?? 0
  )
}

export function document(db: Connection, id: string): DocumentRecord | undefined {
  const row = db.get<DocumentColumns>(`SELECT ${documentColumns} FROM documents d ${joins} WHERE d.id = ?`, id)
  return row === undefined ? undefined : toDocument(row)
}

/** Among several at one path, the newest that lives. */
export function documentByPath(db: Connection, connectorId: string, path: string): DocumentRecord | undefined {
  const row = db.get<DocumentColumns>(
    `SELECT ${documentColumns} FROM documents d ${joins}
     WHERE d.connector_no = (SELECT no FROM connectors WHERE id = ?) AND d.path = ? AND d.parent_no IS NULL
     ORDER BY d.status = 'deleted', d.no DESC LIMIT 1`,
    connectorId,
    path,
  )
  return row === undefined ? undefined : toDocument(row)
}

/** `chunk_`, the document's suffix, and the chunk's slot: stable as long as the chunk stays. */
export function chunkId(documentId: string, no: number): string {
  const [first] = chunkRange(Math.floor(no / chunkRange(1)[0]))
  return `chunk_${documentId.slice(4)}${(no - first).toString(32).padStart(4, '0')}`
}

/** See `Store.chunks`; in reading order. */
export function chunks(db: Connection, documentId: string, request: PageRequest): Page<ChunkRecord> {
  const document = db.get<{ no: number; chunks: number }>('SELECT no, chunks FROM documents WHERE id = ?', documentId)
  if (document === undefined) return { rows: [], total: 0 }
  const { sql, values } = keyset(request, 'position')
  const rows = db.all<{ key: number; no: number; text: string; headings: string; page: number | null }>(
    `SELECT no AS key, position AS no, text, headings, page FROM chunks WHERE no >= ? AND no < ? ${sql}`,
    ...chunkRange(document.no),
    ...values,
  )
  return page(rows, request, document.chunks, (row) => ({
    id: chunkId(documentId, row.key),
    position: row.no,
    text: row.text,
    headings: JSON.parse(row.headings) as string[],
    page: row.page,
  }))
}

/** A piece of the Markdown: the chunks from `position` on, about `characters` of them. */
export function contentPiece(
  db: Connection,
  documentId: string,
  position: number,
  characters = 65_536,
): { readonly text: string; readonly next: number | undefined } {
  const document = db.get<{ no: number }>('SELECT no FROM documents WHERE id = ?', documentId)
  if (document === undefined) return { text: '', next: undefined }
  let text = ''
  let next = position
  for (const chunk of db
    .prepare<{ text: string; overlap: number }>(
      'SELECT text, overlap FROM chunks WHERE no >= ? AND no < ? AND position >= ? ORDER BY position LIMIT 64',
    )
    .all(...chunkRange(document.no), position)) {
    text += chunk.text.slice(chunk.overlap)
    next++
    if (text.length >= characters) return { text, next }
  }
  return { text, next: next === position ? undefined : next }
}
