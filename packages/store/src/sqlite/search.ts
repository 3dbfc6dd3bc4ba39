import type { SearchAnswer, SearchRequest } from '../store.ts'
import type { Connection } from './connection.ts'
import { toHits, toKeywordHits } from './hits.ts'
import { KeywordSearch } from './keyword.ts'
import { fuse, spread } from './ranking.ts'
import { type Filter, searchFilter } from './search-filter.ts'
import { SemanticSearch } from './semantic.ts'
import { SmallIndex } from './small-index.ts'

/** How deep rankings go that are fused or made of vectors. */
const depth = 1_000

/** Search on one connection; remembers for a minute how common words are. */
export class Search {
  readonly #db: Connection
  readonly #keyword: KeywordSearch
  readonly #semantic: SemanticSearch
  readonly #small: SmallIndex

  constructor(db: Connection) {
    this.#db = db
    this.#small = new SmallIndex(db)
    this.#keyword = new KeywordSearch(db, this.#small)
    this.#semantic = new SemanticSearch(db)
  }

  search(request: SearchRequest): SearchAnswer {
    const filter = searchFilter(this.#db, request)
    if (filter === undefined) return { hits: [], total: 0, exact: true }
    if (request.mode === 'semantic' || request.mode === 'hybrid') return this.#fused(request, filter)
    const { query, limit, offset } = request
    const { found, total, exact, match } = this.#keyword.rank(query, filter, limit + offset)
    return { hits: toKeywordHits(this.#db, this.#small, found, offset, match), total, exact }
  }

  #fused({ query, mode, vectors = [], limit, offset }: SearchRequest, filter: Filter): SearchAnswer {
    const keyword = mode === 'hybrid' ? this.#keyword.rank(query, filter, depth) : undefined
    const nearest = vectors.map((vector) => this.#semantic.nearest(vector, filter, depth))
    const rankings = keyword === undefined ? nearest : [keyword.found, ...nearest]
    const [only] = rankings
    const all = rankings.length === 1 && only !== undefined ? only : spread(fuse(rankings))
    const hits = toHits(this.#db, this.#small, all.slice(offset, offset + limit), keyword?.match)
    return { hits, total: all.length, exact: rankings.every((ranking) => ranking.length < depth) }
  }
}
