import type { Entry, Json } from '@cx/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Cluster, startCluster } from './cluster.ts'
import { drive, using } from './driver.ts'
import { caughtUp, startStandby } from './standby.ts'

let primary: Cluster
let standby: Cluster
const config = { schema: 's', contentColumns: ['body'] }

beforeAll(async () => {
  primary = await startCluster()
  await primary.sql(`CREATE SCHEMA s; CREATE TABLE s.t (id bigint PRIMARY KEY, body text);
    INSERT INTO s.t SELECT g, 'row ' || g FROM generate_series(1, 20000) g`)
  // Without mercy for those who read while it replays.
  standby = await startStandby(primary, ['max_standby_streaming_delay=0', 'hot_standby_feedback=off'])
  await caughtUp(primary, standby)
})
afterAll(async () => {
  await standby?.stop()
  await primary.stop()
})

it('is the same source as its primary, and lists and reads the same', async () => {
  const looks = (cluster: Cluster) =>
    using(cluster, config, async (driver) => {
      const { account, tenant } = await driver.check()
      const entries = await driver.entries()
      return { account, tenant, entries, text: await driver.read(entries[7]!) }
    })
  const [ours, theirs] = [await looks(standby), await looks(primary)]
  expect(ours.account).toContain('standby')
  expect(theirs.account).not.toContain('standby')
  expect(ours.tenant).toBe(theirs.tenant)
  expect(ours.entries).toEqual(theirs.entries)
  expect(ours.text).toBe(theirs.text)
})

it('sees what is changed and deleted at the primary as other versions and none', async () => {
  const versions = () =>
    using(
      standby,
      config,
      async (driver) => new Map((await driver.entries()).map(({ path, version }) => [path, version])),
    )
  const before = await versions()
  await primary.sql(`UPDATE s.t SET body = 'edited' WHERE id = 5; DELETE FROM s.t WHERE id = 6;
    INSERT INTO s.t VALUES (20001, 'new')`)
  await caughtUp(primary, standby)
  const after = await versions()
  const changed = [...after].filter(([path, version]) => before.get(path) !== version).map(([path]) => path)
  expect(changed.sort()).toEqual(['s/t/20001', 's/t/5'])
  expect([...before.keys()].filter((path) => !after.has(path))).toEqual(['s/t/6'])
})

it('a listing that is cut off by what the standby replays is unavailable, and goes on from its checkpoint', async () => {
  const driver = await drive(standby, config)
  try {
    const seen = new Map<string, Entry>()
    let resume: Json | undefined
    let cut: unknown
    const take = async () => {
      for await (const item of driver.list(resume === undefined ? {} : { resume })) {
        if ('kind' in item) resume = item.cursor
        else seen.set(item.id, item)
        if (cut !== undefined || resume === undefined) continue
        // What it reads goes away under it.
        cut = 'not yet'
        await primary.sql('DELETE FROM s.t WHERE id % 2 = 0')
        await primary.sql('VACUUM s.t')
        await caughtUp(primary, standby)
      }
    }
    await take().catch((error: unknown) => {
      cut = error
    })
    expect(cut).toMatchObject({ name: 'ConnectorError', code: 'unavailable' })
    await take()
    const left = await primary.sql('SELECT id::text FROM s.t')
    expect(left.every(({ id }) => [...seen.values()].some(({ path }) => path === `s/t/${id}`))).toBe(true)
  } finally {
    await driver.close()
  }
})
