import type { SearchHit } from '../store.ts'
import type { Connection } from './connection.ts'
import { chunkId } from './documents-read.ts'
import { shownTitle, unshadow } from './shadow.ts'
import type { Indexed, SmallIndex } from './small-index.ts'
import { snippet } from './snippet.ts'

/** A chunk found, and how well it fits: more is better. */
export interface Found {
  readonly no: number
  readonly score: number
}

interface HitRow extends Indexed {
  readonly text: string
  readonly position: number
  readonly documentId: string
  readonly shown: string | null
  readonly path: string
  readonly url: string | null
  readonly updatedAt: string | null
  readonly connectorId: string
  readonly collectionId: string
}

/** What is shown of each chunk found, in their order. `match` is the full-text query whose words are marked. */
export function toHits(
  db: Connection,
  small: SmallIndex,
  found: readonly Found[],
  match: string | undefined,
): SearchHit[] {
  const rows = found.flatMap(({ no, score }) => {
    const row = db.get<HitRow>(
      `SELECT c.no, c.text, c.position, d.id AS documentId, d.title AS shown, d.path, d.entry ->> 'url' AS url,
         d.entry ->> 'updatedAt' AS updatedAt, n.id AS connectorId, l.id AS collectionId, d.search_title AS title,
         coalesce(c.headings_shadow, c.headings) AS headings, coalesce(c.shadow, c.text) AS body
       FROM chunks c JOIN documents d ON d.no = (c.no >> 20) JOIN connectors n ON n.no = d.connector_no
         JOIN collections l ON l.no = n.collection_no WHERE c.no = ?`,
      no,
    )
    return row === undefined ? [] : [{ row, score }]
  })
  const marked =
    match === undefined || rows.length === 0
      ? undefined
      : small.marked(
          rows.map(({ row }) => row),
          match,
        )
  return rows.map(({ row, score }) => ({
    documentId: row.documentId,
    chunkId: chunkId(row.documentId, row.no),
    title: shownTitle(row.shown, row.path),
    url: row.url,
    path: row.path,
    snippet: snippet(unshadow(marked?.get(row.no) ?? row.text)),
    score,
    connectorId: row.connectorId,
    collectionId: row.collectionId,
    position: row.position,
    updatedAt: row.updatedAt,
  }))
}
