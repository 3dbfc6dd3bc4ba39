import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Guild } from './guild/plugin.ts'
import { type ProcessHost, startProcess, watchJob } from './process-host.ts'

const plugin = new URL('./guild/plugin.ts', import.meta.url).href
const apiKey = 'cx_permissions-crash-0123456789abcdef'
const kills = 8
const calm: Guild = { documents: 3_000, groups: 400, edition: 1, pauseMs: 0 }
let folder: string
const running = new Set<ProcessHost>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cx-guild-'))
})
afterAll(async () => {
  await Promise.all([...running].map((host) => host.end('SIGKILL')))
  await rm(folder, { recursive: true, force: true })
})

const write = (guild: Guild) => writeFile(join(folder, 'state.json'), JSON.stringify(guild))

async function open(name: string): Promise<ProcessHost> {
  const dataDir = join(folder, name)
  await mkdir(dataDir, { recursive: true })
  const host = await startProcess({ CX_DATA_DIR: dataDir, CX_API_KEY: apiKey, CX_PLUGINS: plugin })
  running.add(host)
  return host
}

async function end(host: ProcessHost, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  await host.end(signal)
  running.delete(host)
}

/** A host with every document indexed, and nobody allowed to read any. */
async function withDocuments(name: string): Promise<{ host: ProcessHost; id: unknown }> {
  const host = await open(name)
  const { data } = await host.call('POST', '/connectors', {
    name,
    type: 'guild',
    collection: 'guild',
    config: { folder },
  })
  const { data: job } = await host.call('POST', `/connectors/${data.id}/sync`)
  expect(await watchJob(host, data.id, job.jobId)).toMatchObject({ status: expect.stringMatching(/completed|partial/) })
  return { host, id: data.id }
}

const refresh = async (host: ProcessHost, id: unknown): Promise<unknown> =>
  (await host.call('POST', `/connectors/${id}/refresh-permissions`)).data.jobId

/** Who may read what, with nothing in it that depends on the order of writing. */
function rights(name: string): Readonly<Record<string, readonly unknown[]>> {
  const db = new DatabaseSync(join(folder, name, 'cx.sqlite'), { readOnly: true })
  try {
    return {
      documents: db
        .prepare('SELECT d.path, a.acl FROM documents d LEFT JOIN acls a ON a.no = d.acl_no ORDER BY d.path')
        .all(),
      members: db
        .prepare(
          `SELECT g.id AS "group", m.type, m.id AS member FROM group_members x
             JOIN principals g ON g.no = x.group_no JOIN principals m ON m.no = x.member_no ORDER BY 1, 2, 3`,
        )
        .all(),
      sets: db
        .prepare(
          `SELECT p.type, p.id, a.acl, x.set_no AS "set" FROM acl_members x
             JOIN principals p ON p.no = x.principal_no JOIN acls a ON a.no = x.acl_no ORDER BY 1, 2, 3, 4`,
        )
        .all(),
    }
  } finally {
    db.close()
  }
}

const found = async (host: ProcessHost, principal: string) =>
  (await host.call('POST', '/search', { query: 'ledger', principal, limit: 100 })).data

describe('a refresh of permissions', () => {
  test(`killed ${kills} times ends as a calm one does`, async () => {
    await write(calm)
    const untouched = await withDocuments('calm')
    const killed = await withDocuments('killed')
    // Both hold the first edition; what is refreshed is the second.
    await write({ ...calm, edition: 2 })
    const calmJob = await refresh(untouched.host, untouched.id)
    expect(await watchJob(untouched.host, untouched.id, calmJob)).toMatchObject({ status: 'completed' })

    await write({ ...calm, edition: 2, pauseMs: 40 })
    let { host } = killed
    const jobId = await refresh(host, killed.id)
    let last = 0
    for (let n = 0; n < kills; n++) {
      // The first ones among the groups, the others further and further on among the access lists.
      const goal = n < 3 ? 0 : last + 1
      const job = await watchJob(host, killed.id, jobId, ({ listed = 0 }) => listed >= goal)
      expect(job.status).toMatch(/queued|running/)
      await sleep(Math.random() * 120)
      await end(host, 'SIGKILL')
      host = await open('killed')
      const { data } = await host.call('GET', `/connectors/${killed.id}/sync/${jobId}`)
      const { listed = 0 } = data.progress as Record<string, number>
      expect(listed, 'progress went backwards').toBeGreaterThanOrEqual(last)
      last = listed
    }
    expect(last, 'the kills fell into the access lists').toBeGreaterThan(0)
    const done = await watchJob(host, killed.id, jobId)
    expect(done).toMatchObject({ status: 'completed', progress: { collected: 0, failed: 0, deleted: 0 } })
    for (const n of [0, 1, 5, 12, 13, 77, 401]) {
      const [one, other] = await Promise.all([
        found(host, `u${n}@example.com`),
        found(untouched.host, `u${n}@example.com`),
      ])
      expect((one.results as { path: string }[]).map(({ path }) => path).sort(), `u${n}`).toEqual(
        (other.results as { path: string }[]).map(({ path }) => path).sort(),
      )
      expect(one.total).toBe(other.total)
    }
    // A list that was begun before a crash goes on after it.
    const list = (cursor = '') => host.call('GET', `/connectors/${killed.id}/documents?limit=2${cursor}`)
    const first = await list()
    const { nextCursor } = (JSON.parse(first.body) as { meta: { nextCursor: string } }).meta
    await end(host, 'SIGKILL')
    host = await open('killed')
    const second = await list(`&cursor=${encodeURIComponent(nextCursor)}`)
    expect([second.status, (second.data as unknown as { path: string }[]).map(({ path }) => path)]).toEqual([
      200,
      ['d00002.txt', 'd00003.txt'],
    ])
    await Promise.all([end(host, 'SIGTERM'), end(untouched.host, 'SIGTERM')])
    const [one, other] = [rights('killed'), rights('calm')]
    for (const table of Object.keys(other)) {
      expect(other[table]!.length).toBeGreaterThan(1_000)
      expect(one[table], table).toEqual(other[table])
    }
  }, 120_000)
})
