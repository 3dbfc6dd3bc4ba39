import { chown, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Json, Lookup } from '@cx/core'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import postgresql from '../src/index.ts'
import { type Cluster, password, startCluster } from './cluster.ts'
import { drive, using, withDefaults } from './driver.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await startCluster()
  await cluster.sql(`CREATE SCHEMA f; CREATE ROLE reader LOGIN PASSWORD '${password}'; GRANT USAGE ON SCHEMA f TO reader;
    CREATE TABLE f.a (id int PRIMARY KEY, body text); CREATE TABLE f.b (id int PRIMARY KEY, body text);
    INSERT INTO f.a SELECT g, 'a' FROM generate_series(1, 20000) g; INSERT INTO f.b VALUES (1, 'b');
    GRANT SELECT ON f.a, f.b TO reader`)
})
afterAll(() => cluster.stop())

const reader = { user: 'reader', password }

describe('permissions', () => {
  it('reports tables that may not be read, and reads the columns that may', async () => {
    await cluster.sql(`CREATE TABLE f.c (id int PRIMARY KEY, secret text, open text); INSERT INTO f.c VALUES (1, 'hush', 'hello');
      CREATE TABLE f.d (id int PRIMARY KEY); GRANT SELECT (id, open) ON f.c TO reader`)
    await using(
      cluster,
      { schema: 'f', excludeTables: ['a'] },
      async (driver) => {
        expect(await driver.everything()).toEqual({
          'f/b/1': '**id**: 1  \n**body**: b  ',
          'f/c/1': '**id**: 1  \n**open**: hello  ',
        })
        expect(driver.unreadable).toMatchObject([{ path: 'f/d', code: 'forbidden' }])
        const { checks = [] } = await driver.check()
        expect(checks.find(({ status }) => status === 'failed')).toMatchObject({
          remediation: expect.stringContaining('f.d'),
        })
      },
      reader,
    )
    await cluster.sql('DROP TABLE f.c, f.d')
  })

  it('reports what row-level security would hide, unless told otherwise', async () => {
    await cluster.sql(`CREATE TABLE f.r (id int PRIMARY KEY, owner text); INSERT INTO f.r VALUES (1, 'reader'), (2, 'else');
      GRANT SELECT ON f.r TO reader; ALTER TABLE f.r ENABLE ROW LEVEL SECURITY;
      CREATE POLICY mine ON f.r USING (owner = current_user);
      CREATE VIEW f.rv WITH (security_invoker) AS SELECT * FROM f.r; GRANT SELECT ON f.rv TO reader`)
    const paths = (more: object) =>
      using(
        cluster,
        { schema: 'f', tables: ['r', 'rv'], idColumns: ['id'], ...more },
        async (driver) => [
          (await driver.entries()).map(({ path }) => path),
          driver.unreadable.map(({ path, code }) => `${path} ${code}`),
        ],
        reader,
      )
    expect(await paths({})).toEqual([[], ['f/r forbidden', 'f/rv forbidden']])
    expect(await paths({ allowRls: true })).toEqual([['f/r/1', 'f/rv/1'], []])
    await cluster.sql('DROP TABLE f.r CASCADE')
  })

  it('refreshes access lists without reading content, and lets nobody in by mistake', async () => {
    await cluster.sql(`CREATE TABLE f.acl (id int PRIMARY KEY, readers jsonb, body text);
      INSERT INTO f.acl VALUES (1, '["ada@x.test", "group:a, b"]', ''), (2, '{"users": ["u@x.test"], "groups": ["g"]}', ''),
        (3, '{"allOf": [["anyone"], [{"type": "group", "id": "g"}]], "deny": ["bob@x.test"]}', ''),
        (4, NULL, ''), (5, '[]', ''), (6, '{"allOf": []}', ''), (7, '42', ''), (8, '{"allOf": [["anyone"]], "deny": [7]}', ''),
        (9, '"ada@x.test, group:staff"', '')`)
    await using(cluster, { schema: 'f', tables: ['acl', 'b'], aclColumn: 'readers' }, async (driver) => {
      const entries = await driver.entries()
      const run = { config: driver.session.config, log: driver.session.log, signal: new AbortController().signal }
      const acls = await Array.fromAsync(postgresql.permissions!.acls(driver.session, entries, run))
      const told = new Map(acls.map(({ id, acl }) => [id, acl]))
      for (const { id, acl } of entries) expect(told.get(id)).toEqual(acl)
      expect(told.get('f/acl/1')?.allOf).toEqual([
        [
          { type: 'user', id: 'ada@x.test', email: 'ada@x.test' },
          { type: 'group', id: 'a, b' },
        ],
      ])
      expect(told.get('f/acl/2')?.allOf[0]?.map(({ type }) => type)).toEqual(['user', 'group'])
      expect(told.get('f/acl/3')).toEqual({
        allOf: [[{ type: 'anyone' }], [{ type: 'group', id: 'g' }]],
        deny: [{ type: 'user', id: 'bob@x.test', email: 'bob@x.test' }],
      })
      for (const id of [4, 5, 6, 7, 8]) expect(told.get(`f/acl/${id}`)).toEqual({ allOf: [[]] })
      expect(told.get('f/acl/9')?.allOf[0]).toHaveLength(2)
      expect(entries.find(({ id }) => id === 'f/b/1')).not.toHaveProperty('acl')
    })
    await cluster.sql('DROP TABLE f.acl')
  })
})

