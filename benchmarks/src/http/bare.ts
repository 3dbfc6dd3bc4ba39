import { fileURLToPath } from 'node:url'
import { defineConnector } from '@cx/core'
import type { Parser } from '@cx/core/engine'
import { serve } from '@hono/node-server'
import Database from 'better-sqlite3'
import { Hono } from 'hono'
import { createSync } from '../engine.ts'
import { textOf } from '../words.ts'

export const documents = 20_000
export const chunksEach = 5
const connectors = 200

async function fill(database: string): Promise<void> {
  const connector = defineConnector({
    name: 'generated',
    title: 'Generated',
    description: 'Entries from a counter.',
    config: { type: 'object' },
    auth: {},
    connect: () => ({}),
    check: async () => ({ account: 'bench' }),
    async *list() {
      for (let i = 0; i < documents; i++) yield { id: `${i}`, path: `${i % 100}/${i}.txt`, version: '1', size: 9 }
    },
    read: async (_session, { id }) => ({ body: id, mimeType: 'text/plain' }),
  })
  let made = 0
  const parser: Parser = {
    version: 'bench-1',
    parse: async () => {
      const first = chunksEach * made++
      const chunks = Array.from({ length: chunksEach }, (_, i) => ({
        text: textOf(first + i, 120),
        overlap: 0,
        headings: [],
      }))
      return { ok: true, document: { mimeType: 'text/plain', chunks } }
    },
    close: async () => {},
  }
  const sync = await createSync({ file: database, connector, parser })
  const { progress } = await sync.run()
  await sync.close()
  if (progress.indexed !== documents) throw new Error(`fill: ${JSON.stringify(progress)}`)
  const db = new Database(database)
  const copy = db.prepare(
    `INSERT INTO connectors (id, name, type, collection_no, config, enabled, activated, timezone, limits, created_at, updated_at)
     SELECT 'conn_' || ?, 'copy ' || ?, type, collection_no, config, 1, 1, timezone, limits, created_at, updated_at FROM connectors LIMIT 1`,
  )
  for (let i = 1; i < connectors; i++) copy.run(`${i}`.padStart(26, '0'), i)
  db.close()
}

/** What is left when all that the server does besides is taken away: keys, checks, the envelope, threads. */
function bare(database: string, port: number): void {
  const db = new Database(database, { readonly: true })
  db.pragma('cache_size = -16384')
  const page = db.prepare<[number], { no: number }>(
    `SELECT c.*, l.id AS collection_id, l.name AS collection_name FROM connectors c JOIN collections l ON l.no = c.collection_no
     WHERE c.deleted_at IS NULL ORDER BY c.no LIMIT ?`,
  )
  const total = db.prepare(
    'SELECT count(*) AS n FROM connectors c JOIN collections l ON l.no = c.collection_no WHERE c.deleted_at IS NULL',
  )
  const ranked = db.prepare<[string], { no: number }>(
    `WITH matches AS MATERIALIZED (
       SELECT rowid AS no, -bm25(chunks_fts, 4.0, 2.0, 1.0) AS score FROM chunks_fts WHERE chunks_fts MATCH ? ORDER BY rowid DESC LIMIT 10000
     ) SELECT no, score, (SELECT count(*) FROM matches) AS n FROM matches ORDER BY score DESC, no DESC LIMIT 10`,
  )
  const hit = db.prepare<[number], { path: string }>(
    `SELECT c.text, c.position, d.id, d.title, d.path, d.entry ->> 'url' AS url, d.entry ->> 'updatedAt' AS updatedAt, n.id AS connector,
       l.id AS collection FROM chunks c JOIN documents d ON d.no = (c.no >> 20) JOIN connectors n ON n.no = d.connector_no
     JOIN collections l ON l.no = n.collection_no WHERE c.no = ?`,
  )
  const snippet = db.prepare<[string, number], { snippet: string }>(
    "SELECT snippet(chunks_fts, 2, '<mark>', '</mark>', '…', 48) AS snippet FROM chunks_fts WHERE chunks_fts MATCH ? AND rowid = ?",
  )
  const app = new Hono()
  app.get('/healthz', (context) => context.json({}))
  app.get('/connectors', (context) => context.json({ rows: page.all(20), total: total.get() }))
  app.post('/search', async (context) => {
    const { query } = await context.req.json<{ query: string }>()
    const match = query
      .split(' ')
      .map((word) => `"${word}"`)
      .join(' AND ')
    const rows = ranked.all(match).map(({ no }) => {
      const { text: _, ...rest } = hit.get(no) as { path: string; text: string }
      return { ...rest, ...snippet.get(match, no) }
    })
    return context.json({ rows })
  })
  serve({ fetch: app.fetch, port, hostname: '127.0.0.1' })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , role, database, port] = process.argv
  if (role === 'fill') {
    await fill(database!)
    console.log('{}')
  } else bare(database!, Number(port))
}
