import type { Connection } from './connection.ts'
import type { Found } from './hits.ts'
import { type Matches, matches } from './matches.ts'
import { ftsQuery, parseQuery } from './query.ts'
import { depth, spread } from './ranking.ts'
import type { Filter } from './search-filter.ts'
import type { Indexed, SmallIndex } from './small-index.ts'
import { type Selection, Vocabulary } from './vocabulary.ts'

/** Weights of title, headings and body. */
const weights = '4.0, 2.0, 1.0'
/** Matches that are looked at where there is nothing to rank by. */
const mostUnranked = 1_000
/** Matches of what is costly to weigh that are weighed by themselves: 170 µs each. */
const mostWeighed = 50
/** How many times less are ranked of very many words with one prefix: each is counted in each match. */
const partialCost = 4
/** The newest share of an index in which a costly phrase is looked for first; doubled until there are enough matches. */
const firstPart = 1 / 32

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
  readonly #small: SmallIndex
  readonly #vocabulary: Vocabulary

  constructor(db: Connection, small: SmallIndex) {
    this.#db = db
    this.#small = small
    this.#vocabulary = new Vocabulary(db)
  }

  /** The best chunks with all words or, if there are none, with any. */
  rank(query: string, filter: Filter, most: number): Ranked {
    const { wanted, excluded } = parseQuery(query)
    const terms = this.#vocabulary.usable(wanted)
    if (terms.length === 0) return nothing
    const rest = this.#vocabulary.usable(excluded)
    const run = (join: 'AND' | 'OR') => {
      const selection = this.#vocabulary.select(terms, join)
      const match = ftsQuery(selection.terms, rest, join)
      const source = matches(this.#db, match, filter, selection.rows)
      const ranked = selection.costly ? this.#newest(source, match, most) : this.#best(source, match, selection, most)
      return { ...ranked, match, exact: ranked.exact && !selection.partial }
    }
    const strict = run('AND')
    return strict.total > 0 || terms.length === 1 ? strict : run('OR')
  }

  #best(source: Matches, match: string, { frequency, ranked, partial }: Selection, wanted: number): Ranked {
    const { mostToRank, mostToRead } = this.#vocabulary
    const most = Math.max(!ranked ? mostUnranked : partial ? Math.ceil(mostToRank / partialCost) : mostToRank, wanted)
    const rows = this.#db.all<Found & { n: number }>(
      `${source.with} matches AS MATERIALIZED (
         SELECT f.rowid AS no, ${ranked ? `-bm25(chunks_fts, ${weights})` : '0.0'} AS score ${source.source}
         ORDER BY f.rowid DESC LIMIT ?
       )
       SELECT no, score, (SELECT count(*) FROM matches) AS n FROM matches ORDER BY score DESC, no DESC LIMIT ?`,
      ...source.params,
      most,
      Math.max(depth, wanted),
    )
    const found = spread(rows.map(({ no, score }) => ({ no, score }))).slice(0, wanted)
    const counted = rows[0]?.n ?? 0
    if (counted < most) return { found, total: counted, exact: true, match }
    if (frequency * Math.max(2, source.cost) > mostToRead) return { found, total: counted, exact: false, match }
    const total = this.#db.get<{ n: number }>(
      `${source.with} unused AS (SELECT 1) SELECT count(*) AS n ${source.source}`,
      ...source.params,
    )
    return { found, total: total?.n ?? 0, exact: true, match }
  }

  /**
   * A phrase of common words: to weigh it in the index would compare all its places a second time. Parts of the index
   * are read from the newest on until there are enough matches; the newest of those are weighed by themselves.
   */
  #newest(source: Matches, match: string, wanted: number): Ranked {
    const most = Math.max(mostUnranked, wanted)
    const last = this.#db.get<{ no: number }>('SELECT ifnull(max(no), 0) AS no FROM chunks')?.no ?? 0
    const found: number[] = []
    let below = last + 1
    for (let part = firstPart; below > 0 && found.length < most; part *= 2) {
      const from = Math.max(0, Math.floor(last * (1 - part)))
      const rows = this.#db.all<{ no: number }>(
        `${source.with} unused AS (SELECT 1) SELECT f.rowid AS no ${source.source} AND f.rowid >= CAST(? AS INTEGER) AND f.rowid < CAST(? AS INTEGER)`,
        ...source.params,
        from,
        below,
      )
      for (const { no } of rows.reverse()) found.push(no)
      below = from
    }
    const total = found.length
    const ranked = spread(this.#weigh(found, match))
    return { found: ranked.slice(0, wanted), total, exact: below === 0, match }
  }

  #weigh(found: readonly number[], match: string): readonly Found[] {
    const chunks = found.slice(0, mostWeighed).flatMap((no) => {
      const row = this.#db.get<Indexed>('SELECT no, title, headings, body FROM chunk_search WHERE no = ?', no)
      return row === undefined ? [] : [row]
    })
    const scores = this.#small.weighed(chunks, match, weights)
    return found.map((no) => ({ no, score: scores.get(no) ?? 0 })).sort((a, b) => b.score - a.score || b.no - a.no)
  }
}
