import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Running, start } from './harness.ts'

/** Another seed, or more requests, for a longer look: CX_FUZZ_SEED, CX_FUZZ_TOGETHER. */
const seed = Number(process.env.CX_FUZZ_SEED ?? 20_261_123)
const requests = Number(process.env.CX_FUZZ_TOGETHER ?? 1_500)
const atOnce = 24
const hangMs = 15_000

/** https://en.wikipedia.org/wiki/Xorshift: the same numbers for the same seed, everywhere. */
function numbers(from: number): () => number {
  let state = from | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

let cx: Running
let closeReceiver: () => Promise<void>
let receiver: string
beforeAll(async () => {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(Math.random() < 0.3 ? 500 : 200).end())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  receiver = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  closeReceiver = () =>
    new Promise((done) => {
      server.closeAllConnections()
      server.close(() => done())
    })
  cx = await start({ CX_LOG_LEVEL: 'silent', CX_EGRESS_ALLOW: '127.0.0.1/32' })
  await cx.host.ready
  for (let n = 0; n < 60; n++) await cx.write(`part-${n % 4}/${n}.md`, `# Number ${n}\n\nA walrus, and ${n} fish.`)
})
afterAll(async () => {
  await cx?.close()
  await closeReceiver?.()
})

test(
  `${requests} requests, ${atOnce} at once, over the same few things: no fault, no hang, nothing left behind`,
  async () => {
    const random = numbers(seed)
    const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)]
    const ids = {
      connector: [] as string[],
      collection: [] as string[],
      job: [] as { connector: string; id: string }[],
      document: [] as { connector: string; id: string }[],
      key: [] as { id: string; key: string }[],
      webhook: [] as string[],
    }
    const connector = () => pick(ids.connector) ?? 'conn_none'
    const job = () => pick(ids.job) ?? { connector: connector(), id: 'job_none' }
    const document = () => pick(ids.document) ?? { connector: connector(), id: 'doc_none' }
    const keep = <T>(list: T[], one: T | undefined) => {
      if (one === undefined) return
      list.push(one)
      if (list.length > 8) list.shift()
    }
    type Ask = readonly [method: string, path: string, body?: unknown]
    const form = () => {
      const data = new FormData()
      data.append('path', `up-${Math.floor(random() * 3)}`)
      data.append('files', new Blob([`Uploaded walrus ${random()}`]), `${Math.floor(random() * 5)}.txt`)
      return data
    }
    const kinds: readonly (readonly [weight: number, ask: () => Ask])[] = [
      [6, () => ['POST', '/connectors', newConnector()]],
      [3, () => ['DELETE', `/connectors/${connector()}`]],
      [8, () => ['PUT', `/connectors/${connector()}`, pick(patches)]],
      [4, () => ['GET', `/connectors/${connector()}`]],
      [4, () => ['GET', `/connectors?limit=${1 + Math.floor(random() * 5)}`]],
      [14, () => ['POST', `/connectors/${connector()}/sync`, pick(syncs)]],
      [4, () => ['GET', `/connectors/${connector()}/sync`]],
      [6, () => ['GET', `/connectors/${job().connector}/sync/${job().id}`]],
      [5, () => ['POST', `/connectors/${job().connector}/sync/${job().id}/cancel`]],
      [3, () => ['POST', `/connectors/${job().connector}/sync/${job().id}/retry`]],
      [2, () => ['POST', `/connectors/${job().connector}/sync/${job().id}/confirm`]],
      [2, () => ['GET', `/connectors/${job().connector}/sync/${job().id}/failures`]],
      [4, () => ['POST', `/connectors/${connector()}/refresh-permissions`]],
      [6, () => ['GET', `/connectors/${connector()}/documents?limit=5`]],
      [4, () => ['GET', `/connectors/${document().connector}/documents/${document().id}/content`]],
      [3, () => ['GET', `/connectors/${document().connector}/documents/${document().id}/chunks`]],
      [4, () => ['DELETE', `/connectors/${document().connector}/documents/${document().id}`]],
      [4, () => ['POST', `/connectors/${connector()}/files/upload`, form()]],
      [3, () => ['DELETE', `/connectors/${connector()}/files`, { paths: [`up-0/${Math.floor(random() * 5)}.txt`] }]],
      [3, () => ['GET', `/connectors/${connector()}/files?limit=5`]],
      [2, () => ['POST', `/connectors/${connector()}/test`]],
      [3, () => ['POST', '/collections', { name: `c${Math.floor(random() * 6)}` }]],
      [3, () => ['DELETE', `/collections/c${Math.floor(random() * 6)}`]],
      [2, () => ['PUT', `/collections/c${Math.floor(random() * 6)}`, { name: `c${Math.floor(random() * 6)}` }]],
      [8, () => ['POST', '/search', { query: pick(['walrus', 'fish', 'number', '"a walrus"']), limit: 5 }]],
      [3, () => ['POST', '/api-keys', { name: 'k', role: 'viewer', scopes: ['search:all'] }]],
      [2, () => ['DELETE', `/api-keys/${pick(ids.key)?.id ?? 'key_none'}`]],
      [2, () => ['POST', '/webhooks', { url: receiver, events: ['sync.completed', 'document.deleted'] }]],
      [2, () => ['DELETE', `/webhooks/${pick(ids.webhook) ?? 'wh_none'}`]],
      [2, () => ['POST', `/webhooks/${pick(ids.webhook) ?? 'wh_none'}/test`]],
      [2, () => ['GET', `/webhooks/${pick(ids.webhook) ?? 'wh_none'}/deliveries`]],
      [1, () => ['GET', '/audit?limit=5']],
    ]
    const newConnector = () => ({
      name: `n${Math.floor(random() * 100)}`,
      type: 'filesystem',
      collection: `c${Math.floor(random() * 6)}`,
      config: { root: cx.folder, include: [pick(['**/*', 'part-0/**', 'part-1/**'])] },
    })
    const patches = [
      { enabled: false },
      { enabled: true },
      { name: 'another' },
      { config: { include: ['part-2/**'] } },
      { config: { include: null } },
      { schedule: '*/5 * * * *' },
      { schedule: null },
    ]
    const syncs = [{}, {}, { sync_mode: 'full' }, { file_filter: ['part-0/'] }, { file_filter: ['part-1/1.md'] }]
    const total = kinds.reduce((sum, [weight]) => sum + weight, 0)
    const next = (): Ask => {
      let left = random() * total
      for (const [weight, make] of kinds) {
        left -= weight
        if (left < 0) return make()
      }
      return kinds[0]![1]()
    }

    const faults: string[] = []
    const statuses = new Map<number, number>()
    let sent = 0
    const ask = async (): Promise<void> => {
      const [method, path, body] = next()
      // Some hang up, at once or a little later.
      const leaves = random() < 0.06
      const leaving = AbortSignal.timeout(leaves ? Math.floor(random() * 30) : hangMs)
      const key = random() < 0.1 ? pick(ids.key)?.key : undefined
      const isForm = body instanceof FormData
      try {
        const response = await fetch(`${cx.url}/api/v1${path}`, {
          method,
          signal: leaving,
          headers: {
            Authorization: `Bearer ${key ?? cx.key}`,
            ...(body !== undefined && !isForm && { 'Content-Type': 'application/json' }),
          },
          ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
        })
        const text = await response.text()
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
        if (response.status >= 500) faults.push(`${method} ${path} ${JSON.stringify(body)}: ${text.slice(0, 300)}`)
        if (response.status >= 300 || !response.headers.get('content-type')?.includes('json')) return
        const { data } = JSON.parse(text) as { data: { id: string; jobId: string; key: string } & { id: string }[] }
        const of = path.split('/')[2] ?? ''
        if (method === 'POST' && path === '/connectors') keep(ids.connector, data.id)
        if (method === 'POST' && path === '/webhooks') keep(ids.webhook, data.id)
        if (method === 'POST' && path === '/api-keys') keep(ids.key, { id: data.id, key: data.key })
        if (typeof data.jobId === 'string') keep(ids.job, { connector: of, id: data.jobId })
        if (path.includes('/documents?')) keep(ids.document, data[0] && { connector: of, id: data[0].id })
      } catch (error) {
        if (!leaves) faults.push(`${method} ${path}: ${error}`)
      }
    }
    const worker = async () => {
      while (sent < requests) {
        sent++
        await ask()
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
    if (process.env.CX_FUZZ_REPORT) console.log(Object.fromEntries(statuses))
    expect(faults).toEqual([])
    const good = [...statuses].reduce((sum, [status, count]) => sum + (status < 300 ? count : 0), 0)
    expect(good / requests).toBeGreaterThan(0.3)

    // Everything is taken away; then nothing is left of what it had.
    for (let rest = 1; rest > 0; ) {
      const { data } = await cx.call('GET', '/connectors?limit=100')
      for (const { id } of data) expect((await cx.call('DELETE', `/connectors/${id}`)).status).toBeLessThan(300)
      rest = data.length
    }
    for (const { id } of (await cx.call('GET', '/collections?limit=100')).data)
      await expect
        .poll(async () => (await cx.call('DELETE', `/collections/${id}`)).status, { timeout: 10_000 })
        .toBe(200)
    const left = () => {
      const db = new DatabaseSync(join(cx.folder, '../data/cx.sqlite'), { readOnly: true })
      try {
        return Object.fromEntries(
          [
            'connectors',
            'collections',
            'documents',
            'chunks',
            'principals',
            'acls',
            'source_groups',
            'staged_groups',
            'seen',
          ]
            .map(
              (table) => [table, (db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n] as const,
            )
            .filter(([, n]) => n > 0),
        )
      } finally {
        db.close()
      }
    }
    await expect.poll(left, { timeout: 10_000 }).toEqual({})
    expect((await cx.call('POST', '/search', { query: 'walrus' })).data).toMatchObject({ results: [], total: 0 })
  },
  Math.max(90_000, requests * 60),
)
