import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestStore, type TestStore } from './open-store.ts'

const paths = [
  ...Array.from({ length: 10_050 }, (_, i) => `many/${i}`),
  ...['few/a', 'few/b%', 'few/b_', 'few/😀', 'few/\uffff', 'fewer', 'Few/a', 'many'],
]
let opened: TestStore
let connectorId: string

beforeAll(async () => {
  opened = await openTestStore()
  const { store, newConnector } = opened
  connectorId = (await newConnector()).id
  await store.enqueue({ connectorId, kind: 'sync', params: {} })
  const { id: jobId, attempt } = (await store.claim('test', 60_000))!
  const run = { jobId, connectorId, attempt }
  const rest = { generation: null, bypass: false, pipeline: 'p', skipPipeline: 'p' }
  const versions = paths.map(() => '1')
  await store.diff(run, { ...rest, ids: paths, paths, versions, fingerprints: paths.map(() => 1) })
  const entry = { id: 'few/a', path: 'few/a', version: '1' }
  const document = { mimeType: 'text/plain', chunks: [] }
  await store.commit(run, {
    ...rest,
    outcomes: [
      { kind: 'indexed', entry, fingerprint: 1, bytes: 1, contentHash: '', document },
      { kind: 'removed', id: 'many/7' },
    ],
  })
})
afterAll(() => opened.close())

async function listed(path: string, status?: 'pending' | 'indexed'): Promise<readonly string[]> {
  const found: string[] = []
  const filter = { connectorId, path, ...(status && { status }) }
  for (let after: string | undefined, more = true; more; ) {
    const { rows, next, total } = await opened.store.documents(filter, { limit: 4_000, ...(after && { after }) })
    found.push(...rows.map(({ entry }) => entry.path))
    if (next === undefined) expect(total).toBe(found.length)
    after = next
    more = next !== undefined
  }
  return found
}

test.each(['few', 'few/', 'few/b', 'few/😀', 'many', 'many/1', 'many/', 'm', 'none', 'F'])(
  'what begins with %s, in the order it came',
  async (path) => {
    const all = paths.filter((one) => one.startsWith(path) && one !== 'many/7')
    expect(await listed(path)).toEqual(all)
    expect(await listed(path, 'pending')).toEqual(all.filter((one) => one !== 'few/a'))
    expect(await listed(path, 'indexed')).toEqual(all.filter((one) => one === 'few/a'))
  },
)
