import type { Entry, Json } from '@cx/core'
import { startTcpProxy } from '@cx/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scan } from '../src/scan.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { drive, using } from './driver.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await startCluster()
})
afterAll(() => cluster.stop())

/** The same edits every time. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const edits = [
  (n: number) =>
    `INSERT INTO s.t SELECT g, 'new ' || g FROM generate_series(${n * 7}, ${n * 7 + 9}) g ON CONFLICT DO NOTHING`,
  (n: number) => `UPDATE s.t SET body = body || '+' WHERE id % 5 = ${n % 5}`,
  (n: number) => `DELETE FROM s.t WHERE id % 11 = ${n % 11}`,
  (n: number) => `UPDATE s.t SET id = id + 100000 WHERE id = (SELECT min(id) FROM s.t WHERE id > ${n})`,
  () => `BEGIN; INSERT INTO s.t VALUES (-1, 'never'); ROLLBACK`,
  (n: number) => `BEGIN; SAVEPOINT a; UPDATE s.t SET body = 'sub' WHERE id % 13 = ${n % 13}; RELEASE a; COMMIT`,
  () => `VACUUM FREEZE s.t`,
]

/** What the table says, in the connector's words. */
async function truth(): Promise<Record<string, string>> {
  const rows = await cluster.sql('SELECT id::text, body FROM s.t')
  return Object.fromEntries(rows.map(({ id, body }) => [`s/t/${id}`, String(body)]))
}

const config = { schema: 's', contentColumns: ['body'] }

async function recreate(): Promise<void> {
  await cluster.sql(`DROP SCHEMA IF EXISTS s CASCADE; CREATE SCHEMA s; CREATE TABLE s.t (id bigint PRIMARY KEY, body text);
    INSERT INTO s.t SELECT g, 'row ' || g FROM generate_series(1, 300) g`)
}

describe('by row versions', () => {
  it.each([1, 2, 3])('incremental state equals the table after random edits (seed %i)', async (seed) => {
    await recreate()
    const random = randomNumbers(seed)
    const stored = new Map<string, { version: string; body: string }>()
    for (let step = 0; step < 12; step++) {
      await using(cluster, config, async (driver) => {
        const entries = await driver.entries()
        const seen = new Set(entries.map(({ id }) => id))
        for (const id of stored.keys()) if (!seen.has(id)) stored.delete(id)
        const changed = entries.filter(({ id, version }) => stored.get(id)?.version !== version)
        await Promise.all(
          changed.map(async (entry) =>
            stored.set(entry.id, { version: entry.version, body: await driver.read(entry) }),
          ),
        )
      })
      expect(Object.fromEntries([...stored].map(([id, { body }]) => [id, body]))).toEqual(await truth())
      await cluster.sql(edits[random(edits.length)]!(random(300)))
    }
  })

  it('sees a transaction that commits late, and no version moves without an edit', async () => {
    await recreate()
    const late = await cluster.client()
    await late.query(`BEGIN; INSERT INTO s.t VALUES (5000, 'late')`)
    await cluster.sql(`INSERT INTO s.t VALUES (5001, 'early')`)
    const first = await using(cluster, config, (driver) => driver.entries())
    expect(first.map(({ id }) => id)).not.toContain('s/t/5000')
    await late.query('COMMIT')
    for (const statement of ['VACUUM FREEZE s.t', 'CLUSTER s.t USING t_pkey', 'ANALYZE s.t'])
      await cluster.sql(statement)
    const second = await using(cluster, config, (driver) => driver.entries())
    expect(second.filter(({ id }) => id !== 's/t/5000')).toEqual(first)
    expect(second.map(({ id }) => id)).toContain('s/t/5000')
  })

  it('reads everything again when columns or the configuration change what documents hold', async () => {
    await recreate()
    const version = (more: object = {}) =>
      using(cluster, { schema: 's', ...more }, async (driver) => (await driver.entries())[0]!.version)
    const first = await version()
    await cluster.sql(`ALTER TABLE s.t ADD COLUMN extra text DEFAULT 'x'`)
    const second = await version()
    expect(second).not.toBe(first)
    expect(await version({ excludeColumns: ['extra'] })).toBe(first)
    await cluster.sql('ALTER TABLE s.t RENAME COLUMN extra TO more')
    expect(await version()).not.toBe(second)
  })
})

