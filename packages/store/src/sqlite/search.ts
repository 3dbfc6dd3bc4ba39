import type { SearchAnswer, SearchRequest } from '../store.ts'
import type { Connection } from './connection.ts'
import { toHits } from './hits.ts'
import { KeywordSearch } from './keyword.ts'
import { searchFilter } from './search-filter.ts'

/** Search on one connection; remembers for a minute how common words are. */
export class Search {
  readonly #db: Connection
  readonly #keyword: KeywordSearch

  constructor(db: Connection) {
    this.#db = db
    this.#keyword = new KeywordSearch(db)
  }

  search(request: SearchRequest): SearchAnswer {
    const filter = searchFilter(this.#db, request)
    if (filter === undefined) return { hits: [], total: 0, exact: true }
    const { found, total, exact, match } = this.#keyword.rank(request.query, filter, request.limit, request.offset)
    return { hits: toHits(this.#db, found, match), total, exact }
  }
}
