import type { Connection } from './connection.ts'
import { unshadow } from './shadow.ts'

/** A chunk as the full-text index sees it. */
export interface Indexed {
  readonly no: number
  readonly title: string
  readonly headings: string
  readonly body: string
}

const open = '\ufdd0'
const close = '\ufdd1'

/**
 * Cuts snippets around what matches. FTS5 can only do so where it stands in its index: to find each hit again in the
 * large one takes a quarter of a millisecond, so the few hits are put into a small index of their own.
 */
export class Snippets {
  readonly #db: Connection
  #prepared = false

  constructor(db: Connection) {
    this.#db = db
  }

  /** Snippets with `<mark>`, HTML-escaped, by chunk; none of a chunk that the full-text query does not match. */
  of(chunks: readonly Indexed[], match: string): ReadonlyMap<number, string> {
    this.#prepare()
    const { raw } = this.#db
    // Never committed: nothing is to be removed afterwards, and nothing is written anywhere.
    raw.exec('BEGIN')
    try {
      for (const { no, title, headings, body } of chunks) {
        const place = BigInt(no)
        this.#db.run('INSERT INTO temp.shown VALUES (?, ?, ?, ?)', place, title, headings, body)
        this.#db.run(
          'INSERT INTO temp.shown_fts (rowid, title, headings, body) VALUES (?, ?, ?, ?)',
          place,
          title,
          headings,
          body,
        )
      }
      const rows = this.#db.all<{ no: number; snippet: string }>(
        `SELECT rowid AS no, snippet(shown_fts, 2, '${open}', '${close}', '…', 48) AS snippet
         FROM temp.shown_fts WHERE shown_fts MATCH ?`,
        match,
      )
      return new Map(rows.map(({ no, snippet }) => [no, mark(unshadow(snippet))]))
    } finally {
      raw.exec('ROLLBACK')
    }
  }

  #prepare(): void {
    if (this.#prepared) return
    this.#prepared = true
    this.#db.raw.exec(`
      CREATE TABLE temp.shown (no INTEGER PRIMARY KEY, title TEXT, headings TEXT, body TEXT);
      CREATE VIRTUAL TABLE temp.shown_fts USING fts5 (
        title, headings, body, content = 'shown', content_rowid = 'no', tokenize = 'porter unicode61 remove_diacritics 2'
      );
    `)
  }
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** HTML-escaped, with `<mark>` where FTS5 marked. */
export function mark(snippet: string): string {
  return snippet
    .replace(/[&<>"']/g, (character) => entities[character] ?? character)
    .replaceAll(open, '<mark>')
    .replaceAll(close, '</mark>')
}
