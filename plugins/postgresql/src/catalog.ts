import type { Transaction } from './transaction.ts'

/** `r` table, `p` partitioned table, `v` view, `m` materialised view, `f` foreign table; `q` is the custom query. */
export type RelationKind = 'r' | 'p' | 'v' | 'm' | 'f' | 'q'

export interface ColumnInfo {
  readonly name: string
  /** Another column that takes over the name has another number. */
  readonly number: number
  /** With its schema where the search path needs it; of a domain, what it is made of. */
  readonly type: string
  readonly typeName: string
  /** `pg_type.typcategory`: A array, B boolean, D date and time, N number, S string, U other, … */
  readonly category: string
  readonly readable: boolean
}

export interface Relation {
  readonly oid: string
  readonly schema: string
  readonly name: string
  readonly kind: RelationKind
  readonly comment: string | null
  /** Of a row on disk; a guess before the table was analysed. */
  readonly averageRowBytes: number
  /** Of 8 kB, of the table itself. */
  readonly pages: number
  readonly rowSecurity: boolean
  readonly usage: boolean
  /** SELECT on the whole table, which its system columns need too. */
  readonly select: boolean
  readonly columns: readonly ColumnInfo[]
  /** The primary key, else a unique index that identifies every row; empty when there is none. */
  readonly key: readonly string[]
}

// relispartition leaves out partitions: their rows come with the parent. information_schema would hide materialised
// views. Sizes come from pg_class because pg_total_relation_size waits for locks.
const discovery = `
SELECT c.oid::text, n.nspname, c.relname, c.relkind, obj_description(c.oid, 'pg_class'),
  CASE WHEN c.reltuples > 0 THEN (c.relpages + coalesce(toast.relpages, 0)) * 8192.0 / c.reltuples ELSE 1024 END::int8, c.relpages,
  row_security_active(c.oid), has_schema_privilege(n.oid, 'USAGE'), has_table_privilege(c.oid, 'SELECT'),
  coalesce((
    SELECT json_agg(json_build_array(a.attname, a.attnum, format_type(b.oid, -1), b.typname, b.typcategory,
      has_column_privilege(c.oid, a.attnum, 'SELECT')) ORDER BY a.attnum)
    FROM pg_attribute a JOIN pg_type d ON d.oid = a.atttypid
    JOIN pg_type b ON b.oid = CASE WHEN d.typtype = 'd' THEN d.typbasetype ELSE d.oid END
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  ), '[]')::text,
  coalesce((
    SELECT json_agg(a.attname ORDER BY k.position)
    FROM (
      SELECT i.indexrelid, i.indrelid, i.indkey, i.indnkeyatts FROM pg_index i
      WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate
        AND i.indpred IS NULL AND i.indexprs IS NULL
        AND (c.relkind = 'm' OR NOT EXISTS (
          SELECT FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(attnum, position)
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.attnum
          WHERE u.position <= i.indnkeyatts AND NOT a.attnotnull
        ))
      ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1
    ) i
    CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, position)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
    WHERE k.position <= i.indnkeyatts
  ), '[]')::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class toast ON toast.oid = c.reltoastrelid
WHERE n.nspname = ANY($1::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`

/** Every table, view, materialised view and foreign table of these schemas, in a stable order. */
export async function discover(transaction: Transaction, schemas: readonly string[]): Promise<Relation[]> {
  const rows = await transaction.rows({ text: discovery, values: [schemas] })
  return rows.map((row) => {
    const [oid, schema, name, kind, comment, bytes, pages, rowSecurity, usage, select, columns, key] = row
    return {
      oid: oid!,
      schema: schema!,
      name: name!,
      kind: kind as RelationKind,
      comment: comment ?? null,
      averageRowBytes: Number(bytes),
      pages: Number(pages),
      rowSecurity: rowSecurity === 't',
      usage: usage === 't',
      select: select === 't',
      columns: (JSON.parse(columns!) as ColumnRow[]).map(toColumn),
      key: JSON.parse(key!) as string[],
    }
  })
}

type ColumnRow = readonly [string, number, string, string, string, boolean]

function toColumn(column: ColumnRow): ColumnInfo {
  const [name, number, type, typeName, category, readable] = column
  return { name, number, type, typeName, category, readable }
}

/** The custom query, as if it were a view. */
export async function describeQuery(transaction: Transaction, query: string): Promise<Relation> {
  const fields = await transaction.columns({ text: `SELECT * FROM ${subquery(query)} LIMIT 0` })
  const types = await transaction.rows({
    text: `SELECT x.name, format_type(b.oid, -1), b.typname, b.typcategory
FROM unnest($1::text[], $2::oid[]) WITH ORDINALITY x(name, type, position)
JOIN pg_type d ON d.oid = x.type JOIN pg_type b ON b.oid = CASE WHEN d.typtype = 'd' THEN d.typbasetype ELSE d.oid END
ORDER BY x.position`,
    values: [fields.map(({ name }) => name), fields.map(({ typeId }) => typeId)],
  })
  return {
    oid: '0',
    schema: '',
    name: 'query',
    kind: 'q',
    comment: null,
    averageRowBytes: 1024,
    pages: 0,
    rowSecurity: false,
    usage: true,
    select: true,
    columns: types.map(([name, type, typeName, category], i) =>
      toColumn([name!, i + 1, type!, typeName!, category!, true]),
    ),
    key: [],
  }
}

/** The custom query in a FROM clause. The line break ends a comment on its last line. */
export function subquery(query: string): string {
  return `(\n${query.trim().replace(/;+$/, '')}\n) AS t`
}

/** Names of the schemas that are not the system's. */
export async function schemaNames(transaction: Transaction): Promise<string[]> {
  const rows = await transaction.rows({
    text: `SELECT nspname FROM pg_namespace
WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' ORDER BY nspname COLLATE "C"`,
  })
  return rows.map(([name]) => name!)
}
