// Figures of the embedded store, in CPU time: node --conditions=cx-source packages/store/test/measure.ts [chunks]
import type { Outcome, RunKey } from '@cx/core/engine'
import { openTestStore } from './open-store.ts'

const chunkCount = Number(process.argv[2] ?? 100_000)
const entryCount = 200_000
const versions = { pipeline: 'p', skipPipeline: 'p' }

let seed = 1
function random(): number {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
  return seed / 2_147_483_648
}
/** Words as frequent as words are: the n-th about 1/n of the first. */
function word(): string {
  return `w${Math.floor(30_000 ** random())}`
}
function text(words: number): string {
  return Array.from({ length: words }, word).join(' ')
}
/** CPU time of all threads, in ms: wall time says little on a busy machine. */
async function timed<T>(work: () => Promise<T>): Promise<[number, T]> {
  const start = process.cpuUsage()
  const value = await work()
  const { user, system } = process.cpuUsage(start)
  return [(user + system) / 1000, value]
}
function percentile(times: number[], share: number): string {
  return `${times.sort((a, b) => a - b)[Math.floor(times.length * share)]?.toFixed(1)} ms`
}

const { store, collectionId, newConnector, close } = await openTestStore()

async function job(connectorId: string): Promise<RunKey> {
  await store.enqueue({ connectorId, kind: 'sync', params: {} })
  const claimed = await store.claim('measure', 3_600_000)
  return { jobId: claimed!.id, connectorId, attempt: claimed!.attempt }
}

async function diffAll(run: RunKey): Promise<void> {
  const generation = await store.beginListing(run)
  for (let from = 0; from < entryCount; from += 1_000) {
    const ids = Array.from({ length: 1_000 }, (_, i) => `folder-${(from + i) % 97}/document-${from + i}.txt`)
    const rest = { versions: ids.map(() => 'v1'), fingerprints: ids.map(() => 7), bypass: false, ...versions }
    await store.diff(run, { generation, ids, paths: ids, ...rest })
  }
  await store.endListing(run, { generation, whole: true })
}

const listed = (await newConnector()).id
const first = await job(listed)
const [newMs] = await timed(() => diffAll(first))
console.log(`diff, ${entryCount} new entries: ${Math.round(entryCount / (newMs / 1000))} entries/s`)
for (let page = await store.stale(first, { ...versions, limit: 1_000 }); page.length > 0; ) {
  const outcomes = page.map(
    ({ entry, fingerprint }): Outcome => ({
      kind: 'indexed',
      entry,
      fingerprint,
      bytes: 1,
      contentHash: '',
      document: { mimeType: 'text/plain', chunks: [] },
    }),
  )
  await store.commit(first, { generation: null, outcomes, ...versions })
  page = await store.stale(first, { ...versions, limit: 1_000, after: page.at(-1)!.entry.id })
}
await store.finish(first, { status: 'completed' })
const second = await job(listed)
const [sameMs] = await timed(() => diffAll(second))
console.log(`diff, ${entryCount} unchanged entries: ${Math.round(entryCount / (sameMs / 1000))} entries/s`)
await store.finish(second, { status: 'completed' })

const indexed = (await newConnector()).id
const writing = await job(indexed)
const acls = Array.from({ length: 50 }, (_, i) => ({ allOf: [[{ type: 'user' as const, id: `u${i}` }]] }))
let written = 0
let writeMs = 0
for (let document = 0; written < chunkCount; ) {
  const outcomes: Outcome[] = []
  for (let chunks = 0; chunks < 500; chunks += 5) {
    const id = `d${document++}`
    outcomes.push({
      kind: 'indexed',
      entry: { id, path: `${id}.txt`, version: '1', title: text(4), acl: acls[document % 50]! },
      fingerprint: 1,
      bytes: 1,
      contentHash: '',
      document: {
        mimeType: 'text/plain',
        chunks: Array.from({ length: 5 }, () => ({ text: text(120), overlap: 0, headings: ['Part'] })),
      },
    })
  }
  const [ms] = await timed(() => store.commit(writing, { generation: null, outcomes, ...versions }))
  writeMs += ms
  written += 500
}
console.log(`chunks with full text, batches of 500: ${Math.round(written / (writeMs / 1000))} chunks/s`)
await store.finish(writing, { status: 'completed' })

/** From the middle of the vocabulary, as words that people look for are. */
function telling(): string {
  return `w${Math.floor(50 * 100 ** random())}`
}
for (const [name, makeQuery, principal] of [
  ['two words', () => `${telling()} ${telling()}`, undefined],
  ['two words and a common one', () => `${telling()} ${telling()} w${Math.floor(60 ** random())}`, undefined],
  ['two words, stop words among them', () => text(2), undefined],
  ['three words, stop words among them', () => text(3), undefined],
  ['two words, as a person', () => `${telling()} ${telling()}`, 'u7'],
] as const) {
  const times: number[] = []
  let inexact = 0
  for (let i = 0; i < 200; i++) {
    const request = { query: makeQuery(), collections: [collectionId], limit: 20, offset: 0 }
    const [ms, { exact }] = await timed(() => store.search(principal ? { ...request, principal } : request))
    times.push(ms)
    if (!exact) inexact++
  }
  const shares = `p50 ${percentile(times, 0.5)}, p95 ${percentile(times, 0.95)}`
  console.log(`search at ${written} chunks, ${name}: ${shares}, ${inexact} of 200 totals are lower bounds`)
}

const [pageMs, page] = await timed(() => store.documents({ connectorId: listed }, { limit: 20 }))
const last = (entryCount - 20).toString(36)
const [lastMs] = await timed(() => store.documents({ connectorId: listed }, { limit: 20, after: last }))
console.log(`first page of ${page.total} documents: ${pageMs.toFixed(1)} ms, last by cursor: ${lastMs.toFixed(1)} ms`)
const times: number[] = []
for (let i = 0; i < 2_000; i++) times.push((await timed(() => store.connectors({ limit: 20 })))[0])
console.log(`connectors: p50 ${((times.sort((a, b) => a - b)[1_000] ?? 0) * 1000).toFixed(0)} µs`)
await close()
