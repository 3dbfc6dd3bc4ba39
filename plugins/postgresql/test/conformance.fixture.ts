import type { Json } from '@cx/core'
import { type Fixture, startTcpProxy, type World } from '@cx/testing'
import { encodeKey } from '../src/path.ts'
import { type Cluster, password } from './cluster.ts'

const quote = (text: string) => `'${text.replaceAll("'", "''")}'`
const name = (text: string) => `"${text.replaceAll('"', '""')}"`

/** `docs/a.md` is the row `a.md` of the table `docs`: a table is to rows what a folder is to files. One table if told. */
function split(key: string, oneTable: boolean): { readonly table: string; readonly row: string } {
  if (oneTable) return { table: 'docs', row: key }
  const slash = key.indexOf('/')
  return slash < 0 ? { table: 'top', row: key } : { table: key.slice(0, slash), row: key.slice(slash + 1) }
}

let worlds = 0

/** A schema and a role of its own in one real server; `more` joins the configuration. */
export function fixtureOf(
  title: string,
  cluster: () => Cluster,
  options: { readonly tracking?: 'auto' | 'hash' | 'cdc'; readonly waive?: Fixture['waive'] } = {},
): Fixture {
  return {
    name: title,
    budgets: { check: 24, list: () => 20, read: 8, acls: () => 14, unchanged: 28 },
    ...(options.waive ? { waive: options.waive } : {}),
    start: () => openWorld(cluster(), options.tracking ?? 'auto'),
  }
}

