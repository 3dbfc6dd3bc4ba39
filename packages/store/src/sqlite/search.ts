import type { SearchHit, SearchRequest } from '../store.ts'
import { mine, readableAcls } from './access.ts'
import type { Connection, Param } from './connection.ts'
import { chunkId } from './documents-read.ts'
import { ftsQuery, parseQuery, type Term } from './query.ts'
import { shadow, shownTitle, unshadow } from './shadow.ts'

/** Share of all chunks above which a word says too little to be looked for beside others. */
const commonShare = 0.15
/** Below so many chunks nothing is worth dropping. */
const smallIndex = 20_000
const vocabularyAgeMs = 60_000

/** Weights of title, headings and body. */
const rank = 'bm25(4.0, 2.0, 1.0)'
const open = '\ufdd0'
const close = '\ufdd1'

interface Filter {
  /** A WITH clause, joins and conditions on the documents that a match leads to. */
  readonly prefix: string
  readonly join: string
  readonly where: string
  readonly prefixParams: readonly Param[]
  readonly whereParams: readonly Param[]
}

interface HitRow {
  readonly no: number
  readonly score: number
  readonly snippet: string
  readonly documentId: string
  readonly title: string | null
  readonly path: string
  readonly url: string | null
  readonly updatedAt: string | null
  readonly connectorId: string
  readonly collectionId: string
  readonly position: number
}

/** Full-text search on one connection; remembers for a minute how common words are. */
export class Search {
  readonly #db: Connection
  readonly #common = new Map<string, boolean>()
  #chunks = 0
  #countedAt = 0
  #prepared = false

  constructor(db: Connection) {
    this.#db = db
  }

  search(request: SearchRequest): { readonly hits: readonly SearchHit[]; readonly total: number } {
    const { wanted, excluded } = parseQuery(request.query)
    const filter = this.#filter(request)
    const terms = this.#usable(wanted)
    if (terms.length === 0 || filter === undefined) return { hits: [], total: 0 }
    const rest = this.#usable(excluded)
    const strict = this.#run(ftsQuery(this.#telling(terms), rest, 'AND'), request, filter)
    if (strict.total > 0 || terms.length === 1) return strict
    return this.#run(ftsQuery(this.#telling(terms), rest, 'OR'), request, filter)
  }

