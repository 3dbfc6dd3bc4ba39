import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { password, startCluster } from '../../../../plugins/postgresql/test/cluster.ts'
import type { Address } from '../../src/egress/guard.ts'
import { start } from '../harness.ts'
import { life } from './life.ts'

life('postgresql', async () => {
  let log = ''
  let marks = 0
  const cluster = await startCluster(['log_statement=all'], (text) => {
    log += text
  })
  await cluster.sql(`CREATE SCHEMA zoo; CREATE ROLE reader LOGIN PASSWORD '${password}'; GRANT USAGE ON SCHEMA zoo TO reader;
    CREATE TABLE zoo.pets (id int PRIMARY KEY, body text, readers text); GRANT SELECT ON zoo.pets TO reader;
    INSERT INTO zoo.pets VALUES (1, 'Feed the axolotl.'), (2, 'The gecko climbs.')`)
  const config = {
    host: '127.0.0.1',
    port: cluster.port,
    database: 'postgres',
    schema: 'zoo',
    sslMode: 'disable',
    contentColumns: ['body'],
    aclColumn: 'readers',
  }
  return {
    config,
    badConfig: { ...config, tables: ['birds'] },
    credentials: { method: 'password', user: 'reader', password },
    badCredentials: { method: 'password', user: 'reader', password: 'canary-of-yesterday' },
    secret: password,
    kept: 'zoo/pets/1',
    dropped: 'zoo/pets/2',
    browse: { under: 'zoo', shows: 'zoo/pets' },
    write: (word) => cluster.sql(`UPDATE zoo.pets SET body = 'Feed the ${word}.' WHERE id = 1`),
    drop: () => cluster.sql('DELETE FROM zoo.pets WHERE id = 2'),
    // Statements that the server wrote down, once it has written the last one.
    contentReads: async () => {
      const mark = `mark ${++marks}.`
      await cluster.sql(`SELECT '${mark}'`)
      await expect.poll(() => log).toContain(mark)
      return log.match(/"body"::text END FROM unnest/g)?.length ?? 0
    },
    reader: 'bob@example.com',
    admit: (isIn) =>
      cluster.sql(`UPDATE zoo.pets SET readers = '${isIn ? 'bob@example.com' : 'ann@example.com'}' WHERE id = 1`),
    hook: {
      body: () => JSON.stringify({ schema: 'zoo', table: 'pets', keys: [1] }),
      sign: (body, secret) => ({
        'X-Cx-Delivery': 'pets-1',
        'X-Cx-Signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      }),
    },
    close: () => cluster.stop(),
  }
})

test('a name that answers differently after it was checked leads nowhere', async () => {
  const cluster = await startCluster()
  await cluster.sql('CREATE TABLE pets (id int PRIMARY KEY)')
  const answers: Record<string, string[]> = {
    'steady.test': ['127.0.0.1'],
    'rebind.test': ['10.0.0.5', '127.0.0.1'],
  }
  const resolve = async (name: string): Promise<readonly Address[]> => {
    const all = answers[name] ?? []
    const address = all.length > 1 ? all.shift()! : all[0]!
    return [{ address, family: 4 }]
  }
  const attempt = async (env: Record<string, string>, host: string) => {
    const cx = await start(env, { resolve })
    try {
      const { data } = await cx.call('POST', '/connectors/test', {
        type: 'postgresql',
        config: { host, port: cluster.port, database: 'postgres', sslMode: 'disable' },
        credentials: { method: 'password', user: 'postgres', password },
      })
      return data
    } finally {
      await cx.close()
    }
  }
  try {
    expect(await attempt({}, 'steady.test')).toMatchObject({ success: true })
    // Open to others, this machine's own database is not for connectors: only the first answer was a private address.
    expect(await attempt({ CX_HOST: '0.0.0.0' }, 'rebind.test')).toMatchObject({
      success: false,
      message: expect.stringContaining(
        'rebind.test cannot be connected to from here: 127.0.0.1 is this machine itself, and this server is open to others. An operator can allow addresses with CX_EGRESS_ALLOW.',
      ),
    })
    expect(answers['rebind.test']).toEqual(['127.0.0.1'])
    expect(await attempt({ CX_HOST: '0.0.0.0' }, '/var/run/postgresql')).toMatchObject({ success: false })
  } finally {
    await cluster.stop()
  }
})
