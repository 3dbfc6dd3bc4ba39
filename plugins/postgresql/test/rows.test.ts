import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cluster, startCluster } from './cluster.ts'
import { using } from './driver.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await startCluster()
})
afterAll(() => cluster.stop())

describe('relations', () => {
  it('lists tables, composite keys, odd names, partitions once, views and materialised views', async () => {
    await cluster.sql(`CREATE SCHEMA zoo; SET search_path = zoo;
      CREATE TABLE articles (id bigint PRIMARY KEY, title text, body text);
      INSERT INTO articles VALUES (1, 'One', 'first'), (9007199254740993, 'Big', 'second');
      CREATE TABLE pairs (a text, b text, v int, PRIMARY KEY (a, b));
      INSERT INTO pairs VALUES ('a_b', 'c', 1), ('a', 'b_c', 2), ('x,y', '50%/z', 3), ('', '..', 4), ('ключ "q"', '\\{}', 5);
      CREATE TABLE "Weird ""Name"" /x" ("Id X" int PRIMARY KEY, "select" text);
      INSERT INTO "Weird ""Name"" /x" VALUES (7, 'quoted');
      CREATE TABLE measures (id int, day date, v int, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
      CREATE TABLE measures_1 PARTITION OF measures FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
      CREATE TABLE measures_2 PARTITION OF measures FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
      INSERT INTO measures VALUES (1, '2024-05-01', 10), (2, '2025-05-01', 20);
      CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent);
      INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1);
      CREATE VIEW titles AS SELECT id, title FROM articles;
      CREATE MATERIALIZED VIEW totals AS SELECT a, sum(v) AS total FROM pairs GROUP BY a;
      CREATE UNIQUE INDEX ON totals (a);
      RESET search_path;`)
    await using(cluster, { schema: 'zoo' }, async (driver) => {
      const all = await driver.everything()
      expect(driver.unreadable).toEqual([])
      const keyed = Object.keys(all).filter((path) => !path.startsWith('zoo/titles/'))
      expect(keyed.sort()).toEqual(
        [
          'zoo/Weird "Name" %2Fx/7',
          'zoo/articles/1',
          'zoo/articles/9007199254740993',
          'zoo/child/1',
          'zoo/measures/1,2024-05-01',
          'zoo/measures/2,2025-05-01',
          'zoo/pairs/%00,%2E%2E',
          'zoo/pairs/a,b_c',
          'zoo/pairs/a_b,c',
          'zoo/pairs/x%2Cy,50%25%2Fz',
          'zoo/pairs/ключ "q",\\{}',
          'zoo/parent/1',
          'zoo/totals/%00',
          'zoo/totals/a',
          'zoo/totals/a_b',
          'zoo/totals/x%2Cy',
          'zoo/totals/ключ "q"',
        ].sort(),
      )
      expect(all['zoo/articles/9007199254740993']).toBe(
        '**id**: 9007199254740993  \n**title**: Big  \n**body**: second  ',
      )
      expect(all['zoo/pairs/x%2Cy,50%25%2Fz']).toContain('50%/z')
      expect(all['zoo/measures/2,2025-05-01']).toContain('**v**: 20')
      expect(Object.values(all).filter((text) => text.includes('**title**: One'))).toHaveLength(2)
    })
  })

  it('selects by patterns, other schemas included, and names what is there when a name is wrong', async () => {
    await cluster.sql(`CREATE SCHEMA pick; CREATE SCHEMA other;
      CREATE TABLE pick.kb_one (id int PRIMARY KEY); INSERT INTO pick.kb_one VALUES (1);
      CREATE TABLE pick.kb_two (id int PRIMARY KEY); INSERT INTO pick.kb_two VALUES (2);
      CREATE TABLE pick.log (id int PRIMARY KEY); INSERT INTO pick.log VALUES (3);
      CREATE TABLE other.tickets (id int PRIMARY KEY); INSERT INTO other.tickets VALUES (4);`)
    const paths = (config: object) =>
      using(cluster, { schema: 'pick', ...config }, async (driver) => (await driver.entries()).map(({ path }) => path))
    expect(await paths({ tables: ['kb_*', 'other.tickets'], excludeTables: ['kb_two'] })).toEqual([
      'other/tickets/4',
      'pick/kb_one/1',
    ])
    expect(await paths({})).toEqual(['pick/kb_one/1', 'pick/kb_two/2', 'pick/log/3'])
    await expect(paths({ tables: ['kb_onne'] })).rejects.toMatchObject({
      code: 'misconfigured',
      message: expect.stringMatching(/"kb_onne".*There is "kb_one"/),
    })
    await expect(paths({ schema: 'pik' })).rejects.toMatchObject({ message: expect.stringContaining('"pick"') })
    await expect(paths({ tables: ['log'], titleColumn: 'idd' })).rejects.toMatchObject({
      code: 'misconfigured',
      message: expect.stringMatching(/titleColumn.*pick.log has no column "idd".*"id"/),
    })
    await expect(paths({ database: 'nowhere' })).rejects.toMatchObject({ code: 'misconfigured' })
  })

  it('identifies rows without a key by their content, duplicates apart', async () => {
    await cluster.sql(`CREATE SCHEMA bare; CREATE TABLE bare.notes (word text, n int);
      INSERT INTO bare.notes VALUES ('same', 1), ('same', 1), ('other', 2);`)
    const state = () =>
      using(cluster, { schema: 'bare' }, async (driver) => {
        const entries = await driver.entries()
        expect(driver.lines.some(({ message }) => message.includes('No key'))).toBe(true)
        // By scan too, as a later retry does.
        await using(cluster, { schema: 'bare' }, async (later) => {
          for (const entry of entries) expect(await later.read(entry)).toBe(await driver.read(entry))
        })
        return entries.map(({ id, version }) => `${id} ${version}`)
      })
    const before = await state()
    expect(new Set(before).size).toBe(3)
    expect(before.filter((line) => / ?-2 /.test(line))).toHaveLength(1)
    expect(await state()).toEqual(before)
    await cluster.sql(`DELETE FROM bare.notes WHERE ctid = (SELECT min(ctid) FROM bare.notes WHERE word = 'same');
      UPDATE bare.notes SET n = 3 WHERE word = 'other'`)
    const after = await state()
    expect(after.filter((line) => before.includes(line))).toHaveLength(1)
    expect(after).toHaveLength(2)
  })

  it('follows a view by the hash of its content, and refuses columns that do not identify', async () => {
    await cluster.sql(`CREATE SCHEMA seen; CREATE TABLE seen.t (id int PRIMARY KEY, w text, secret text);
      INSERT INTO seen.t VALUES (1, 'a', 'x'), (2, 'b', 'x'); CREATE VIEW seen.v AS SELECT id, w FROM seen.t`)
    const versions = (idColumns: string[] = ['id']) =>
      using(cluster, { schema: 'seen', tables: ['v'], idColumns }, async (driver) => {
        const entries = await driver.entries()
        expect(driver.unreadable).toEqual([])
        return new Map(entries.map(({ path, version }) => [path, version]))
      })
    const before = await versions()
    await cluster.sql(`UPDATE seen.t SET secret = 'y'; UPDATE seen.t SET w = 'c' WHERE id = 2`)
    const after = await versions()
    expect(after.get('seen/v/1')).toBe(before.get('seen/v/1'))
    expect(after.get('seen/v/2')).not.toBe(before.get('seen/v/2'))
    await cluster.sql(`INSERT INTO seen.t VALUES (3, 'c', '')`)
    await using(cluster, { schema: 'seen', tables: ['v'], idColumns: ['w'] }, async (driver) => {
      await driver.entries()
      expect(driver.unreadable).toMatchObject([{ path: 'seen/v', code: 'misconfigured' }])
    })
  })

  it('reads a custom query, and nothing but one SELECT', async () => {
    await cluster.sql(`CREATE SCHEMA q; CREATE TABLE q.docs (id int PRIMARY KEY, body text);
      INSERT INTO q.docs VALUES (1, 'one'), (2, 'two')`)
    const query = (text: string, more: object = {}) =>
      using(cluster, { schema: 'q', query: text, ...more }, (driver) => driver.everything())
    expect(
      await query(`SELECT id, body || ';' AS text FROM docs -- unqualified, with a comment`, {
        idColumns: ['id'],
        contentColumns: ['text'],
      }),
    ).toEqual({ 'query/rows/1': 'one;', 'query/rows/2': 'two;' })
    await expect(query('SELECT 1; COMMIT; DROP TABLE q.docs')).rejects.toMatchObject({ code: 'misconfigured' })
    await expect(query('SELECT 1) t; DROP TABLE q.docs; SELECT (1')).rejects.toMatchObject({ code: 'misconfigured' })
    await cluster.sql(`CREATE FUNCTION q.sneak() RETURNS int LANGUAGE sql AS 'DELETE FROM q.docs RETURNING id'`)
    await expect(query('SELECT sneak() AS id')).rejects.toMatchObject({ code: 'misconfigured' })
    await expect(query('SELECT * FROM missing')).rejects.toMatchObject({ code: 'misconfigured' })
    await expect(query('SELECT id FROM docs', { idColumns: ['uid'] })).rejects.toMatchObject({
      message: expect.stringContaining('"id"'),
    })
    expect(await cluster.sql('SELECT count(*)::int AS n FROM q.docs')).toEqual([{ n: 2 }])
  })
})