describe('listing', () => {
  it('goes on from every checkpoint, in another session, over several tables', async () => {
    await recreate()
    await cluster.sql(`CREATE TABLE s.u (a text, b int, PRIMARY KEY (a, b)); CREATE VIEW s.w AS SELECT 1 AS one;
      INSERT INTO s.u SELECT md5(g::text), g FROM generate_series(1, 12000) g`)
    const items = await using(cluster, { schema: 's' }, (driver) => Array.fromAsync(driver.list()))
    const all = items.filter((item): item is Entry => !('kind' in item)).map(({ id }) => id)
    expect(new Set(all).size).toBe(12_301)
    const places = items.flatMap((item, i) => ('kind' in item ? [{ cursor: item.cursor as Json, i }] : []))
    expect(places.length).toBeGreaterThan(4)
    for (const { cursor, i } of places) {
      const before = items.slice(0, i).filter((item): item is Entry => !('kind' in item))
      const rest = await using(cluster, { schema: 's' }, async (driver) => {
        const list = await Array.fromAsync(driver.list({ resume: JSON.parse(JSON.stringify(cursor)) as Json }))
        return list.filter((item): item is Entry => !('kind' in item))
      })
      expect([...before, ...rest].map(({ id }) => id)).toEqual(all)
    }
  })

  it('goes on in a new snapshot when its consumer is slow, and skips nothing', async () => {
    await recreate()
    await cluster.sql(`INSERT INTO s.t SELECT g, '' FROM generate_series(1001, 21000) g`)
    const driver = await drive(cluster, config)
    const { signal } = new AbortController()
    const [target] = await driver.session.targets(signal)
    const ids: string[] = []
    const snapshots = () =>
      cluster.sql(
        `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'cx' AND backend_xmin IS NOT NULL`,
      )
    const options = { maxRowBytes: 1024, signal, snapshotMs: 1 }
    for await (const page of scan(driver.session.database, target!.plan!, options)) {
      for (let i = 0; i < page.length; i++) ids.push(page.row(i)[0]!)
      await expect.poll(snapshots).toEqual([{ n: 0 }])
    }
    expect(ids).toEqual((await cluster.sql('SELECT id::text FROM s.t ORDER BY t.id')).map(({ id }) => id))
    await driver.close()
  })

  it('reports a table with more than maxRows as incomplete', async () => {
    await recreate()
    await using(cluster, { ...config, maxRows: 300 }, async (driver) => {
      expect(await driver.entries()).toHaveLength(300)
      expect(driver.unreadable).toEqual([])
    })
    await using(cluster, { ...config, maxRows: 299 }, async (driver) => {
      expect(await driver.entries()).toHaveLength(299)
      expect(driver.unreadable).toMatchObject([{ path: 's/t', code: 'unprocessable' }])
    })
  })

  it('reads what is asked for together in a few queries', async () => {
    await recreate()
    await using(cluster, config, async (driver) => {
      const entries = await driver.entries()
      let transactions = 0
      const read = driver.session.database.read.bind(driver.session.database)
      driver.session.database.read = (signal, work) => {
        transactions++
        return read(signal, work)
      }
      const texts = await Promise.all(entries.map((entry) => driver.read(entry)))
      expect(texts).toEqual(entries.map(({ id }) => `row ${id.slice(4)}`))
      expect(transactions).toBe(2)
    })
  })
})