  /** @returns undefined when nothing can match. */
  #filter({ collections, filters = {}, principal }: SearchRequest): Filter | undefined {
    const all = this.#db.all<{ no: number; id: string; type: string; collection: string; deleted: number }>(
      `SELECT c.no, c.id, c.type, l.id AS collection, c.deleted_at IS NOT NULL AS deleted
       FROM connectors c JOIN collections l ON l.no = c.collection_no`,
    )
    const allowed = all.filter(
      (c) =>
        c.deleted === 0 &&
        collections.includes(c.collection) &&
        (filters.connectors === undefined || filters.connectors.includes(c.id)) &&
        (filters.types === undefined || filters.types.includes(c.type)),
    )
    if (allowed.length === 0) return undefined
    const where: string[] = []
    const params: Param[] = []
    if (allowed.length < all.length) {
      where.push('d.connector_no IN (SELECT value FROM json_each(?))')
      params.push(JSON.stringify(allowed.map((c) => c.no)))
    }
    if (filters.mimeTypes !== undefined) {
      where.push('d.mime_type IN (SELECT value FROM json_each(?))')
      params.push(JSON.stringify(filters.mimeTypes))
    }
    if (filters.pathPrefix !== undefined && filters.pathPrefix !== '') {
      where.push('substr(d.path, 1, length(?)) = ?')
      params.push(filters.pathPrefix, filters.pathPrefix)
    }
    if (filters.updatedAfter !== undefined) {
      where.push('d.updated_ms >= ?')
      params.push(filters.updatedAfter)
    }
    if (filters.updatedBefore !== undefined) {
      where.push('d.updated_ms < ?')
      params.push(filters.updatedBefore)
    }
    const person = principal === undefined ? undefined : mine(principal)
    if (person !== undefined) where.push(`d.acl_no IN (${readableAcls})`)
    return {
      prefix: person?.sql ?? '',
      prefixParams: person?.params ?? [],
      join: where.length === 0 ? '' : 'CROSS JOIN documents d ON d.no = (f.rowid >> 20)',
      where: where.map((condition) => ` AND ${condition}`).join(''),
      whereParams: params,
    }
  }

  #run(
    match: string,
    request: SearchRequest,
    filter: Filter,
  ): { readonly hits: readonly SearchHit[]; readonly total: number } {
    const { prefix, join, where, prefixParams, whereParams } = filter
    const rows = this.#db.all<HitRow>(
      `${prefix}${prefix === '' ? 'WITH' : ','} best AS MATERIALIZED (
         SELECT f.rowid AS no, f.rank AS score, snippet(chunks_fts, 2, '${open}', '${close}', '…', 48) AS snippet
         FROM chunks_fts f ${join}
         WHERE chunks_fts MATCH ? AND f.rank MATCH '${rank}' ${where} ORDER BY f.rank LIMIT ? OFFSET ?
       )
       SELECT b.no, b.score, b.snippet, d.id AS documentId, d.title, d.path, d.entry ->> 'url' AS url,
         d.entry ->> 'updatedAt' AS updatedAt, n.id AS connectorId, l.id AS collectionId, c.position
       FROM best b CROSS JOIN chunks c ON c.no = b.no CROSS JOIN documents d ON d.no = (b.no >> 20)
         CROSS JOIN connectors n ON n.no = d.connector_no CROSS JOIN collections l ON l.no = n.collection_no`,
      ...prefixParams,
      match,
      ...whereParams,
      request.limit,
      request.offset,
    )
    // A first page that is not full is all there is.
    const complete = request.offset === 0 && rows.length < request.limit
    const total = complete
      ? rows.length
      : (this.#db.get<{ n: number }>(
          `${prefix} SELECT count(*) AS n FROM chunks_fts f ${join} WHERE chunks_fts MATCH ? ${where}`,
          ...prefixParams,
          match,
          ...whereParams,
        )?.n ?? 0)
    return { hits: rows.map(toHit), total }
  }

  /** Terms that the tokenizer finds a word in; one without would match nothing. */
  #usable(terms: readonly Term[]): readonly Term[] {
    const words = this.#tokens(terms)
    return terms.filter((_, i) => (words.get(i)?.length ?? 0) > 0)
  }

  /** The terms without very common words, unless there are no others. */
  #telling(terms: readonly Term[]): readonly Term[] {
    this.#refresh()
    if (terms.length < 2 || this.#chunks < smallIndex) return terms
    const words = this.#tokens(terms)
    const kept = terms.filter((term, i) => {
      const [word, ...more] = words.get(i) ?? []
      return term.kind !== 'word' || more.length > 0 || word === undefined || !this.#isCommon(word)
    })
    return kept.length === 0 ? terms : kept
  }

  #isCommon(word: string): boolean {
    let common = this.#common.get(word)
    if (common === undefined) {
      const row = this.#db.get<{ doc: number }>('SELECT doc FROM temp.vocabulary WHERE term = ?', word)
      common = (row?.doc ?? 0) > this.#chunks * commonShare
      this.#common.set(word, common)
    }
    return common
  }

  #refresh(): void {
    this.#prepare()
    if (Date.now() - this.#countedAt < vocabularyAgeMs && this.#common.size < 10_000) return
    this.#common.clear()
    this.#countedAt = Date.now()
    this.#chunks = this.#db.get<{ n: number }>('SELECT ifnull(sum(chunks), 0) AS n FROM document_counts')?.n ?? 0
  }

  /** What the index would make of each term: stemmed, folded words. The tokenizer can only be asked through a table. */
  #tokens(terms: readonly Term[]): Map<number, string[]> {
    this.#prepare()
    const words = new Map<number, string[]>()
    for (const [i, term] of terms.entries())
      this.#db.run('INSERT INTO temp.probe (rowid, text) VALUES (?, ?)', i, shadow(term.text))
    for (const { doc, term } of this.#db.all<{ doc: number; term: string }>('SELECT doc, term FROM temp.probe_words')) {
      const found = words.get(doc)
      if (found === undefined) words.set(doc, [term])
      else found.push(term)
    }
    this.#db.run(`INSERT INTO temp.probe (probe) VALUES ('delete-all')`)
    return words
  }

  #prepare(): void {
    if (this.#prepared) return
    this.#prepared = true
    this.#db.raw.exec(`
      CREATE VIRTUAL TABLE temp.probe USING fts5 (text, content = '', tokenize = 'porter unicode61 remove_diacritics 2');
      CREATE VIRTUAL TABLE temp.probe_words USING fts5vocab (temp, probe, instance);
      CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, chunks_fts, row);
    `)
  }
}

function toHit(row: HitRow): SearchHit {
  return {
    documentId: row.documentId,
    chunkId: chunkId(row.documentId, row.no),
    title: shownTitle(row.title, row.path),
    url: row.url,
    path: row.path,
    snippet: markSnippet(row.snippet),
    score: -row.score,
    connectorId: row.connectorId,
    collectionId: row.collectionId,
    position: row.position,
    updatedAt: row.updatedAt,
  }
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function markSnippet(snippet: string): string {
  return unshadow(snippet)
    .replace(/[&<>"']/g, (character) => entities[character] ?? character)
    .replaceAll(open, '<mark>')
    .replaceAll(close, '</mark>')
}
