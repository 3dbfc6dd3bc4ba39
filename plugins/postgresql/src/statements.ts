import type { ColumnInfo } from './catalog.ts'
import { decodeKey, type KeyPart } from './path.ts'
import type { Plan } from './plan.ts'
import { column, ident } from './sql.ts'
import type { Statement } from './transaction.ts'
import { jsonOf, textOf } from './values.ts'

/** SHA-256, which works on servers in FIPS mode too; 128 bits of it tell rows apart. */
function digest(columns: readonly ColumnInfo[]): string {
  const row = `ROW(${columns.map(({ name }) => column(name)).join(', ')})::text`
  return `pg_catalog.left(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(${row}, 'UTF8')), 'hex'), 32)`
}

/** The columns a document is made of. */
export function documentColumns({ body, title, blob }: Plan): readonly ColumnInfo[] {
  const all = [...body, title, blob?.data, blob?.name, blob?.mime].filter((found) => found !== undefined)
  return [...new Map(all.map((info) => [info.name, info])).values()]
}

function identity({ key, relation }: Plan): string[] {
  // Every column, so that rows with one identity are alike in all that is read of them.
  return key.length > 0
    ? key.map(({ name }) => column(name))
    : [digest(relation.columns.filter(({ readable }) => readable))]
}

function version(plan: Plan): string {
  if (plan.key.length === 0) return 'NULL'
  return plan.tracking === 'xmin' ? 't.xmin' : digest(documentColumns(plan))
}

/** What a listed row holds: the identity's parts, the version, the facts. */
export function listedColumns(plan: Plan): string[] {
  const facts = plan.facts.map(({ role, column: info }) =>
    role === 'acl' || role === 'metadata' ? jsonOf(info) : `${column(info.name)}::text`,
  )
  return [...identity(plan), version(plan), ...facts]
}

/** What a read row holds: its size if that is too large (then nothing else), and its document columns. */
function document(plan: Plan, maxRowBytes: number): { readonly select: string; readonly join: string } {
  const columns = documentColumns(plan)
  const size = columns.map(({ name }) => `coalesce(pg_catalog.pg_column_size(${column(name)}), 0)::int8`)
  const select = columns.map((info) => `CASE WHEN cx_size.bytes <= ${maxRowBytes} THEN ${textOf(info)} END`)
  return {
    select: [`CASE WHEN cx_size.bytes > ${maxRowBytes} THEN cx_size.bytes END`, ...select].join(', '),
    // OFFSET 0 keeps the sum from being worked out once a column.
    join: `CROSS JOIN LATERAL (SELECT ${size.join(' + ') || '0'} AS bytes OFFSET 0) AS cx_size`,
  }
}

/** Every row after a key, in the key's order. Rows without a key come with their document, by their digest. */
export function listStatement(
  plan: Plan,
  options: {
    readonly after?: readonly KeyPart[] | undefined
    readonly limit?: number | undefined
    readonly maxRowBytes: number
  },
): Statement {
  const { after, limit, maxRowBytes } = options
  const names = plan.key.map(({ name }) => column(name))
  const where = [
    ...(plan.condition === undefined ? [] : [plan.condition]),
    ...(after ? [`(${names.join(', ')}) > (${plan.key.map(({ type }, i) => `$${i + 1}::${type}`).join(', ')})`] : []),
  ]
  const content = plan.key.length === 0 ? document(plan, maxRowBytes) : undefined
  const text = [
    `SELECT ${listedColumns(plan).join(', ')}${content ? `, ${content.select}` : ''} FROM ${plan.from}`,
    content?.join,
    where.length > 0 ? `WHERE ${where.join(' AND ')}` : undefined,
    `ORDER BY ${names.length > 0 ? names.join(', ') : '1'}`,
    limit === undefined ? undefined : `LIMIT ${limit}`,
  ]
  return { text: text.filter((part) => part !== undefined).join('\n'), values: after ?? [] }
}

/** Any one row, listed and read. */
export function sampleStatement(plan: Plan, maxRowBytes: number): Statement {
  const { select, join } = document(plan, maxRowBytes)
  const where = plan.condition === undefined ? '' : ` WHERE ${plan.condition}`
  return { text: `SELECT ${listedColumns(plan).join(', ')}, ${select} FROM ${plan.from} ${join}${where} LIMIT 1` }
}

/** Joins the rows to the keys in the parameters; `k.n` is the position among them, from 1. */
function keyed(
  plan: Plan,
  keys: readonly (readonly KeyPart[])[],
): { readonly from: string; readonly values: unknown[] } {
  const parts = plan.key.map((_info, i) => keys.map((key) => key[i] ?? null))
  const nullable = parts.some((part) => part.includes(null))
  const on = plan.key.map(
    // IS NOT DISTINCT FROM uses no index, so only where NULL can be meant.
    ({ name }, i) => `${column(name)} ${nullable ? 'IS NOT DISTINCT FROM' : '='} k.k${i}`,
  )
  const arrays = plan.key.map(({ type }, i) => `$${i + 1}::${type}[]`).join(', ')
  const aliases = plan.key.map((_info, i) => `k${i}`).join(', ')
  const where = plan.condition === undefined ? '' : ` AND ${plan.condition}`
  return {
    from: `FROM unnest(${arrays}) WITH ORDINALITY AS k(${aliases}, n) JOIN ${plan.from} ON ${on.join(' AND ')}${where}`,
    values: parts,
  }
}

/** These rows, as a listing gives them. */
export function lookupStatement(plan: Plan, keys: readonly (readonly KeyPart[])[]): Statement {
  const { from, values } = keyed(plan, keys)
  return { text: `SELECT ${listedColumns(plan).join(', ')} ${from} ORDER BY k.n`, values }
}

/** The documents of these rows: the position among `rows` (the encoded keys), then {@link document}. */
export function readStatement(plan: Plan, rows: readonly string[], maxRowBytes: number): Statement {
  const { select, join } = document(plan, maxRowBytes)
  if (plan.key.length > 0) {
    const { from, values } = keyed(plan, rows.map(decodeKey))
    return { text: `SELECT k.n, ${select} ${from} ${join}`, values }
  }
  const id = ident('cx digest')
  const where = plan.condition === undefined ? '' : ` WHERE ${plan.condition}`
  return {
    text: `SELECT DISTINCT ON (k.n) k.n, ${select}
FROM (SELECT ${identity(plan)} AS ${id}, t.* FROM ${plan.from}${where}) AS t
JOIN unnest($1::text[]) WITH ORDINALITY AS k(id, n) ON t.${id} = k.id ${join}`,
    values: [rows.map((row) => row.split('-', 1)[0])],
  }
}
