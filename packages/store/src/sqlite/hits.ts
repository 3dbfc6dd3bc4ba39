import type { SearchHit } from '../store.ts'
import type { Connection } from './connection.ts'
import { chunkId } from './documents-read.ts'
import { shownTitle, unshadow } from './shadow.ts'

/** A chunk found, and how well it fits: more is better. */
export interface Found {
  readonly no: number
  readonly score: number
}

interface HitRow {
  readonly no: number
  readonly text: string
  readonly position: number
  readonly documentId: string
  readonly title: string | null
  readonly path: string
  readonly url: string | null
  readonly updatedAt: string | null
  readonly connectorId: string
  readonly collectionId: string
}

const open = '\ufdd0'
const close = '\ufdd1'
/** Characters of a snippet in which nothing is marked. */
const leadLength = 300

/** What is shown of each chunk found, in their order. `match` is the full-text query whose words are marked. */
export function toHits(db: Connection, found: readonly Found[], match: string | undefined): SearchHit[] {
  const hits: SearchHit[] = []
  for (const { no, score } of found) {
    const row = db.get<HitRow>(
      `SELECT c.no, c.text, c.position, d.id AS documentId, d.title, d.path, d.entry ->> 'url' AS url,
         d.entry ->> 'updatedAt' AS updatedAt, n.id AS connectorId, l.id AS collectionId
       FROM chunks c JOIN documents d ON d.no = (c.no >> 20) JOIN connectors n ON n.no = d.connector_no
         JOIN collections l ON l.no = n.collection_no WHERE c.no = ?`,
      no,
    )
    if (row === undefined) continue
    const { text: _text, no: _no, title, ...rest } = row
    hits.push({
      ...rest,
      chunkId: chunkId(row.documentId, no),
      title: shownTitle(title, row.path),
      snippet: snippet(db, row, match),
      score,
    })
  }
  return hits
}

function snippet(db: Connection, { no, text }: HitRow, match: string | undefined): string {
  const marked =
    match === undefined
      ? undefined
      : db.get<{ snippet: string }>(
          `SELECT snippet(chunks_fts, 2, '${open}', '${close}', '…', 48) AS snippet
           FROM chunks_fts WHERE chunks_fts MATCH ? AND rowid = ?`,
          match,
          // Numbers are bound as REAL, and FTS5 then ignores the row it is asked for.
          BigInt(no),
        )?.snippet
  return markSnippet(marked === undefined ? lead(text) : unshadow(marked))
}

function lead(text: string): string {
  if (text.length <= leadLength) return text
  const cut = text.slice(0, leadLength)
  // Not through the middle of a pair.
  return `${cut.replace(/[\ud800-\udbff]$/, '')}…`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function markSnippet(snippet: string): string {
  return snippet
    .replace(/[&<>"']/g, (character) => entities[character] ?? character)
    .replaceAll(open, '<mark>')
    .replaceAll(close, '</mark>')
}
