import { createHmac } from 'node:crypto'
import { expect } from 'vitest'
import { password, startCluster } from '../../../../plugins/postgresql/test/cluster.ts'
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
