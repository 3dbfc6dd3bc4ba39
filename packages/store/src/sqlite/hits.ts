import type { SearchHit } from '../store.ts'
import type { Connection } from './connection.ts'
import { chunkId } from './documents-read.ts'
import { documentOf, slots } from './ranking.ts'
import { shownTitle, unshadow } from './shadow.ts'
import { close, type Indexed, open, type SmallIndex } from './small-index.ts'
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
  const shown = new Shown(db, small, match)
  shown.load(found)
  return shown.hits(found)
}

/**
 * The same of a ranking by words, from `offset` on. Where only the title of a document holds what was looked for, all its
 * chunks fit alike, and the shortest comes first: the document's beginning takes its place, and it the beginning's.
 */
export function toKeywordHits(
  db: Connection,
  small: SmallIndex,
  ranked: readonly Found[],
  offset: number,
  match: string | undefined,
): SearchHit[] {
  const page = ranked.slice(offset)
  const wanted = new Set(page.map(({ no }) => documentOf(no)))
  const best = new Map<number, Found>()
  for (const one of ranked) {
    const document = documentOf(one.no)
    if (wanted.has(document) && !best.has(document)) best.set(document, one)
  }
  const shown = new Shown(db, small, match)
  shown.load([...page, ...best.values()])
  const instead = new Map<number, number>()
  for (const { no } of best.values()) {
    if (!shown.isTitleOnly(no)) continue
    const first = beginning(db, no)
    instead.set(no, first).set(first, no)
  }
  const placed = page.map(({ no, score }) => ({ no: instead.get(no) ?? no, score }))
  shown.load(placed)
  return shown.hits(placed)
}

function beginning(db: Connection, no: number): number {
  const document = documentOf(no)
  const row = db.get<{ no: number }>(
    'SELECT no FROM chunks WHERE no >= ? AND no <= ? ORDER BY no LIMIT 1',
    BigInt(document * slots),
    BigInt(no),
  )
  return row?.no ?? no
}

/** Chunks as they are shown, each read and marked once. */
class Shown {
  readonly #db: Connection
  readonly #small: SmallIndex
  readonly #match: string | undefined
  readonly #rows = new Map<number, HitRow>()
  readonly #marked = new Map<number, Indexed>()

  constructor(db: Connection, small: SmallIndex, match: string | undefined) {
    this.#db = db
    this.#small = small
    this.#match = match
  }

  load(found: readonly Found[]): void {
    const added: HitRow[] = []
    for (const { no } of found) {
      if (this.#rows.has(no)) continue
      const row = this.#db.get<HitRow>(
        `SELECT c.no, c.text, c.position, d.id AS documentId, d.title AS shown, d.path, d.entry ->> 'url' AS url,
           d.entry ->> 'updatedAt' AS updatedAt, n.id AS connectorId, l.id AS collectionId, d.search_title AS title,
           coalesce(c.headings_shadow, c.headings) AS headings, coalesce(c.shadow, c.text) AS body
         FROM chunks c JOIN documents d ON d.no = (c.no >> 20) JOIN connectors n ON n.no = d.connector_no
           JOIN collections l ON l.no = n.collection_no WHERE c.no = ?`,
        no,
      )
      if (row === undefined) continue
      this.#rows.set(no, row)
      added.push(row)
    }
    if (this.#match === undefined || added.length === 0) return
    for (const [no, marked] of this.#small.marked(added, this.#match)) this.#marked.set(no, marked)
  }

  /** Whether what was looked for stands neither in the text of a chunk nor in a heading that is not the title. */
  isTitleOnly(no: number): boolean {
    const marked = this.#marked.get(no)
    if (marked === undefined || !marked.title.includes(open) || marked.body.includes(open)) return false
    const title = unmarked(marked.title)
    const headings = JSON.parse(marked.headings) as string[]
    return headings.every((heading) => unmarked(heading) === heading || title.includes(unmarked(heading)))
  }

  hits(found: readonly Found[]): SearchHit[] {
    return found.flatMap(({ no, score }) => {
      const row = this.#rows.get(no)
      if (row === undefined) return []
      const hit = {
        documentId: row.documentId,
        chunkId: chunkId(row.documentId, row.no),
        title: shownTitle(row.shown, row.path),
        url: row.url,
        path: row.path,
        snippet: snippet(unshadow(this.#marked.get(no)?.body ?? row.text)),
        score,
        connectorId: row.connectorId,
        collectionId: row.collectionId,
        position: row.position,
        updatedAt: row.updatedAt,
      }
      return [hit]
    })
  }
}

function unmarked(text: string): string {
  return text.replaceAll(open, '').replaceAll(close, '')
}