describe('trouble', () => {
  it('ends the listing when the connection is terminated, and goes on from the checkpoint', async () => {
    const items: unknown[] = []
    let cursor: Json | undefined
    await using(cluster, { schema: 'f' }, async (driver) => {
      const broken = (async () => {
        for await (const item of driver.list()) {
          items.push(item)
          if (!('kind' in item)) continue
          if (cursor === undefined)
            await cluster.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cx'`)
          cursor = item.cursor
        }
      })()
      await expect(broken).rejects.toMatchObject({ code: 'unavailable' })
      expect(driver.unreadable).toEqual([])
      const rest = await Array.fromAsync(driver.list({ resume: cursor! }))
      const ids = [...items, ...rest].flatMap((item) => ('id' in (item as object) ? [(item as { id: string }).id] : []))
      expect(new Set(ids).size).toBe(20_001)
      // Idle connections that the server ends do no harm either.
      await cluster.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cx'`)
      await expect.poll(() => driver.entries(['f/b/1'])).toHaveLength(1)
    })
  })

  it('reports a locked table and lists the others', async () => {
    const holder = await cluster.client()
    await holder.query('BEGIN; LOCK TABLE f.a')
    await using(cluster, { schema: 'f', lockTimeoutMs: 50 }, async (driver) => {
      expect((await driver.entries()).map(({ path }) => path)).toEqual(['f/b/1'])
      expect(driver.unreadable).toMatchObject([
        { path: 'f/a', code: 'unavailable', message: expect.stringContaining('55P03') },
      ])
    })
    await holder.query('ROLLBACK')
  })

  it('halves a batch that runs into the statement timeout', async () => {
    await cluster.sql(
      `CREATE FUNCTION f.slow(text) RETURNS text LANGUAGE sql STABLE AS 'SELECT $1 FROM pg_sleep(0.03)'`,
    )
    await using(
      cluster,
      {
        schema: 'f',
        query: 'SELECT id, slow(body) AS body, id AS n FROM a WHERE id <= 8',
        idColumns: ['id'],
        contentColumns: ['body'],
        statementTimeoutMs: 300,
      },
      async (driver) => {
        const ids = Array.from({ length: 8 }, (_, i) => `query/rows/${i + 1}`)
        const texts = await Promise.all(ids.map((id) => driver.read({ id, path: id, version: '' })))
        expect(texts).toEqual(ids.map(() => 'a'))
      },
    )
  })

  it('reports a view that fails, with its table going on', async () => {
    await cluster.sql('CREATE VIEW f.bad AS SELECT 1 / (id - 1) AS x FROM f.b')
    await using(cluster, { schema: 'f', tables: ['bad', 'b'] }, async (driver) => {
      expect((await driver.entries()).map(({ path }) => path)).toEqual(['f/b/1'])
      expect(driver.unreadable).toMatchObject([{ path: 'f/bad', code: 'unprocessable' }])
    })
    await cluster.sql('DROP VIEW f.bad')
  })

  it('stops within a second of an abort, here and at the server', async () => {
    await using(
      cluster,
      { schema: 'f', query: 'SELECT id, pg_sleep(60) FROM a', idColumns: ['id'] },
      async (driver) => {
        const abort = new AbortController()
        const listing = Array.fromAsync(driver.list({ signal: abort.signal }))
        const running = () =>
          cluster.sql(
            `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'cx' AND state = 'active'`,
          )
        await expect.poll(running).toEqual([{ n: 1 }])
        const at = performance.now()
        abort.abort(new Error('cancelled'))
        await expect(listing).rejects.toThrow('cancelled')
        expect(performance.now() - at).toBeLessThan(1000)
        await expect.poll(running).toEqual([{ n: 0 }])
      },
    )
  })

  it('maps refusals, and never repeats the password', async () => {
    const failure = (config: object, login?: Record<string, Json>) =>
      using(cluster, config as Record<string, Json>, (driver) => driver.check(), login).catch((error: unknown) => error)
    const failures = {
      unauthenticated: [
        await failure({}, { user: 'postgres', password: `${password}x` }),
        await failure({}, { user: 'nobody', password }),
        await failure({}, { user: 'postgres' }),
      ],
      misconfigured: [
        await failure({ database: 'none' }),
        await failure({ schema: 'none' }),
        await failure({ port: 1 }),
        await failure({ host: 'no-such-host.invalid' }),
        await failure({ sslMode: 'require' }),
      ],
    }
    for (const [code, errors] of Object.entries(failures))
      for (const error of errors) {
        expect(error).toMatchObject({ name: 'ConnectorError', code })
        expect(
          JSON.stringify(error) + String(error) + (error as Error).stack + String((error as Error).cause),
        ).not.toContain(password)
      }
    expect(() => withDefaults({})).not.toThrow()
    await expect(drive(cluster, { tables: ['a'], query: 'SELECT 1' })).rejects.toMatchObject({ code: 'misconfigured' })
  })
})