describe('by logical replication', () => {
  const cdc = { ...config, changeTracking: 'cdc', slotName: 'cx_test', publicationName: 'cx pub' }
  const slot = async () =>
    (
      await cluster.sql(`SELECT confirmed_flush_lsn::text AS lsn FROM pg_replication_slots WHERE slot_name = 'cx_test'`)
    )[0]?.lsn

  async function prepare(): Promise<void> {
    await recreate()
    await cluster.sql(`DROP PUBLICATION IF EXISTS "cx pub"; CREATE PUBLICATION "cx pub" FOR TABLE s.t`)
    await cluster.sql(`SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots`)
    await cluster.sql(`SELECT pg_create_logical_replication_slot('cx_test', 'pgoutput')`)
  }

  async function follow(stored: Map<string, string>, cursor: Json): Promise<Json> {
    return using(cluster, cdc, async (driver) => {
      let next = cursor
      for await (const item of driver.since(cursor)) {
        if (!('kind' in item)) stored.set(item.id, await driver.read(item))
        else if (item.kind === 'removed') stored.delete(item.id)
        else next = item.cursor
      }
      return next
    })
  }

  it.each([4, 5])(
    'state equals the table after random edits (seed %i), acknowledging only what was stored',
    async (seed) => {
      await prepare()
      const random = randomNumbers(seed)
      const stored = new Map<string, string>()
      let cursor = await using(cluster, cdc, async (driver) => {
        const now = await driver.now()
        await cluster.sql(`INSERT INTO s.t VALUES (7000, 'while listing')`)
        for (const [id, body] of Object.entries(await driver.everything())) stored.set(id, body)
        return now
      })
      for (let step = 0; step < 10; step++) {
        await cluster.sql(edits[random(edits.length)]!(random(300)))
        const acknowledged = await slot()
        // A run that dies after it read everything: nothing it saw counts.
        await follow(new Map(), cursor)
        if (step === 0) expect(await slot()).toBe(acknowledged)
        cursor = await follow(stored, cursor)
        expect(Object.fromEntries(stored)).toEqual(await truth())
      }
      const end = cursor as { lsn: string }
      await follow(stored, cursor)
      expect(await slot()).toBe(end.lsn)
    },
  )

  it('loses nothing when the connection dies at any call of the feed', async () => {
    await prepare()
    const proxy = await startTcpProxy({ host: '127.0.0.1', port: cluster.port })
    const through = { ...cdc, host: proxy.host, port: proxy.port, sslMode: 'disable' }
    const stored = new Map<string, string>()
    let cursor = await using(cluster, through, async (driver) => {
      const now = await driver.now()
      for (const [id, body] of Object.entries(await driver.everything())) stored.set(id, body)
      return now
    })
    /** As the engine: what stands before a checkpoint counts. */
    const follow = () =>
      using(cluster, through, async (driver) => {
        const batch: (() => void)[] = []
        for await (const item of driver.since(cursor)) {
          if (!('kind' in item)) {
            const body = await driver.read(item)
            batch.push(() => stored.set(item.id, body))
          } else if (item.kind === 'removed') batch.push(() => stored.delete(item.id))
          else {
            for (const apply of batch.splice(0)) apply()
            cursor = item.cursor
          }
        }
      })
    let broken = 0
    for (let n = 1; n <= 40; n++) {
      await cluster.sql(`UPDATE s.t SET body = body || '.' WHERE id = ${n}; DELETE FROM s.t WHERE id = ${n + 100};
        INSERT INTO s.t VALUES (${n + 9000}, 'new')`)
      proxy.faults.inject({ kind: 'drop' }, { from: n, to: n })
      await follow().catch((error: { code: string }) => {
        expect(error.code).toBe('unavailable')
        broken++
      })
      proxy.faults.clear()
      await follow()
      expect(Object.fromEntries(stored)).toEqual(await truth())
    }
    expect(broken).toBeGreaterThan(15)
    await proxy.close()
  })

  it('selects rows again, so that untouched large values are there', async () => {
    await prepare()
    await cluster.sql(`ALTER TABLE s.t ADD COLUMN big text; ALTER TABLE s.t ALTER big SET STORAGE EXTERNAL;
      UPDATE s.t SET big = repeat('z', 50000) WHERE id = 1`)
    await using(cluster, { ...cdc, contentColumns: ['body', 'big'] }, async (driver) => {
      const cursor = await driver.now()
      await cluster.sql(`UPDATE s.t SET body = 'short' WHERE id = 1; DELETE FROM s.t WHERE id = 2`)
      const items = await Array.fromAsync(driver.since(cursor))
      expect(items).toContainEqual({ kind: 'removed', id: 's/t/2' })
      const entry = items.find((item): item is Entry => !('kind' in item) && item.id === 's/t/1')
      expect(await driver.read(entry!)).toBe(`short\n\n${'z'.repeat(50_000)}`)
    })
  })

  it('asks for a listing after TRUNCATE, a changed table, a foreign acknowledgement, a lost slot and too much lag', async () => {
    const expired = async (break_: string, more: object = {}) => {
      await prepare()
      const cursor = await using(cluster, cdc, (driver) => driver.now())
      for (const statement of break_.split(';')) await cluster.sql(statement)
      await using(cluster, { ...cdc, ...more }, async (driver) => {
        await expect(Array.fromAsync(driver.since(cursor))).rejects.toMatchObject({ code: 'cursor_expired' })
      })
    }
    await expired('TRUNCATE s.t')
    await expired('ALTER TABLE s.t RENAME COLUMN body TO body2; ALTER TABLE s.t ADD COLUMN body text')
    await expired(`UPDATE s.t SET body = ''; SELECT pg_replication_slot_advance('cx_test', pg_current_wal_lsn())`)
    await expired(`SELECT pg_drop_replication_slot('cx_test')`)
    await expired(`INSERT INTO s.t SELECT g, md5(g::text) FROM generate_series(1000, 31000) g`, {
      maxSlotLagBytes: 1_048_576,
    })
    // The listing that follows makes up for it, and once it is stored the slot goes forward.
    const before = await slot()
    await using(cluster, { ...cdc, maxSlotLagBytes: 1_048_576 }, async (driver) => {
      const cursor = await driver.now()
      expect(await slot()).toBe(before)
      expect(await Array.fromAsync(driver.since(cursor))).toMatchObject([{ kind: 'checkpoint' }])
    })
    expect(await slot()).not.toBe(before)
  })

  it('says what is missing: the slot, the publication, tables without a key or not published', async () => {
    await prepare()
    const message = (more: object) =>
      using(cluster, { ...cdc, ...more }, (driver) => driver.now()).catch(
        (error: Error & { code: string }) => `${error.code} ${error.message}`,
      )
    expect(await message({ slotName: 'nope' })).toMatch(/^misconfigured .*no replication slot nope/)
    expect(await message({ publicationName: 'nope' })).toMatch(/^misconfigured .*no publication "nope"/)
    await cluster.sql('CREATE TABLE s.more (id int PRIMARY KEY, body text)')
    expect(await message({})).toMatch(/^misconfigured .*does not hold s.more/)
    await cluster.sql('DROP TABLE s.more; CREATE VIEW s.v AS SELECT * FROM s.t')
    expect(await message({})).toMatch(/^misconfigured .*s.v cannot be followed/)
    expect(await message({ includeViews: false })).toMatchObject({ slot: 'cx_test' })
    await using(cluster, { ...cdc, slotName: 'nope' }, async (driver) => {
      expect((await driver.check()).checks).toContainEqual(
        expect.objectContaining({ capability: 'change feed', status: 'failed' }),
      )
    })
  })

  it('follows partitions under their table', async () => {
    await prepare()
    await cluster.sql(`CREATE TABLE s.p (id int PRIMARY KEY, body text) PARTITION BY RANGE (id);
      CREATE TABLE s.p1 PARTITION OF s.p FOR VALUES FROM (0) TO (10); ALTER PUBLICATION "cx pub" SET TABLE s.p, s.t`)
    await using(cluster, { ...cdc, tables: ['p'] }, async (driver) => {
      const cursor = await driver.now()
      await cluster.sql(`CREATE TABLE s.p2 PARTITION OF s.p FOR VALUES FROM (10) TO (20);
        INSERT INTO s.p VALUES (1, 'a'), (11, 'b'); UPDATE s.p SET id = 12 WHERE id = 1; UPDATE s.t SET body = ''`)
      const items = await Array.fromAsync(driver.since(cursor))
      const ids = items.flatMap((item) => ('id' in item ? [`${'kind' in item ? '-' : '+'}${item.id}`] : []))
      expect(ids.sort()).toEqual(['+s/p/11', '+s/p/12', '-s/p/1'])
    })
  })
})
