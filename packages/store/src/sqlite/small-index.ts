import type { Connection } from './connection.ts'

/** A chunk as the full-text index sees it. */
export interface Indexed {
  readonly no: number
  readonly title: string
  readonly headings: string
  readonly body: string
}

/** What stands before and after a match: no text has these. */
export const open = '\ufdd0'
export const close = '\ufdd1'

/**
 * A full-text index of a few chunks. FTS5 marks and weighs only what stands in its index: to find a chunk again in the
 * large one takes a quarter of a millisecond, and to weigh there reads all lists of a phrase a second time.
 */
export class SmallIndex {
  readonly #db: Connection
  #prepared = false

  constructor(db: Connection) {
    this.#db = db
  }

  /** Those that match, `open` and `close` around what does. */
  marked(chunks: readonly Indexed[], match: string): ReadonlyMap<number, Indexed> {
    const columns = ['title', 'headings', 'body'].map(
      (column, i) => `highlight(small_fts, ${i}, '${open}', '${close}') AS ${column}`,
    )
    const rows = this.#ask<Indexed>(chunks, columns.join(), match)
    return new Map(rows.map((row) => [row.no, row]))
  }

  /** How well each fits that matches, with the weights of title, headings and body; only to compare them. */
  weighed(chunks: readonly Indexed[], match: string, weights: string): ReadonlyMap<number, number> {
    const rows = this.#ask<{ no: number; score: number }>(chunks, `-bm25(small_fts, ${weights}) AS score`, match)
    return new Map(rows.map(({ no, score }) => [no, score]))
  }

  #ask<T>(chunks: readonly Indexed[], what: string, match: string): readonly T[] {
    this.#prepare()
    const { raw } = this.#db
    // Never committed: nothing is to be removed afterwards, and nothing is written anywhere.
    raw.exec('BEGIN')
    try {
      for (const { no, title, headings, body } of chunks) {
        const place = BigInt(no)
        this.#db.run('INSERT INTO temp.small VALUES (?, ?, ?, ?)', place, title, headings, body)
        this.#db.run(
          'INSERT INTO temp.small_fts (rowid, title, headings, body) VALUES (?, ?, ?, ?)',
          place,
          title,
          headings,
          body,
        )
      }
      return this.#db.all<T>(`SELECT rowid AS no, ${what} FROM temp.small_fts WHERE small_fts MATCH ?`, match)
    } finally {
      raw.exec('ROLLBACK')
    }
  }

  #prepare(): void {
    if (this.#prepared) return
    this.#prepared = true
    this.#db.raw.exec(`
      CREATE TABLE temp.small (no INTEGER PRIMARY KEY, title TEXT, headings TEXT, body TEXT);
      CREATE VIRTUAL TABLE temp.small_fts USING fts5 (
        title, headings, body, content = 'small', content_rowid = 'no', tokenize = 'porter unicode61 remove_diacritics 2'
      );
    `)
  }
}
