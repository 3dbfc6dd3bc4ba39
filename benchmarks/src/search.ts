import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Outcome } from '@cx/core/engine'
import type { SearchRequest } from '@cx/store'
import { indexed, openFilled, versions } from './filled.ts'
import { inFolder, inProcess, percentile, type Row, row } from './measure.ts'
import { known } from './search-known.ts'
import { textOf, wordAt } from './words.ts'

const sizes = [
  { chunks: 100_000, goal: 20 },
  { chunks: 1_000_000, goal: 100 },
] as const
const queries = 200
const wordsInChunk = 120
const chunksInDocument = 5
const people = 50
const connectors = 4

interface Result {
  readonly what: string
  readonly p50: number
  readonly p95: number
  /** CPU time of all threads: says more than the clock where other work goes on. */
  readonly cpu95: number
  readonly inexact: number
}

/** Keyword search as the store answers it, thread and snippets included, over words as common as in a language. */
export async function search(): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const { chunks, goal } of sizes) {
    const found = await inFolder((folder) =>
      inProcess<readonly Result[]>(fileURLToPath(import.meta.url), String(chunks), join(folder, 'cx.db')),
    )
    for (const { what, p50, p95, cpu95, inexact } of found) {
      const figure = `p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms (CPU ${cpu95.toFixed(1)} ms)${inexact > 0 ? `, ${inexact} of ${queries} totals are lower bounds` : ''}`
      rows.push(row(`Search in ${chunks.toLocaleString('en')} chunks: ${what}`, figure, `p95 < ${goal} ms`, p95 < goal))
    }
  }
  return [...rows, ...(await known())]
}

let state = 1
/** Between 0 and 1, the same at each run. */
function random(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return state / 2 ** 32
}

/** From the middle of the vocabulary, as words that people look for are. */
const telling = () => wordAt(Math.floor(50 * 100 ** random()))
/** As often as it stands in texts: every third is a stop word. */
const drawn = () => wordAt(Math.floor(20_000 ** random()))
/** One of the sixty most common. */
const common = () => wordAt(Math.floor(60 ** random()))
const several = (count: number, word: () => string) => Array.from({ length: count }, word).join(' ')
/** Three words that do stand beside each other somewhere. */
const phrase = (chunks: number) => {
  const words = textOf(Math.floor(random() * chunks), wordsInChunk).split(' ')
  const at = Math.floor(random() * (wordsInChunk - 3))
  return `"${words.slice(at, at + 3).join(' ')}"`
}

type Question = Partial<SearchRequest> & { readonly query: string }

function questions(chunks: number, connectorIds: readonly string[]): Readonly<Record<string, () => Question>> {
  const filters = { connectors: connectorIds.slice(0, 1), mimeTypes: ['text/markdown'] }
  return {
    'two words': () => ({ query: several(2, telling) }),
    'three words': () => ({ query: several(3, telling) }),
    'two words and a common one': () => ({ query: `${several(2, telling)} ${common()}` }),
    'two words drawn by frequency': () => ({ query: several(2, drawn) }),
    'three words drawn by frequency': () => ({ query: several(3, drawn) }),
    'two of the most common words': () => ({ query: several(2, common) }),
    'three of the most common words': () => ({ query: several(3, common) }),
    'a phrase of three words': () => ({ query: phrase(chunks) }),
    'a word and a prefix': () => ({ query: `${telling()} ${telling().slice(0, 3)}*` }),
    'two words, one connector and type of file': () => ({ query: several(2, telling), filters }),
    'two words, as a person who may read 2 %': () => ({ query: several(2, telling), principal: 'person7@example.com' }),
    'three words drawn by frequency, as that person': () => ({
      query: several(3, drawn),
      principal: 'person7@example.com',
    }),
  }
}

async function measure(chunks: number, file: string): Promise<readonly Result[]> {
  const { store, collectionId, newConnector, job, close } = await openFilled(file)
  const ids = await Promise.all(Array.from({ length: connectors }, () => newConnector()))
  for (const [n, id] of ids.entries()) {
    const run = await job(id)
    for (let from = n; from < chunks / chunksInDocument; from += connectors * 100) {
      const outcomes: Outcome[] = []
      for (let i = from; i < Math.min(from + connectors * 100, chunks / chunksInDocument); i += connectors) {
        const texts = Array.from({ length: chunksInDocument }, (_, j) => textOf(i * chunksInDocument + j, wordsInChunk))
        const reader = { type: 'user', id: `u${i % people}`, email: `person${i % people}@example.com` } as const
        const entry = { id: `${i}`, path: `${i % 100}/${i}.txt`, version: '1', title: textOf(-i - 2, 4) }
        const mimeType = i % 8 < 4 ? 'text/markdown' : 'text/plain'
        outcomes.push(indexed({ ...entry, acl: { allOf: [[reader]] } }, texts, mimeType))
      }
      await store.commit(run, { generation: null, outcomes, ...versions })
    }
    await store.finish(run, { status: 'completed' })
  }
  const found: Result[] = []
  for (const [what, ask] of Object.entries(questions(chunks, ids))) {
    const times: number[] = []
    const cpu: number[] = []
    let inexact = 0
    for (let i = 0; i < queries; i++) {
      const request = { collections: [collectionId], limit: 10, offset: 0, ...ask() }
      const [began, used] = [performance.now(), process.cpuUsage()]
      const { exact } = await store.search(request)
      times.push(performance.now() - began)
      const { user, system } = process.cpuUsage(used)
      cpu.push((user + system) / 1_000)
      if (!exact) inexact++
    }
    found.push({
      what,
      p50: percentile(times, 0.5),
      p95: percentile(times, 0.95),
      cpu95: percentile(cpu, 0.95),
      inexact,
    })
  }
  await close()
  return found
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , chunks, file] = process.argv
  console.log(JSON.stringify(await measure(Number(chunks), file!)))
}
