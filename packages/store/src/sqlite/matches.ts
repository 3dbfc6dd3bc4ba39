import type { Connection, Param } from './connection.ts'
import type { Filter } from './search-filter.ts'

/** Documents that are listed at most, for each row that is to be looked up in the list. */
const listShare = 0.2
/** Below so many rows it does not matter how each is looked up. */
const fewRows = 5_000

/** The full-text index as `f`, narrowed to what a filter lets through. */
export interface Matches {
  /** WITH clauses, each with a comma behind it. */
  readonly with: string
  /** FROM and WHERE. */
  readonly source: string
  readonly params: readonly Param[]
  /** How many times more than without a filter a row costs. */
  readonly cost: number
}

/**
 * Where the filter lets few documents through, they are listed first: to look a match up there takes 60 ns, in the table
 * of all documents 250. `rows` is about how many rows the full-text query leads to.
 */
export function matches(db: Connection, match: string, filter: Filter, rows: number): Matches {
  const { where, listed } = filter
  if (where === '')
    return { with: 'WITH ', source: 'FROM chunks_fts f WHERE chunks_fts MATCH ?', params: [match], cost: 1 }
  const asked = { with: filter.with, params: [...filter.withParams, match, ...filter.whereParams] }
  if (listed !== undefined && rows > fewRows && isShort(db, filter, listed, Math.round(rows * listShare)))
    return {
      ...asked,
      source: `FROM chunks_fts f WHERE chunks_fts MATCH ? AND (f.rowid >> 20) IN (
        SELECT d.no FROM documents d INDEXED BY ${listed.index} WHERE ${listed.where} ${where})`,
      params: [...filter.withParams, match, ...listed.params, ...filter.whereParams],
      cost: 2,
    }
  return {
    ...asked,
    source: `FROM chunks_fts f CROSS JOIN documents d ON d.no = (f.rowid >> 20) WHERE chunks_fts MATCH ? ${where}`,
    cost: 10,
  }
}

function isShort(db: Connection, filter: Filter, listed: NonNullable<Filter['listed']>, most: number): boolean {
  const row = db.get<{ n: number }>(
    `${filter.with} unused AS (SELECT 1) SELECT count(*) AS n FROM (
       SELECT 1 FROM documents d INDEXED BY ${listed.index} WHERE ${listed.where} LIMIT ?)`,
    ...filter.withParams,
    ...listed.params,
    most,
  )
  return row !== undefined && row.n < most
}
