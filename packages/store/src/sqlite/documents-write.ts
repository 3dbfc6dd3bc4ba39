import type { Entry } from '@cx/core'
import type { ChildDocument, ParsedDocument, ParseFailureCode } from '@cx/core/engine'
import { internAcl, shareAcl } from './acl.ts'
import { addChunks, dropChunks, indexChunks, planChunks, removeChunks, unindexChunks } from './chunks.ts'
import type { Connection } from './connection.ts'
import { insertPending, sourceKey } from './diff.ts'
import { searchTitle } from './shadow.ts'

/** What a write needs to know of the document it changes. */
export interface DocumentRow {
  readonly no: number
  readonly status: string
  readonly version: string
  readonly path: string
  readonly title: string | null
  readonly searchTitle: string
  readonly chunks: number
  readonly nextSlot: number
  readonly aclNo: number | null
  readonly errorCode: string | null
  readonly attempts: number
  readonly parsed: string | null
  readonly deletedBy: 'person' | 'sweep' | null
}

const columns = `no, status, version, path, title, search_title AS searchTitle, chunks,
  next_slot AS nextSlot, acl_no AS aclNo,  error_code AS errorCode, attempts, parsed, deleted_by AS deletedBy`

export function documentBySource(db: Connection, connectorNo: number, sourceId: string): DocumentRow | undefined {
  return db.get<DocumentRow>(
    `SELECT ${columns} FROM documents WHERE connector_no = ? AND source_id = ? AND parent_no IS NULL`,
    connectorNo,
    sourceKey(sourceId),
  )
}

/** The stored document of an entry; an outcome that no diff came before adds it. */
export function documentFor(db: Connection, connectorNo: number, entry: Entry, fingerprint: number): DocumentRow {
  const found = documentBySource(db, connectorNo, entry.id)
  if (found !== undefined) return found
  return documentByNo(db, insertPending(db, connectorNo, entry.id, { ...entry, fingerprint }))
}

function documentByNo(db: Connection, no: number): DocumentRow {
  return db.get<DocumentRow>(`SELECT ${columns} FROM documents WHERE no = ?`, no) as DocumentRow
}

/** The entry as a column: what has no column of its own. */
function entryText({ id: _id, path: _path, version: _version, acl: _acl, ...rest }: Entry): string {
  return JSON.stringify(rest)
}

function epoch(time: string | undefined): number | null {
  const ms = time === undefined ? Number.NaN : Date.parse(time)
  return Number.isNaN(ms) ? null : ms
}

/** An entry without an access list keeps the last known one. */
function aclOf(db: Connection, connectorNo: number, row: DocumentRow, entry: Entry): number | null {
  return entry.acl === undefined ? row.aclNo : internAcl(db, connectorNo, entry.acl)
}

/** What a document holds now; replaces only the chunks that changed. */
export interface Indexed {
  readonly entry: Entry
  readonly fingerprint: number
  readonly bytes: number
  readonly contentHash: string | null
  readonly document: ParsedDocument
  readonly pipeline: string
}

export function writeIndexed(db: Connection, connectorNo: number, row: DocumentRow, indexed: Indexed): void {
  const { entry, document } = indexed
  const { chunks, children, ...about } = document
  const title = entry.title ?? document.title ?? null
  const retitled = row.chunks > 0 && row.searchTitle !== searchTitle(title, entry.path)
  const plan = planChunks(db, row, chunks)
  const aclNo = aclOf(db, connectorNo, row, entry)
  if (retitled) unindexChunks(db, row.no)
  removeChunks(db, plan, !retitled)
  const now = Date.now()
  db.run(
    `UPDATE documents SET status = 'indexed', version = ?, fingerprint = ?, pipeline = ?, path = ?, title = ?, search_title = ?, acl_no = ?,
       updated_ms = ?, mime_type = ?, language = ?, pages = ?, bytes = ?, content_hash = ?, parsed = ?, entry = ?,
       error_code = NULL, error_stage = NULL, error_message = NULL, attempts = 0, next_attempt_at = NULL,
       deleted_by = NULL, deleted_at = NULL, chunks = ?, updated_at = ?, indexed_at = ? WHERE no = ?`,
    entry.version,
    indexed.fingerprint,
    indexed.pipeline,
    entry.path,
    title,
    searchTitle(title, entry.path),
    aclNo,
    epoch(entry.updatedAt ?? document.updatedAt),
    document.mimeType,
    document.language ?? null,
    document.pages ?? null,
    indexed.bytes,
    indexed.contentHash,
    JSON.stringify(about),
    entryText(entry),
    chunks.length,
    now,
    now,
    row.no,
  )
  const nextSlot = addChunks(db, plan, row.nextSlot, !retitled)
  if (nextSlot !== row.nextSlot) db.run('UPDATE documents SET next_slot = ? WHERE no = ?', nextSlot, row.no)
  if (retitled) indexChunks(db, row.no)
  writeChildren(db, connectorNo, row.no, { ...indexed, aclNo }, children ?? [])
}