describe('around', () => {
  it('checks, pins database and server, and browses', async () => {
    await using(
      cluster,
      { schema: 'f' },
      async (driver) => {
        const { account, tenant, checks } = await driver.check()
        expect(account).toMatch(/^reader at 127.0.0.1:\d+\/postgres \(PostgreSQL 18/)
        expect(tenant).toMatch(/^\d{15,}\/\d+\/postgres$/)
        expect(checks?.map(({ capability, status }) => `${capability} ${status}`)).toEqual([
          'tls skipped',
          'tables ok',
          'content ok',
        ])
        const run = { config: driver.session.config, log: driver.session.log, signal: new AbortController().signal }
        const children = (path: string) => Array.fromAsync(postgresql.browse!.children(driver.session, path, run))
        expect((await children('')).map(({ path }) => path)).toEqual(['f', 'public'])
        expect(await children('f')).toContainEqual({ path: 'f/a', title: 'a', hasChildren: false, selectable: true })
      },
      reader,
    )
  })

  it('understands deliveries, and takes no value from them', () => {
    const config = withDefaults({ host: 'h', database: 'd', schema: 's' })
    const receive = (body: unknown) =>
      postgresql.webhook!.receive(
        {
          headers: new Headers({ 'x-cx-delivery': 'd1' }),
          body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
          query: new URLSearchParams(),
          receivedAt: 0,
        },
        config,
      )
    expect(receive({ table: 't', keys: [1, 'a/b', ['x', 2]] })).toEqual({
      kind: 'affected',
      paths: ['s/t/1', 's/t/a%2Fb', 's/t/x,2'],
      deliveryId: 'd1',
    })
    expect(receive({ schema: 'o', table: 't' })).toMatchObject({ kind: 'affected', paths: ['o/t/'] })
    expect(receive('{"table":"t","keys":[9007199254740993]}')).toMatchObject({ kind: 'affected', paths: ['s/t/'] })
    for (const body of ['', 'null', '[]', '{"table":7}']) expect(receive(body)).toMatchObject({ kind: 'resync' })
  })
})

describe('the way the host finds addresses', () => {
  it('connects where the host says, each time it connects, and takes a refusal as final', async () => {
    const asked: string[] = []
    let refuse = false
    const lookup: Lookup = (name, { all }, found) => {
      asked.push(name)
      const refusal = Object.assign(new Error('metadata is no database'), { code: 'egress_denied' })
      if (refuse) found(refusal, '', 0)
      else if (all) found(null, [{ address: '127.0.0.1', family: 4 }])
      else found(null, '127.0.0.1', 4)
    }
    const config = { host: 'db.example', schema: 'f', tables: ['b'] }
    const rows = await using(cluster, config, (driver) => driver.everything(), undefined, lookup)
    expect(Object.keys(rows)).toEqual(['f/b/1'])
    expect(asked.length).toBeGreaterThan(0)
    expect(new Set(asked)).toEqual(new Set(['db.example']))
    refuse = true
    await expect(using(cluster, config, (driver) => driver.check(), undefined, lookup)).rejects.toMatchObject({
      name: 'ConnectorError',
      code: 'misconfigured',
      message: expect.stringContaining('metadata is no database'),
    })
  })
})

describe('TLS', () => {
  it('encrypts and verifies as each mode says, and logs in by client certificate', async () => {
    const days = { notBeforeDate: new Date(Date.now() - 86_400_000), notAfterDate: new Date(Date.now() + 86_400_000) }
    const ca = await generate([{ name: 'commonName', value: 'cx test CA' }], {
      ...days,
      algorithm: 'sha256',
      extensions: [{ name: 'basicConstraints', cA: true, critical: true }],
    })
    const issue = (name: string) =>
      generate([{ name: 'commonName', value: name }], {
        ...days,
        algorithm: 'sha256',
        ca: { key: ca.private, cert: ca.cert },
        extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
      })
    const server = await issue('localhost')
    const elsewhere = await issue('db.example')
    const client = await issue('certain')
    const { uid, gid } = await stat(cluster.directory)
    for (const [name, content] of [
      ['server.crt', server.cert],
      ['server.key', server.private],
      ['ca.crt', ca.cert],
    ] as const) {
      const path = join(cluster.directory, name)
      await writeFile(path, content, { mode: 0o600 })
      await chown(path, uid, gid)
    }
    await writeFile(
      join(cluster.directory, 'pg_hba.conf'),
      'hostssl all certain all cert\nhost all certain all reject\nhost all all all scram-sha-256\n',
    )
    await cluster.sql('CREATE ROLE certain LOGIN')
    for (const setting of [`ssl_ca_file = 'ca.crt'`, 'ssl = on']) await cluster.sql(`ALTER SYSTEM SET ${setting}`)
    await cluster.sql('SELECT pg_reload_conf()')
    const tls = async (config: object, login?: Record<string, Json>) => {
      const result = await using(cluster, { host: 'localhost', ...config }, (driver) => driver.check(), login).catch(
        (error: { code: string }) => error,
      )
      return 'checks' in result ? result.checks?.[0]?.message : (result as { code: string }).code
    }
    await expect.poll(() => tls({ sslMode: 'require' })).toMatch(/^Encrypted/)
    expect(await tls({ sslMode: 'disable' })).toMatch(/^The connection is not/)
    expect(await tls({ sslMode: 'prefer' })).toMatch(/^Encrypted/)
    expect(await tls({ sslMode: 'verify-full' })).toBe('misconfigured')
    expect(await tls({ sslMode: 'verify-full', sslCa: ca.cert })).toMatch(/was verified/)
    expect(await tls({ sslMode: 'verify-full', sslCa: ca.cert, host: '127.0.0.1' })).toBe('misconfigured')
    expect(await tls({ sslMode: 'verify-ca', sslCa: ca.cert, host: '127.0.0.1' })).toMatch(/was verified/)
    expect(await tls({ sslMode: 'require', sslCa: client.cert })).toBe('misconfigured')
    const certificate = { sslMode: 'verify-full', sslCa: ca.cert, sslCert: client.cert }
    expect(await tls(certificate, { user: 'certain', sslKey: client.private })).toMatch(/was verified/)
    expect(await tls({ sslMode: 'require' }, { user: 'certain' })).toBe('unauthenticated')
    expect(await tls(certificate, { user: 'postgres', password, sslKey: client.private })).toMatch(/was verified/)

    // The address is the host's; the name that the certificate is for stays the one that was typed in.
    const lookup: Lookup = (_name, { all }, found) =>
      all ? found(null, [{ address: '127.0.0.1', family: 4 }]) : found(null, '127.0.0.1', 4)
    const pinned = { sslMode: 'verify-full', sslCa: ca.cert, host: 'db.example' }
    const failure = await using(cluster, pinned, (driver) => driver.check(), undefined, lookup).catch(String)
    expect(failure).toMatch(/Host: db\.example\. is not in the cert's altnames/)
    await writeFile(join(cluster.directory, 'server.crt'), elsewhere.cert)
    await writeFile(join(cluster.directory, 'server.key'), elsewhere.private)
    await cluster.sql('SELECT pg_reload_conf()')
    const verified = () =>
      using(cluster, pinned, async (driver) => (await driver.check()).checks?.[0]?.message, undefined, lookup).catch(
        String,
      )
    await expect.poll(verified).toMatch(/was verified/)
  })
})
