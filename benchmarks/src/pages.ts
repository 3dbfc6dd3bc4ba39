import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Outcome } from '@cx/core/engine'
import type { Page, PageRequest } from '@cx/store'
import { indexed, openFilled, versions } from './filled.ts'
import { inFolder, inProcess, percentile, type Row, row } from './measure.ts'

const documents = 1_000_000
/** One document in so many failed. */
const failedEvery = 100
const jobs = 5_000
const connectors = 2_000
const rounds = 100

interface Result {
  readonly what: string
  readonly total: number
  readonly first: number
  readonly last: number
}

/** Lists at a million documents: the first page, and the last by cursor. */
export async function pages(): Promise<readonly Row[]> {
  const found = await inFolder((folder) =>
    inProcess<readonly Result[]>(fileURLToPath(import.meta.url), join(folder, 'cx.db'), String(documents)),
  )
  return found.map(({ what, total, first, last }) =>
    row(
      `${what}, 20 of ${total.toLocaleString('en')}: the last page by cursor`,
      `${last.toFixed(2)} ms, the first ${first.toFixed(2)} ms: ${(last / first).toFixed(2)} ×`,
      '≤ 1.5 ×',
      last <= 1.5 * first,
    ),
  )
}

async function measure(file: string, documents: number): Promise<readonly Result[]> {
  const { store, newConnector, job, close } = await openFilled(file)
  const connectorId = await newConnector()
  const run = await job(connectorId)
  for (let from = 0; from < documents; from += 1_000) {
    const outcomes = Array.from({ length: 1_000 }, (_, n): Outcome => {
      const i = from + n
      const entry = { id: `${i}`, path: `folder-${i % 1_000}/${i}.txt`, version: '1' }
      if (i % failedEvery > 0) return indexed(entry, [])
      const failure = { stage: 'read', code: 'unprocessable', message: 'No.', retryable: false } as const
      return { kind: 'failed', entry, fingerprint: 1, ...failure, collected: false, bytes: 0 }
    })
    await store.commit(run, { generation: null, outcomes, ...versions })
  }
  await store.finish(run, { status: 'partial' })
  for (let i = 0; i < jobs; i++) await store.finish(await job(connectorId), { status: 'completed' })
  for (let i = 1; i < connectors; i++) await newConnector(i % 2 === 0 ? 'generated' : 'other')

  const lists: Readonly<Record<string, (page: PageRequest) => Promise<Page<unknown>>>> = {
    'Documents of a connector': (page) => store.documents({ connectorId }, page),
    'Failed documents of a connector': (page) => store.documents({ connectorId, status: 'failed' }, page),
    'Documents under a path': (page) => store.documents({ connectorId, path: 'folder-7/' }, page),
    'Failures of a job': (page) => store.failures(run.jobId, page),
    'Jobs of a connector': (page) => store.jobs({ connectorId, ...page }),
    Connectors: (page) => store.connectors(page),
    'Connectors of a type': (page) => store.connectors({ type: 'other', ...page }),
  }
  const found: Result[] = []
  for (const [what, list] of Object.entries(lists)) {
    const after = await lastCursor(list)
    const times = { first: [] as number[], last: [] as number[] }
    let total = 0
    for (let i = 0; i < rounds; i++)
      for (const which of ['first', 'last'] as const) {
        const began = performance.now()
        const page = await list({ limit: 20, ...(which === 'last' && { after }) })
        times[which].push(performance.now() - began)
        if (page.rows.length !== 20) throw new Error(`${what}: the ${which} page has ${page.rows.length} rows.`)
        total = page.total
      }
    found.push({ what, total, first: percentile(times.first, 0.5), last: percentile(times.last, 0.5) })
  }
  await close()
  return found
}

/** Where the last twenty begin: from page to page, in steps as large as they may be. */
async function lastCursor(list: (page: PageRequest) => Promise<Page<unknown>>): Promise<string> {
  let after: string | undefined
  let left = (await list({ limit: 1 })).total - 20
  while (left > 0) {
    const limit = Math.min(left, 20_000)
    const { next, rows } = await list({ limit, ...(after !== undefined && { after }) })
    if (next === undefined) throw new Error(`A list ended ${left} rows early.`)
    after = next
    left -= rows.length
  }
  if (after === undefined) throw new Error('There is one page alone.')
  return after
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log(JSON.stringify(await measure(process.argv[2]!, Number(process.argv[3]))))
