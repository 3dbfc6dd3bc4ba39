import { startEngine } from '@cx/testing'
import { expect, it } from 'vitest'
import salesforce from '../src/index.ts'
import { refuse } from './fake/refuse.ts'
import { FakeSalesforce } from './fake/server.ts'

it('syncs by the engine in few calls, then what changed; a bad day deletes nothing', async () => {
  const fake = await new FakeSalesforce().start()
  const { org } = fake
  fake.tokens.add('engine-access-token')
  const ids = Array.from({ length: 3_000 }, (_, n) =>
    org.insert('Account', { Name: `Account ${n}`, Description: `text ${n}` }),
  )
  org.tick(3_600)
  await using engine = await startEngine(salesforce, {
    config: { objects: ['Account'], instanceUrl: fake.url },
    credentials: { method: 'oauth', accessToken: 'engine-access-token', extra: {} },
  })
  const sync: typeof engine.sync = (params) => {
    fake.calls.length = 0
    return engine.sync(params)
  }

  try {
    expect(await sync()).toMatchObject({ status: 'completed', progress: { listed: 3_000, indexed: 3_000, failed: 0 } })
    const shares = fake.queries(/FROM AccountShare/)
    const reads = fake.queries(/Description.* FROM Account/)
    expect(reads).toBeLessThan(100)
    expect(fake.calls.length - shares - reads).toBeLessThan(30)

    org.update('Account', ids[7]!, { Description: 'changed' })
    org.remove('Account', ids[8]!)
    org.tick(3_600)
    expect(await sync()).toMatchObject({ status: 'completed', progress: { indexed: 1, deleted: 1, failed: 0 } })
    expect(fake.calls.length).toBeLessThan(12)
    org.tick(3_600)
    expect(await sync()).toMatchObject({ status: 'completed', progress: { indexed: 0, deleted: 0 } })
    expect(fake.calls.length).toBeLessThanOrEqual(6)

    org.objects.get('account')!.info.queryable = false
    await sync({ mode: 'full' })
    expect(engine.indexed).toBe(2_999)
    org.objects.get('account')!.info.queryable = true

    org.table('Account').clear()
    org.table('Organization').clear()
    org.insertAs('00D5g00000ZzZzZEAV', 'Organization', { Name: 'Refreshed', IsSandbox: true })
    expect(await sync({ mode: 'full' })).toMatchObject({ status: 'failed', error: { code: 'misconfigured' } })
    expect(engine.indexed).toBe(2_999)

    fake.before = () => {
      throw refuse(401, 'INVALID_SESSION_ID', 'Session expired or invalid')
    }
    expect(await sync()).toMatchObject({ status: 'failed', error: { code: 'unauthenticated' } })
    expect(engine.indexed).toBe(2_999)
  } finally {
    await fake.stop()
  }
})