async function openWorld(cluster: Cluster, tracking: 'auto' | 'hash' | 'cdc'): Promise<World> {
  const cdc = tracking === 'cdc'
  const schema = `w${++worlds}_${tracking}`
  const proxy = await startTcpProxy({ host: '127.0.0.1', port: cluster.port })
  const sql = (text: string) => cluster.sql(text)
  const known = new Set<string>()
  await sql(`CREATE SCHEMA ${schema}; CREATE ROLE ${schema} LOGIN REPLICATION PASSWORD '${password}'; GRANT USAGE ON SCHEMA ${schema} TO ${schema};
    CREATE FUNCTION ${schema}.nothing() RETURNS int LANGUAGE sql AS 'SELECT 1'`)
  const table = async (folder: string) => {
    const full = `${schema}.${name(folder)}`
    if (known.has(folder)) return full
    known.add(folder)
    await sql(`CREATE TABLE ${full} (key text PRIMARY KEY, body text, readers jsonb, title text, url text, at timestamptz DEFAULT now(),
      gone boolean, file bytea); GRANT SELECT ON ${full} TO ${schema}`)
    return full
  }
  await table('docs')
  if (cdc) {
    await sql(`CREATE PUBLICATION ${schema} FOR TABLES IN SCHEMA ${schema}`)
    await sql(`SELECT pg_create_logical_replication_slot('${schema}', 'pgoutput')`)
  }
  const base = { host: proxy.host, port: proxy.port, database: 'postgres', schema, sslMode: 'disable' }
  const config: Record<string, Json> = {
    ...base,
    contentColumns: ['body'],
    aclColumn: 'readers',
    changeTracking: tracking,
    ...(cdc ? { slotName: schema, publicationName: schema } : {}),
  }
  const put = async (key: string, content: string) => {
    const { table: folder, row } = split(key, cdc)
    await sql(`INSERT INTO ${await table(folder)} (key, body) VALUES (${quote(row)}, ${quote(content)})
      ON CONFLICT (key) DO UPDATE SET body = excluded.body WHERE excluded.body IS DISTINCT FROM ${name(folder)}.body`)
  }
  const remove = async (key: string) => {
    const { table: folder, row } = split(key, cdc)
    await sql(`DELETE FROM ${await table(folder)} WHERE key = ${quote(row)}`)
  }
  return {
    config,
    credentials: { method: 'password', user: schema, password },
    badCredentials: { method: 'password', user: schema, password: 'canary-refused-91c3e0-password' },
    badConfig: { ...config, schema: 'missing' },
    alternatives: [
      {
        ...base,
        tables: ['docs'],
        excludeTables: ['other*'],
        includeViews: false,
        excludeColumns: ['gone'],
        contentMimeType: 'text/plain',
        blobColumn: 'file',
        blobNameColumn: 'title',
        blobMimeColumn: 'url',
        titleColumn: 'title',
        urlColumn: 'url',
        createdAtColumn: 'at',
        updatedAtColumn: 'at',
        authorColumn: 'title',
        metadataColumns: ['at'],
        softDeleteColumn: 'gone',
        maxRows: 1_000_000,
        maxRowBytes: 1_000_000,
        changeTracking: 'hash',
        maxSlotLagBytes: 1_048_576,
        allowRls: true,
        sslCa: 'unused without TLS',
        sslCert: 'unused without TLS',
        statementTimeoutMs: 60_000,
        lockTimeoutMs: 1000,
        maxConnections: 2,
      },
      { ...base, query: 'SELECT key, body FROM docs', idColumns: ['key'], urlTemplate: 'https://app.test/{key}' },
      { ...base, slotName: 'unused', publicationName: 'unused' },
    ],
    faults: proxy.faults,
    put,
    remove,
    async putAll(documents) {
      for (const { key, content } of documents) await put(key, content)
    },
    async rename(from, to) {
      const before = split(from, cdc)
      const after = split(to, cdc)
      const target = await table(after.table)
      const source = await table(before.table)
      if (source === target)
        await sql(`UPDATE ${target} SET key = ${quote(after.row)} WHERE key = ${quote(before.row)}`)
      else
        await sql(`WITH moved AS (DELETE FROM ${source} WHERE key = ${quote(before.row)} RETURNING body, readers)
          INSERT INTO ${target} (key, body, readers) SELECT ${quote(after.row)}, body, readers FROM moved`)
    },
    pathOf(key) {
      const { table: folder, row } = split(key, cdc)
      return `${schema}/${encodeKey([folder])}/${encodeKey([row])}`
    },
    // A row has one version: only hashes tell its access list and its content apart.
    ...(tracking === 'hash'
      ? {
          async setAcl(key, readers) {
            const { table: folder, row } = split(key, cdc)
            await sql(
              `UPDATE ${await table(folder)} SET readers = ${quote(JSON.stringify(readers))} WHERE key = ${quote(row)}`,
            )
            return readers
          },
        }
      : {}),
    async deny(key) {
      await sql(`REVOKE SELECT ON ${await table(split(key, cdc).table)} FROM ${schema}`)
    },
    ...(cdc
      ? {
          async expireCursors() {
            await sql(`INSERT INTO ${await table('docs')} VALUES ('expire-1', ''); `)
            await sql(`DELETE FROM ${await table('docs')} WHERE key = 'expire-1'`)
            await sql(`SELECT pg_replication_slot_advance('${schema}', pg_current_wal_flush_lsn())`)
          },
        }
      : {}),
    big: {
      async entries(count) {
        await sql(
          `INSERT INTO ${await table('big')} (key, body) SELECT 'k' || g, 'b' FROM generate_series(1, ${count}) g`,
        )
      },
    },
    webhook: {
      secret: 'canary-webhook-27d1-secret',
      deliveries: [
        {
          headers: { 'x-cx-delivery': 'delivery-1' },
          body: JSON.stringify({ table: 'docs', keys: ['a.md'] }),
          expect: 'affected',
          paths: [`${schema}/docs/a.md`],
        },
        { headers: { 'x-cx-delivery': 'delivery-2' }, body: '{}', expect: 'resync' },
      ],
    },
    async close() {
      await proxy.close()
      if (cdc) {
        await sql(
          `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '${schema}' AND active`,
        )
        await sql(`SELECT pg_drop_replication_slot('${schema}')`)
        await sql(`DROP PUBLICATION ${schema}`)
      }
      await sql(`DROP SCHEMA ${schema} CASCADE; DROP ROLE ${schema}`)
    },
  }
}