const harmless: ReadonlySet<ParseFailureCode> = new Set([
  'unsupported_type',
  'empty',
  'too_large',
  'encrypted',
  'no_text_layer',
])

/** Members of a container are found again by their path in it, and so keep their ids. */
function writeChildren(
  db: Connection,
  connectorNo: number,
  parentNo: number,
  parent: Indexed & { readonly aclNo: number | null },
  children: readonly ChildDocument[],
): void {
  const before = new Map(
    db
      .all<{ no: number; sourceId: string }>(
        'SELECT no, source_id AS sourceId FROM documents WHERE parent_no = ? AND parent_no > 0',
        parentNo,
      )
      .map((row) => [row.sourceId, row.no]),
  )
  const written = new Set<string>()
  for (const child of children) {
    const name = unlike(written, sourceKey(child.path))
    written.add(name)
    const { title: _title, mimeType: _mimeType, size: _size, acl: _acl, ...inherited } = parent.entry
    const entry: Entry = {
      ...inherited,
      id: `${parent.entry.id}/${name}`,
      path: `${parent.entry.path}/${name}`,
      size: child.size,
    }
    const known = before.get(name)
    before.delete(name)
    const no = known ?? insertPending(db, connectorNo, name, { ...entry, fingerprint: parent.fingerprint }, parentNo)
    const row = documentByNo(db, no)
    const { outcome } = child
    if (outcome.ok)
      writeIndexed(db, connectorNo, row, {
        ...parent,
        entry,
        bytes: child.size,
        contentHash: null,
        document: outcome.document,
      })
    else {
      const failure = { stage: 'parse', code: outcome.code, message: outcome.message, pipeline: parent.pipeline }
      if (harmless.has(outcome.code)) writeSkipped(db, connectorNo, row, entry, parent.fingerprint, failure)
      else writeFailed(db, connectorNo, row, entry, parent.fingerprint, { ...failure, nextAttemptAt: null })
    }
    db.run('UPDATE documents SET acl_no = ? WHERE no = ?', parent.aclNo, no)
  }
  for (const no of before.values()) removeDocument(db, no)
}

/** Two members of a container may be called alike, or differ in what cannot be stored. */
function unlike(taken: ReadonlySet<string>, name: string): string {
  let other = name
  for (let n = 2; taken.has(other); n++) other = `${name} (${n})`
  return other
}

/** The content is the same: title, path, access list and the rest of the entry are replaced. */
export function writeMetadata(
  db: Connection,
  connectorNo: number,
  row: DocumentRow,
  entry: Entry,
  fingerprint: number,
): void {
  const parsed = row.parsed === null ? {} : (JSON.parse(row.parsed) as Partial<ParsedDocument>)
  const title = entry.title ?? parsed.title ?? null
  const retitled = row.chunks > 0 && row.searchTitle !== searchTitle(title, entry.path)
  const aclNo = aclOf(db, connectorNo, row, entry)
  if (retitled) unindexChunks(db, row.no)
  db.run(
    `UPDATE documents SET version = ?, fingerprint = ?, path = ?, title = ?, search_title = ?, updated_ms = ?, entry = ?, updated_at = ?
     WHERE no = ?`,
    entry.version,
    fingerprint,
    entry.path,
    title,
    searchTitle(title, entry.path),
    epoch(entry.updatedAt ?? parsed.updatedAt),
    entryText(entry),
    Date.now(),
    row.no,
  )
  if (retitled) indexChunks(db, row.no)
  if (aclNo !== row.aclNo) shareAcl(db, row.no, aclNo)
  if (row.path !== entry.path) moveChildren(db, row.no, row.path, entry.path)
}

