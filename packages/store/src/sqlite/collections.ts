import { newId } from '../id.ts'
import type { Collection, CollectionCounts, Embedding, Page, PageRequest, Store } from '../store.ts'
import type { Connection, Param } from './connection.ts'
import { storeError } from './errors.ts'
import { keyset, page } from './page.ts'
import type { Control } from './tables.ts'
import { alignVectors, dropVectorTable } from './vectors.ts'

export function collectionWrites(
  db: Connection,
  control: Control,
): Pick<Store, 'createCollection' | 'updateCollection' | 'deleteCollection'> {
  return {
    async createCollection({ name, description, embedding }) {
      await refuseTaken(control, name)
      const now = Date.now()
      const id = newId('col')
      await control
        .insertInto('collections')
        .values({ id, name, description, embedding: encode(embedding), created_at: now, updated_at: now })
        .execute()
      alignVectors(db)
      return { id, name, description, embedding, createdAt: now, updatedAt: now }
    },
    async updateCollection(id, patch) {
      if (patch.name !== undefined) await refuseTaken(control, patch.name, id)
      await control
        .updateTable('collections')
        .set({
          updated_at: Date.now(),
          ...(patch.name === undefined ? {} : { name: patch.name }),
          ...(patch.description === undefined ? {} : { description: patch.description }),
          ...(patch.embedding === undefined ? {} : { embedding: encode(patch.embedding) }),
        })
        .where('id', '=', id)
        .execute()
      if (patch.embedding !== undefined) alignVectors(db, id)
    },
    async deleteCollection(id) {
      const no = db.get<{ no: number }>('SELECT no FROM collections WHERE id = ?', id)?.no
      const result = await control
        .deleteFrom('collections')
        .where('id', '=', id)
        .where('no', 'not in', control.selectFrom('connectors').select('collection_no'))
        .executeTakeFirst()
      const deleted = result.numDeletedRows > 0n
      if (deleted && no !== undefined) dropVectorTable(db, no)
      return deleted
    },
  }
}

/** @throws StoreError `conflict` */
async function refuseTaken(control: Control, name: string, except = ''): Promise<void> {
  const taken = await control
    .selectFrom('collections')
    .select('id')
    .where('name', '=', name)
    .where('id', '<>', except)
    .executeTakeFirst()
  if (taken !== undefined)
    throw storeError('conflict', `There is a collection named ${JSON.stringify(name)} already; choose another name.`)
}

function encode(embedding: Embedding | null): string | null {
  return embedding === null ? null : JSON.stringify(embedding)
}

interface Row {
  readonly no: number
  readonly id: string
  readonly name: string
  readonly description: string
  readonly embedding: string | null
  readonly created_at: number
  readonly updated_at: number
  readonly connectors: number
  readonly documents: number
  readonly chunks: number
  readonly unembedded: number
}

const counted = `SELECT l.*,
    (SELECT count(*) FROM connectors c WHERE c.collection_no = l.no AND c.deleted_at IS NULL) AS connectors,
    (SELECT ifnull(sum(n.documents), 0) FROM connectors c JOIN document_counts n ON n.connector_no = c.no
      WHERE c.collection_no = l.no AND c.deleted_at IS NULL AND n.child = 0 AND n.status <> 'deleted') AS documents,
    (SELECT ifnull(sum(n.chunks), 0) FROM connectors c JOIN document_counts n ON n.connector_no = c.no
      WHERE c.collection_no = l.no AND c.deleted_at IS NULL) AS chunks,
    (SELECT count(*) FROM connectors c JOIN embedding_queue q ON q.connector_no = c.no
      WHERE c.collection_no = l.no AND c.deleted_at IS NULL) AS unembedded
  FROM collections l`

function toCollection(row: Row): Collection & CollectionCounts {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    embedding: row.embedding === null ? null : (JSON.parse(row.embedding) as Embedding),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    connectors: row.connectors,
    documents: row.documents,
    chunks: row.chunks,
    embedded: row.embedding === null ? 0 : row.chunks - row.unembedded,
  }
}

export function collection(db: Connection, idOrName: string): (Collection & CollectionCounts) | undefined {
  const row = db.get<Row>(
    `${counted} WHERE l.id = ? OR l.name = ? ORDER BY l.id <> ? LIMIT 1`,
    idOrName,
    idOrName,
    idOrName,
  )
  return row === undefined ? undefined : toCollection(row)
}

/** See `Store.collectionIds`. */
export function collectionIds(db: Connection, idsOrNames: readonly string[]): readonly (string | undefined)[]
export function collectionIds(db: Connection): readonly string[]
export function collectionIds(db: Connection, idsOrNames?: readonly string[]): readonly (string | undefined)[] {
  if (idsOrNames === undefined) return db.all<{ id: string }>('SELECT id FROM collections').map(({ id }) => id)
  return idsOrNames.map(
    (one) =>
      db.get<{ id: string }>(
        'SELECT id FROM collections WHERE id = ? OR name = ? ORDER BY id <> ? LIMIT 1',
        one,
        one,
        one,
      )?.id,
  )
}

export function collections(
  db: Connection,
  request: PageRequest & { readonly ids?: readonly string[] },
): Page<Collection & CollectionCounts> {
  const where = request.ids === undefined ? 'WHERE 1' : 'WHERE l.id IN (SELECT value FROM json_each(?))'
  const params: Param[] = request.ids === undefined ? [] : [JSON.stringify(request.ids)]
  const total = db.get<{ n: number }>(`SELECT count(*) AS n FROM collections l ${where}`, ...params)?.n ?? 0
  const { sql, values } = keyset(request, 'l.no')
  return page(db.all<Row>(`${counted} ${where} ${sql}`, ...params, ...values), request, total, toCollection)
}
