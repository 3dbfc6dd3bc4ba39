import { getLoadablePath } from 'sqlite-vec'
import type { QueryVector } from '../store.ts'
import type { Connection } from './connection.ts'
import { storeError } from './errors.ts'
import type { Found } from './hits.ts'
import type { Filter } from './search-filter.ts'
import { vectorTable } from './vectors.ts'

/** Nearest chunks by the cosine of their vectors: every vector that the filter lets through is compared. */
export class SemanticSearch {
  readonly #db: Connection
  #loaded = false

  constructor(db: Connection) {
    this.#db = db
  }

  /** @throws StoreError `unsupported` when sqlite-vec has no build for this platform. */
  nearest({ collections, vector }: QueryVector, filter: Filter, limit: number): readonly Found[] {
    this.#load()
    const wanted = collections.filter((id) => filter.collections.has(id))
    const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
    const found = this.#tables(wanted, vector.length).flatMap((no) =>
      this.#db.all<Found>(
        `${filter.with} unused AS (SELECT 1)
         SELECT v.no, 1 - vec_distance_cosine(v.vector, ?) AS score
         FROM ${vectorTable(no)} v ${filter.where === '' ? '' : 'CROSS JOIN documents d ON d.no = (v.no >> 20)'}
         WHERE 1 ${filter.where} ORDER BY score DESC LIMIT ?`,
        ...filter.withParams,
        bytes,
        ...filter.whereParams,
        limit,
      ),
    )
    return found.sort((a, b) => b.score - a.score).slice(0, limit)
  }

  /** Those whose vectors are of this length; the model may have changed since the query was embedded. */
  #tables(ids: readonly string[], dimensions: number): readonly number[] {
    return this.#db
      .all<{ no: number }>(
        `SELECT no FROM collections WHERE vector_space ->> 1 = ? AND id IN (SELECT value FROM json_each(?))`,
        dimensions,
        JSON.stringify(ids),
      )
      .map(({ no }) => no)
  }

  #load(): void {
    if (this.#loaded) return
    try {
      this.#db.raw.loadExtension(getLoadablePath())
    } catch (error) {
      throw storeError(
        'unsupported',
        `Vectors cannot be compared here: sqlite-vec did not load (${(error as Error).message}). Search by keyword works.`,
      )
    }
    this.#loaded = true
  }
}