describe('entries', () => {
  it('takes title, link, times, author, metadata and access from columns', async () => {
    await cluster.sql(`CREATE SCHEMA meta; CREATE TABLE meta.pages (
        id int PRIMARY KEY, head text, body text, link text, made timestamptz, changed timestamp, who text,
        tags text[], n bigint, price numeric, readers text[], gone boolean, embedding bytea);
      INSERT INTO meta.pages VALUES
        (1, 'Head', '<p>Hello</p>', 'https://x.test/1', '2024-03-01 10:00:00.123456+02', '2024-03-02 01:02:03', 'ada',
         '{a,"b c"}', 9007199254740993, 12.5, '{ada@x.test,group:staff,domain:x.test}', NULL, '\\x00'),
        (2, NULL, NULL, NULL, 'infinity', '0044-03-15 BC', NULL, NULL, 5, NULL, '{}', false, NULL),
        (3, 'Gone', '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, true, NULL)`)
    const config = {
      schema: 'meta',
      contentColumns: ['body'],
      contentMimeType: 'text/html',
      titleColumn: 'head',
      urlColumn: 'link',
      createdAtColumn: 'made',
      updatedAtColumn: 'changed',
      authorColumn: 'who',
      metadataColumns: ['tags', 'n', 'price', 'made'],
      aclColumn: 'readers',
      softDeleteColumn: 'gone',
    }
    await using(cluster, config, async (driver) => {
      const [first, second, ...rest] = await driver.entries()
      expect(rest).toEqual([])
      expect(first).toMatchObject({
        title: 'Head',
        url: 'https://x.test/1',
        mimeType: 'text/html',
        createdAt: '2024-03-01T08:00:00.123456Z',
        updatedAt: '2024-03-02T01:02:03Z',
        author: 'ada',
        metadata: { tags: ['a', 'b c'], n: '9007199254740993', price: 12.5, made: '2024-03-01T08:00:00.123456Z' },
        acl: {
          allOf: [
            [
              { type: 'user', id: 'ada@x.test', email: 'ada@x.test' },
              { type: 'group', id: 'staff' },
              { type: 'domain', id: 'x.test' },
            ],
          ],
        },
      })
      expect(await driver.read(first!)).toBe('<p>Hello</p>')
      expect(second).toMatchObject({ metadata: { n: 5 }, acl: { allOf: [[]] } })
      expect(second).not.toHaveProperty('createdAt')
      expect(second).not.toHaveProperty('updatedAt')
      expect(await driver.entries(['meta/pages/3', 'meta/pages/2'])).toMatchObject([{ path: 'meta/pages/2' }])
      await expect(driver.read({ id: 'meta/pages/3', path: '', version: '' })).rejects.toMatchObject({
        code: 'not_found',
      })
    })
    await using(cluster, { schema: 'meta', urlTemplate: 'https://app.test/{id}?t={head}' }, async (driver) => {
      expect((await driver.entries())[0]?.url).toBe('https://app.test/1?t=Head')
      expect(await driver.read((await driver.entries())[0]!)).not.toContain('embedding')
    })
  })

  it('keeps every type exact, whatever the time zone of the process and the role', async () => {
    await cluster.sql(`CREATE SCHEMA exact; ALTER ROLE postgres SET timezone = 'America/New_York';
      ALTER ROLE postgres SET datestyle = 'SQL, DMY'; ALTER ROLE postgres SET bytea_output = 'escape';
      CREATE TYPE exact.mood AS ENUM ('sad', 'happy'); CREATE DOMAIN exact.positive AS numeric CHECK (VALUE > 0);
      CREATE TABLE exact.t (id bigint PRIMARY KEY, n numeric, nan numeric, j jsonb, ts timestamptz, tl timestamp, d date,
        inf timestamptz, i interval, b bytea, a bigint[], f float8, r int4range, u uuid, m exact.mood, p exact.positive,
        c char(5), bits bit(3), ip inet);
      INSERT INTO exact.t VALUES (-9223372036854775808, 12345678901234567890.123456789012345678901234567890, 'NaN',
        '{"n": 12345678901234567890.10, "s": "ü"}', '2024-07-01 12:00:00.123456 Asia/Kolkata', '2024-07-01 12:00:00.000001',
        '2024-07-01', 'infinity', '1 year 2 mons 3 days 04:05:06.789', '\\xdeadbeef', '{1,NULL,9223372036854775807}',
        0.1, '[1,5)', '00000000-0000-0000-0000-000000000001', 'happy', 1.10, 'ab', B'101', '10.0.0.1/8')`)
    await using(cluster, { schema: 'exact' }, async (driver) => {
      const [entry] = await driver.entries()
      const lines = (await driver.read(entry!)).split('\n').map((line) => line.trimEnd())
      expect(lines).toEqual([
        '**id**: -9223372036854775808',
        '**n**: 12345678901234567890.123456789012345678901234567890',
        '**nan**: NaN',
        '**j**: {"n": 12345678901234567890.10, "s": "ü"}',
        '**ts**: 2024-07-01T06:30:00.123456Z',
        '**tl**: 2024-07-01T12:00:00.000001',
        '**d**: 2024-07-01',
        '**inf**: infinity',
        '**i**: 1 year 2 mons 3 days 04:05:06.789',
        '**a**: 1, NULL, 9223372036854775807',
        '**f**: 0.1',
        '**r**: [1,5)',
        '**u**: 00000000-0000-0000-0000-000000000001',
        '**m**: happy',
        '**p**: 1.10',
        '**c**: ab',
        '**bits**: 101',
        '**ip**: 10.0.0.1/8',
      ])
    })
    await using(cluster, { schema: 'exact', contentColumns: ['b'] }, async (driver) => {
      expect(await driver.everything()).toEqual({ 'exact/t/-9223372036854775808': '\\xdeadbeef' })
    })
    await cluster.sql('ALTER ROLE postgres RESET ALL')
  })

  it('finds rows again by keys of every kind', async () => {
    await cluster.sql(`CREATE SCHEMA keys; SET search_path = keys;
      CREATE TABLE k_char (k char(4) PRIMARY KEY); INSERT INTO k_char VALUES ('a'), ('abcd');
      CREATE TABLE k_ts (k timestamptz PRIMARY KEY); INSERT INTO k_ts VALUES ('2024-01-01 00:00:00.000001+00'), ('infinity');
      CREATE TABLE k_num (k numeric PRIMARY KEY); INSERT INTO k_num VALUES (1.50), (99999999999999999999);
      CREATE TABLE k_text (k text PRIMARY KEY); INSERT INTO k_text VALUES ('NULL'), (E'a"b\\\\c'), ('{x,y}'), (E'new\\nline');
      CREATE TABLE k_uuid (k uuid PRIMARY KEY); INSERT INTO k_uuid SELECT gen_random_uuid() FROM generate_series(1, 5);
      CREATE TABLE k_bytes (k bytea PRIMARY KEY); INSERT INTO k_bytes VALUES ('\\x00ff');
      CREATE TABLE k_bool (k boolean PRIMARY KEY); INSERT INTO k_bool VALUES (true), (false);
      CREATE TABLE k_index (a int NOT NULL, b int, c text NOT NULL UNIQUE); INSERT INTO k_index VALUES (1, NULL, 'only');
      RESET search_path`)
    await using(cluster, { schema: 'keys', contentColumns: ['k', 'c'] }, async (driver) => {
      const entries = await driver.entries()
      expect(entries).toHaveLength(19)
      for (const entry of entries) await expect(driver.read(entry)).resolves.not.toBe('')
      const again = await driver.entries(entries.map(({ path }) => path))
      expect(again).toEqual(entries)
      expect(
        await driver.entries(['keys/k_num/letters', 'keys/k_num/1.50', 'keys/k_uuid/', 'elsewhere/x/1']),
      ).toHaveLength(6)
    })
  })

  it('delivers files from a bytea column, and refuses rows that are too large', async () => {
    await cluster.sql(`CREATE SCHEMA files; CREATE TABLE files.f (id int PRIMARY KEY, data bytea, name text, kind text);
      INSERT INTO files.f VALUES (1, '\\x255044462d', 'a.pdf', 'application/pdf')`)
    const config = { schema: 'files', blobColumn: 'data', blobNameColumn: 'name', blobMimeColumn: 'kind' }
    await using(cluster, config, async (driver) => {
      const [entry] = await driver.entries()
      const { default: connector } = await import('../src/index.ts')
      const run = { config: driver.session.config, log: driver.session.log, signal: new AbortController().signal }
      const content = await connector.read(driver.session, entry!, run)
      expect(content).toMatchObject({ mimeType: 'application/pdf', filename: 'a.pdf' })
      expect(Buffer.from(content.body as Uint8Array).toString()).toBe('%PDF-')
    })
    await cluster.sql(`ALTER TABLE files.f ALTER data SET STORAGE EXTERNAL;
      INSERT INTO files.f SELECT 2, convert_to(repeat('x', 5000), 'UTF8'), 'b', 'text/plain'`)
    await using(cluster, { ...config, maxRowBytes: 2048 }, async (driver) => {
      const [small, large] = await driver.entries()
      const results = await Promise.allSettled([driver.read(small!), driver.read(large!)])
      expect(results).toMatchObject([
        { status: 'fulfilled' },
        { status: 'rejected', reason: { code: 'unprocessable' } },
      ])
    })
  })
})
