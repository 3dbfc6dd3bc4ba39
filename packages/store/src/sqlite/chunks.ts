import type { Chunk } from '@cx/core/engine'
import type { Connection } from './connection.ts'
import { shadow } from './shadow.ts'
import { dropVectors } from './vectors.ts'

/** Chunks a document can have had before its slots are dealt anew. */
const slots = 2 ** 20

/** The keys of a document's chunks: `[first, beyond)`. */
export function chunkRange(documentNo: number): readonly [number, number] {
  return [documentNo * slots, (documentNo + 1) * slots]
}

interface StoredChunk {
  readonly no: number
  readonly position: number
  readonly overlap: number
  readonly page: number | null
  readonly headings: string
  readonly headingsShadow: string | null
  readonly shadow: string | null
  readonly text: string
}

/** What must change for a document to have these chunks. Those that stay keep their keys, and with them their ids. */
export interface ChunkPlan {
  readonly documentNo: number
  readonly removed: readonly number[]
  readonly moved: readonly { readonly no: number; readonly position: number; readonly overlap: number }[]
  readonly added: readonly { readonly chunk: Chunk; readonly headings: string; readonly position: number }[]
}

export function planChunks(
  db: Connection,
  document: { readonly no: number; readonly chunks: number; readonly nextSlot: number },
  chunks: readonly Chunk[],
): ChunkPlan {
  const stored =
    document.chunks === 0
      ? []
      : db.all<StoredChunk>(
          `SELECT no, position, overlap, page, headings, headings_shadow AS headingsShadow, shadow, text
           FROM chunks WHERE no >= ? AND no < ? ORDER BY position`,
          ...chunkRange(document.no),
        )
  const free = new Map<string, StoredChunk[]>()
  const renumber = document.nextSlot + chunks.length >= slots
  if (!renumber)
    for (const chunk of stored) {
      // An earlier version gave the index another shadow of it.
      if (chunk.shadow !== unlessSame(chunk.text) || chunk.headingsShadow !== shadowOfHeadings(chunk.headings)) continue
      const key = `${chunk.headings}\n${chunk.page}\n${chunk.text}`
      const same = free.get(key)
      if (same === undefined) free.set(key, [chunk])
      else same.push(chunk)
    }
  const kept = new Set<number>()
  const moved: { no: number; position: number; overlap: number }[] = []
  const added: { chunk: Chunk; headings: string; position: number }[] = []
  for (const [position, chunk] of chunks.entries()) {
    const headings = JSON.stringify(chunk.headings)
    const match = free.get(`${headings}\n${chunk.page ?? null}\n${chunk.text}`)?.shift()
    if (match === undefined) added.push({ chunk, headings, position })
    else {
      kept.add(match.no)
      if (match.position !== position || match.overlap !== chunk.overlap)
        moved.push({ no: match.no, position, overlap: chunk.overlap })
    }
  }
  return {
    documentNo: document.no,
    removed: stored.filter((chunk) => !kept.has(chunk.no)).map((chunk) => chunk.no),
    moved,
    added,
  }
}

interface IndexRow {
  readonly no: number
  readonly title: string
  readonly headings: string
  readonly body: string
}

/**
 * Changes of the full-text index, kept to the end of the transaction: any statement with triggers in between would make
 * FTS5 write out what it has gathered, a segment per document (measured: 700 µs each). FTS5 must be told what a row
 * was to forget it, so that is read before anything changes; what a row is now is read at the end.
 */
class IndexChanges {
  readonly #db: Connection
  readonly #removed: IndexRow[] = []
  readonly #added = new Set<number>()

  constructor(db: Connection) {
    this.#db = db
  }

  remove(where: string, ...params: readonly number[]): void {
    // What was added in this transaction is not in the index yet.
    for (const row of this.#db.all<IndexRow>(
      `SELECT no, title, headings, body FROM chunk_search WHERE ${where}`,
      ...params,
    ))
      if (!this.#added.delete(row.no)) this.#removed.push(row)
  }

  add(no: number): void {
    this.#added.add(no)
  }

  // Rows are bound one by one: INSERT … SELECT would be a statement of the kind that makes FTS5 write out, too.
  flush(): void {
    for (const { no, title, headings, body } of this.#removed)
      this.#db.run(
        `INSERT INTO chunks_fts (chunks_fts, rowid, title, headings, body) VALUES ('delete', CAST(? AS INTEGER), ?, ?, ?)`,
        no,
        title,
        headings,
        body,
      )
    for (const no of this.#added) {
      const row = this.#db.get<IndexRow>('SELECT no, title, headings, body FROM chunk_search WHERE no = ?', no)
      if (row !== undefined)
        this.#db.run(
          'INSERT INTO chunks_fts (rowid, title, headings, body) VALUES (CAST(? AS INTEGER), ?, ?, ?)',
          no,
          row.title,
          row.headings,
          row.body,
        )
    }
  }
}

function changes(db: Connection): IndexChanges {
  return db.atEnd(() => new IndexChanges(db))
}

/** Takes a document's chunks out of the full-text index. Before anything that the index is made of changes. */
export function unindexChunks(db: Connection, documentNo: number): void {
  changes(db).remove('no >= ? AND no < ?', ...chunkRange(documentNo))
}

/** Puts all of a document's chunks into the full-text index. */
export function indexChunks(db: Connection, documentNo: number): void {
  for (const { no } of db.all<{ no: number }>(
    'SELECT no FROM chunks WHERE no >= ? AND no < ?',
    ...chunkRange(documentNo),
  ))
    changes(db).add(no)
}

/** The first half of a plan: removes. Before the document's row changes. */
export function removeChunks(db: Connection, plan: ChunkPlan, indexed: boolean): void {
  for (const no of plan.removed) {
    if (indexed) changes(db).remove('no = ?', no)
    dropVectors(db, plan.documentNo, no, no + 1)
    db.run('DELETE FROM chunks WHERE no = ?', no)
  }
}

/** The second half: moves and adds. After the document's row has its new title and path. Returns the next free slot. */
export function addChunks(db: Connection, plan: ChunkPlan, nextSlot: number, index: boolean): number {
  for (const { no, position, overlap } of plan.moved)
    db.run('UPDATE chunks SET position = ?, overlap = ? WHERE no = ?', position, overlap, no)
  const [first] = chunkRange(plan.documentNo)
  let slot = nextSlot + plan.added.length >= slots ? 0 : nextSlot
  for (const { chunk, headings, position } of plan.added) {
    const no = first + slot++
    db.run(
      `INSERT INTO chunks (no, position, overlap, page, headings, headings_shadow, shadow, text)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      no,
      position,
      chunk.overlap,
      chunk.page ?? null,
      headings,
      shadowOfHeadings(headings),
      unlessSame(chunk.text),
      chunk.text,
    )
    if (index) changes(db).add(no)
  }
  return slot
}

/** Removes every chunk of a document. */
export function dropChunks(db: Connection, documentNo: number): void {
  unindexChunks(db, documentNo)
  dropVectors(db, documentNo, ...chunkRange(documentNo))
  db.run('DELETE FROM chunks WHERE no >= ? AND no < ?', ...chunkRange(documentNo))
}

/** JSON's brackets and quotes are no letters to the tokenizer; its escapes would be. */
function shadowOfHeadings(headings: string): string | null {
  return headings.includes('\\') ? shadow((JSON.parse(headings) as string[]).join(' / ')) : unlessSame(headings)
}

function unlessSame(text: string): string | null {
  const shadowed = shadow(text)
  return shadowed === text ? null : shadowed
}
