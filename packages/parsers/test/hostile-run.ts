import { createParserPool } from '../src/index.ts'
import { hostileDocuments, ordinaryDocuments } from './hostile-documents.ts'

/** Run as a process of its own, so that its memory is that of the pool alone; prints one line of JSON. */
const pool = createParserPool({
  workers: 2,
  timeoutMs: 8_000,
  heapMb: 192,
  formatModules: [new URL('./hostile-formats.ts', import.meta.url).href],
})
const { signal } = new AbortController()
const hostile = hostileDocuments()
const ordinary = ordinaryDocuments(400)
// Spread evenly: each hostile document has ordinary ones before and behind it, in its own task too.
const all = [...hostile, ...ordinary]
  .map((document, index) => ({
    document,
    isHostile: index < hostile.length,
    place: index < hostile.length ? index / hostile.length : (index - hostile.length) / ordinary.length,
  }))
  .toSorted((left, right) => left.place - right.place)
const rssBefore = process.memoryUsage().rss
const results = await Promise.all(
  all.map(async ({ document, isHostile }) => {
    const outcome = await pool.parse({ ...document }, { signal })
    const text = outcome.ok ? outcome.document.chunks.map((chunk) => chunk.text).join('') : ''
    return {
      filename: document.filename,
      isHostile,
      code: outcome.ok ? 'ok' : outcome.code,
      message: outcome.ok ? '' : outcome.message,
      isWhole: text.includes('Ordinary words'),
    }
  }),
)
const peakMb = Math.round(process.resourceUsage().maxRSS / 1024)
await pool.close()
console.log(JSON.stringify({ results, peakMb, rssBeforeMb: Math.round(rssBefore / 1e6) }))
