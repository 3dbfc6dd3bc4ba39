import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Principal } from '@cx/core'
import type { RunKey } from '@cx/core/engine'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openSqliteStore, type Store } from '../src/index.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const user = (id: string): Principal => ({ type: 'user', id, email: `${id}@example.com` })
const group = (id: string): Principal => ({ type: 'group', id })
let folder: string
let store: Store
let connectorId: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cx-groups-'))
  store = await openSqliteStore({ file: join(folder, 'cx.sqlite'), log: silent })
})
afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})
beforeEach(async () => {
  const collection = await store.createCollection({ name: `c${Math.random()}`, description: '', embedding: null })
  const made = await store.createConnector({
    name: 'c',
    type: 'club',
    collectionId: collection.id,
    config: {},
    enabled: true,
    activated: true,
    schedule: null,
    timezone: 'UTC',
    limits: { maxFileBytes: 1_000 },
  })
  connectorId = made.id
})

async function run(work: (key: RunKey) => Promise<void>): Promise<void> {
  const queued = await store.enqueue({ connectorId, kind: 'permissions', params: {} })
  const job = (await store.claim('test', 60_000))!
  expect(job.id).toBe(queued.id)
  const key = { jobId: job.id, connectorId, attempt: job.attempt }
  await work(key)
  await store.finish(key, { status: 'completed' })
}

/** Who is in which group, with the row of the group's members. */
function members(): string[] {
  const db = new Database(join(folder, 'cx.sqlite'), { readonly: true })
  try {
    return db
      .prepare<[string], { member: string }>(
        `SELECT g.id || ' ' || p.id AS member FROM group_members m JOIN principals g ON g.no = m.group_no
           JOIN principals p ON p.no = m.member_no JOIN connectors c ON c.no = g.connector_no
         WHERE c.id = ? ORDER BY 1`,
      )
      .all(connectorId)
      .map(({ member }) => member)
  } finally {
    db.close()
  }
}

const writes = (): number => {
  const db = new Database(join(folder, 'cx.sqlite'), { readonly: true })
  try {
    return db.prepare<[], { no: number }>('SELECT coalesce(max(job_no), 0) AS no FROM source_groups').get()!.no
  } finally {
    db.close()
  }
}

test('take effect together, once all are there', async () => {
  await run(async (key) => {
    await store.putGroups(key, [{ id: 'staff', members: [user('ann'), group('deep')] }])
    await store.putGroups(key, [
      { id: 'deep', members: [user('bob')] },
      // Among all that a directory may call a group.
      { id: '', members: [user('nobody')] },
      { id: '-5', members: [user('eve')] },
    ])
    expect(members()).toEqual([])
    await store.finishGroups(key)
    expect(members()).toEqual([' nobody', '-5 eve', 'deep bob', 'staff ann', 'staff deep'])
  })
  await run(async (key) => {
    await store.putGroups(key, [{ id: 'staff', members: [user('eve')] }])
    expect(members()).toContain('staff ann')
    // The job ends here: half of a directory is nothing.
  })
  expect(members()).toEqual([' nobody', '-5 eve', 'deep bob', 'staff ann', 'staff deep'])
  await run(async (key) => {
    await store.putGroups(key, [{ id: 'deep', members: [user('bob'), user('zoe')] }])
    // One that comes in two parts has the members of both.
    await store.putGroups(key, [{ id: 'deep', members: [user('kim')] }])
    await store.finishGroups(key)
  })
  expect(members()).toEqual(['deep bob', 'deep kim', 'deep zoe'])
})

test('of which nothing is known stay as they are', async () => {
  await run(async (key) => {
    await store.putGroups(key, [
      { id: 'hidden', members: [user('ann')] },
      { id: 'staff', members: [user('bob')] },
    ])
    await store.finishGroups(key)
  })
  await run(async (key) => {
    await store.putGroups(key, [{ id: 'staff', members: [user('cy')] }])
    await store.finishGroups(key, true)
  })
  expect(members()).toEqual(['hidden ann', 'staff cy'])
})

test('that are as they were are not written', async () => {
  const groups = Array.from({ length: 1_200 }, (_, n) => ({
    id: `g${n}`,
    members: [user(`u${n}`), group(`g${(n * 7) % 1_200}`)],
  }))
  const refresh = (list: typeof groups) =>
    run(async (key) => {
      await store.putGroups(key, list)
      await store.finishGroups(key)
    })
  await refresh(groups)
  const first = members()
  expect(first).toHaveLength(2_400)
  const job = writes()
  // In another order, and so are their members.
  await refresh(groups.map(({ id, members }) => ({ id, members: members.toReversed() })).toReversed())
  expect(members()).toEqual(first)
  expect(writes()).toBe(job)
  await refresh(groups.map((one) => (one.id === 'g7' ? { ...one, members: [user('new')] } : one)))
  expect(members().filter((one) => one.startsWith('g7 '))).toEqual(['g7 new'])
  expect(members()).toHaveLength(2_399)
  expect(writes()).toBeGreaterThan(job)
})

test('go with their connector, those that wait too', async () => {
  await run(async (key) => {
    await store.putGroups(key, [{ id: 'staff', members: [user('ann')] }])
    await store.finishGroups(key)
    await store.putGroups(key, [{ id: 'staff', members: [user('bob')] }])
  })
  await store.deleteConnector(connectorId)
  while (!(await store.purgeConnector(connectorId, 1)));
  const db = new Database(join(folder, 'cx.sqlite'), { readonly: true })
  const waiting = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM staged_groups').get()
  db.close()
  expect(waiting).toEqual({ n: 0 })
})
