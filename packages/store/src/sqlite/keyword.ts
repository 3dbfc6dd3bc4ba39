import type { Connection } from './connection.ts'
import type { Found } from './hits.ts'
import { ftsQuery, parseQuery, type Term } from './query.ts'
import type { Filter } from './search-filter.ts'
import { type Selection, Vocabulary } from './vocabulary.ts'

/** Weights of title, headings and body. */
const rank = 'bm25(chunks_fts, 4.0, 2.0, 1.0)'
/** Matches that are looked at where there is nothing to rank by. */
const mostUnranked = 1_000
/** How many times more a row costs that is looked up for a filter. */
const filterCost = 10

export interface Ranked {
  readonly found: readonly Found[]
  readonly total: number
  /** False when there are more than `total`. */
  readonly exact: boolean
  /** What was looked for, for snippets. */
  readonly match: string | undefined
}

const nothing: Ranked = { found: [], total: 0, exact: true, match: undefined }

/** Full-text search on one connection. */
export class KeywordSearch {
  readonly #db: Connection
  readonly #vocabulary: Vocabulary

  constructor(db: Connection) {
    this.#db = db
    this.#vocabulary = new Vocabulary(db)
  }

  /** Chunks with all words or, if there are none, with any. */
  rank(query: string, filter: Filter, limit: number, offset: number): Ranked {
    const { wanted, excluded } = parseQuery(query)
    const terms = this.#vocabulary.usable(wanted)
    if (terms.length === 0) return nothing
    const rest = this.#vocabulary.usable(excluded)
    const selection = this.#vocabulary.select(terms)
    const strict = this.#run(selection, rest, 'AND', filter, limit, offset)
    if (strict.total > 0 || terms.length === 1) return strict
    return this.#run(selection, rest, 'OR', filter, limit, offset)
  }

  #run(
    { terms, frequency, ranked, partial }: Selection,
    excluded: readonly Term[],
    join: 'AND' | 'OR',
    filter: Filter,
    limit: number,
    offset: number,
  ): Ranked {
    const match = ftsQuery(terms, excluded, join)
    const most = Math.max(ranked ? this.#vocabulary.mostToRank : mostUnranked, limit + offset)
    const source = `FROM chunks_fts f ${filter.where === '' ? '' : 'CROSS JOIN documents d ON d.no = (f.rowid >> 20)'}
      WHERE chunks_fts MATCH ? ${filter.where}`
    const params = [...filter.withParams, match, ...filter.whereParams]
    const rows = this.#db.all<Found & { n: number }>(
      `${filter.with} matches AS MATERIALIZED (
         SELECT f.rowid AS no, ${ranked ? `-${rank}` : '0.0'} AS score ${source} ORDER BY f.rowid DESC LIMIT ?
       )
       SELECT no, score, (SELECT count(*) FROM matches) AS n FROM matches ORDER BY score DESC, no DESC LIMIT ? OFFSET ?`,
      ...params,
      most,
      limit,
      offset,
    )
    const found = rows.map(({ no, score }) => ({ no, score }))
    const counted = rows[0]?.n ?? (offset === 0 ? 0 : undefined)
    if (counted !== undefined && counted < most) return { found, total: counted, exact: !partial, match }
    const affordable = frequency * (filter.where === '' ? 2 : filterCost) <= this.#vocabulary.mostToRead
    if (counted !== undefined && !affordable) return { found, total: counted, exact: false, match }
    const total = this.#db.get<{ n: number }>(
      `${filter.with} unused AS (SELECT 1) SELECT count(*) AS n ${source}`,
      ...params,
    )
    return { found, total: total?.n ?? 0, exact: !partial, match }
  }
}