/** Children lie under their container's path. */
function moveChildren(db: Connection, parentNo: number, from: string, to: string): void {
  const children = db.all<{ no: number; path: string; title: string | null }>(
    'SELECT no, path, title FROM documents WHERE parent_no = ? AND parent_no > 0',
    parentNo,
  )
  for (const { no, path, title } of children) {
    const moved = to + path.slice(from.length)
    unindexChunks(db, no)
    db.run('UPDATE documents SET path = ?, search_title = ? WHERE no = ?', moved, searchTitle(title, moved), no)
    indexChunks(db, no)
    moveChildren(db, no, path, moved)
  }
}

export interface Failure {
  readonly stage: string
  readonly code: string
  readonly message: string
  readonly pipeline: string
}

/** Each of these cost a worker thread. */
const crashes: ReadonlySet<string> = new Set(['crashed', 'timed_out', 'out_of_memory'])

/** What was indexed before stays searchable. Returns the code that was stored: the second crash at a version is `quarantined`. */
export function writeFailed(
  db: Connection,
  connectorNo: number,
  row: DocumentRow,
  entry: Entry,
  fingerprint: number,
  failure: Failure & { readonly nextAttemptAt: number | null },
): string {
  const again = row.status === 'failed' && row.version === entry.version
  const code = again && crashes.has(failure.code) && crashes.has(row.errorCode ?? '') ? 'quarantined' : failure.code
  writeTrouble(db, connectorNo, row, entry, fingerprint, {
    ...failure,
    code,
    status: 'failed',
    attempts: again ? row.attempts + 1 : 1,
  })
  return code
}

/** Its content no longer counts: what was indexed before is removed. */
export function writeSkipped(
  db: Connection,
  connectorNo: number,
  row: DocumentRow,
  entry: Entry,
  fingerprint: number,
  failure: Failure,
): void {
  dropContent(db, row)
  writeTrouble(db, connectorNo, { ...row, chunks: 0 }, entry, fingerprint, {
    ...failure,
    status: 'skipped',
    attempts: 1,
    nextAttemptAt: null,
  })
}

function writeTrouble(
  db: Connection,
  connectorNo: number,
  row: DocumentRow,
  entry: Entry,
  fingerprint: number,
  trouble: Failure & {
    readonly status: 'failed' | 'skipped'
    readonly attempts: number
    readonly nextAttemptAt: number | null
  },
): void {
  writeMetadata(db, connectorNo, row, entry, fingerprint)
  db.run(
    `UPDATE documents SET status = ?, pipeline = ?, error_stage = ?, error_code = ?, error_message = ?, attempts = ?,
       next_attempt_at = ?, mime_type = coalesce(mime_type, ?), deleted_by = NULL, deleted_at = NULL WHERE no = ?`,
    trouble.status,
    trouble.pipeline,
    trouble.stage,
    trouble.code,
    trouble.message,
    trouble.attempts,
    trouble.nextAttemptAt,
    entry.mimeType ?? null,
    row.no,
  )
}

function dropContent(db: Connection, row: { readonly no: number; readonly chunks: number }): void {
  if (row.chunks > 0) {
    dropChunks(db, row.no)
    db.run('UPDATE documents SET chunks = 0 WHERE no = ?', row.no)
  }
  const children = db.all<{ no: number }>('SELECT no FROM documents WHERE parent_no = ? AND parent_no > 0', row.no)
  for (const { no } of children) removeDocument(db, no)
}

/** Takes the content away and leaves a tombstone. */
export function buryDocument(
  db: Connection,
  row: { readonly no: number; readonly chunks: number },
  by: 'person' | 'sweep',
): void {
  dropContent(db, row)
  const now = Date.now()
  db.run(
    `UPDATE documents SET status = 'deleted', deleted_by = ?, deleted_at = ?, updated_at = ?, pipeline = NULL, acl_no = NULL,
       error_code = NULL, error_stage = NULL, error_message = NULL, attempts = 0, next_attempt_at = NULL WHERE no = ?`,
    by,
    now,
    now,
    row.no,
  )
}

/** Removes a document and everything inside it for good. */
export function removeDocument(db: Connection, no: number): void {
  const row = db.get<{ no: number; chunks: number; connectorNo: number }>(
    'SELECT no, chunks, connector_no AS connectorNo FROM documents WHERE no = ?',
    no,
  )
  if (row === undefined) return
  dropContent(db, row)
  db.run('DELETE FROM seen WHERE connector_no = ? AND document_no = ?', row.connectorNo, no)
  db.run('DELETE FROM documents WHERE no = ?', no)
}
