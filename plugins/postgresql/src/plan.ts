import { createHash } from 'node:crypto'
import { ConnectorError } from '@cx/core'
import { type ColumnInfo, type Relation, subquery } from './catalog.ts'
import type { Config } from './config.ts'
import { relationPath } from './path.ts'
import { column, qualified } from './sql.ts'

/** A column that becomes a property of the listed entry. */
export interface Fact {
  readonly role: 'title' | 'url' | 'template' | 'createdAt' | 'updatedAt' | 'author' | 'acl' | 'metadata'
  readonly column: ColumnInfo
}

/** How one relation is listed and read. */
export interface Plan {
  readonly relation: Relation
  /** For people: `public.articles`, or `the query`. */
  readonly label: string
  /** `public/articles/`: before every path of its rows. */
  readonly path: string
  /** In a FROM clause, as `t`. */
  readonly from: string
  /** Empty when a row is known by its content alone. */
  readonly key: readonly ColumnInfo[]
  /** No part of the key can be NULL: a listing can go on after a key. */
  readonly resumable: boolean
  readonly tracking: 'xmin' | 'hash'
  /** Changes with everything besides the row that shapes its document: columns, their types, the configuration. */
  readonly shape: string
  readonly facts: readonly Fact[]
  readonly body: readonly ColumnInfo[]
  readonly title: ColumnInfo | undefined
  readonly blob: { readonly data: ColumnInfo; readonly name?: ColumnInfo; readonly mime?: ColumnInfo } | undefined
  /** Which rows count. */
  readonly condition: string | undefined
  /** Rows of one read, so that a batch stays near 8 MB. */
  readonly batchRows: number
}

const titles = ['title', 'name', 'subject', 'label', 'slug']

/** Noise in a text: https://www.postgresql.org/docs/current/datatype.html, and pgvector's and PostGIS' types. */
const opaque: ReadonlySet<string> = new Set(
  'bytea tsvector tsquery vector halfvec sparsevec geometry geography raster'.split(' '),
)

/**
 * @throws ConnectorError `forbidden` when the role may not read it, `misconfigured` when it has none of the content
 * columns.
 */
export function planRelation(relation: Relation, config: Config): Plan {
  const label = relation.kind === 'q' ? 'the query' : `${relation.schema}.${relation.name}`
  assertReadable(relation, label, config)
  const find = (name: string | undefined): ColumnInfo | undefined =>
    name === undefined ? undefined : relation.columns.find((candidate) => candidate.name === name && candidate.readable)

  const data = find(config.blobColumn)
  const blobName = find(config.blobNameColumn)
  const blobMime = find(config.blobMimeColumn)
  const blob = data && { data, ...(blobName ? { name: blobName } : {}), ...(blobMime ? { mime: blobMime } : {}) }
  const title =
    find(config.titleColumn) ??
    titles.map(find).find((candidate) => candidate?.category === 'S' || candidate?.typeName === 'citext')
  const body = bodyColumns(relation, label, config)
  const key = keyColumns(relation, config, find)
  const base = relation.kind === 'r' || relation.kind === 'p'
  const tracking = base && relation.select && key.length > 0 && config.changeTracking !== 'hash' ? 'xmin' : 'hash'
  const deleted = find(config.softDeleteColumn)
  const shape = [body, title, blob, config.contentMimeType, relation.name].map((part) => JSON.stringify(part) ?? '')
  return {
    relation,
    label,
    path: relation.kind === 'q' ? 'query/rows/' : relationPath(relation.schema, relation.name),
    from: fromClause(relation, config),
    key,
    resumable: base && key.length > 0,
    tracking,
    shape: createHash('sha256').update(shape.join('\n')).digest('hex').slice(0, 8),
    facts: factColumns(config, find),
    body,
    title,
    blob,
    condition:
      deleted && (deleted.category === 'B' ? `${column(deleted.name)} IS NOT TRUE` : `${column(deleted.name)} IS NULL`),
    batchRows: Math.min(256, Math.max(1, Math.floor(8_388_608 / Math.max(1, relation.averageRowBytes)))),
  }
}

function assertReadable(relation: Relation, label: string, config: Config): void {
  const { schema, usage, columns, rowSecurity } = relation
  if (!usage)
    throw new ConnectorError('forbidden', `No permission for schema ${schema}, which holds ${label}.`, {
      remediation: `GRANT USAGE ON SCHEMA ${schema} to this role.`,
    })
  if (columns.length > 0 && !columns.some(({ readable }) => readable))
    throw new ConnectorError('forbidden', `No permission to read ${label}.`, {
      remediation: `GRANT SELECT ON ${label} to this role, or add it to \`excludeTables\`.`,
    })
  if (rowSecurity && !config.allowRls)
    throw new ConnectorError(
      'forbidden',
      `Row-level security of ${label} hides rows from this role, and a changed policy would look like deleted rows.`,
      { remediation: 'GRANT the role BYPASSRLS, or set `allowRls` to read only what the policies let through.' },
    )
}

function fromClause({ kind, schema, name }: Relation, config: Config): string {
  if (kind === 'q') return subquery(config.query ?? '')
  // ONLY: rows of inheriting tables are listed with their own table. A partitioned table has no rows of its own.
  return `${kind === 'r' ? 'ONLY ' : ''}${qualified(schema, name)} AS t`
}

function keyColumns(
  relation: Relation,
  config: Config,
  find: (name: string) => ColumnInfo | undefined,
): readonly ColumnInfo[] {
  for (const names of [relation.key, config.idColumns ?? []]) {
    const columns = names.map(find)
    if (columns.length > 0 && columns.every((candidate) => candidate !== undefined)) return columns
  }
  return []
}

function bodyColumns(relation: Relation, label: string, config: Config): readonly ColumnInfo[] {
  const excluded = new Set(config.excludeColumns ?? [])
  if (config.contentColumns === undefined)
    return relation.columns.filter(
      ({ name, typeName, readable }) =>
        readable &&
        !excluded.has(name) &&
        !opaque.has(typeName) &&
        name !== config.aclColumn &&
        name !== config.softDeleteColumn &&
        name !== config.blobColumn,
    )
  const named = config.contentColumns.flatMap((name) => relation.columns.filter((candidate) => candidate.name === name))
  const hidden = named.find(({ readable }) => !readable)
  if (hidden)
    throw new ConnectorError('forbidden', `No permission to read column ${hidden.name} of ${label}.`, {
      remediation: `GRANT SELECT (${hidden.name}) ON ${label} to this role.`,
    })
  if (named.length === 0)
    throw new ConnectorError(
      'misconfigured',
      `\`contentColumns\`: ${label} has none of ${config.contentColumns.join(', ')}. Its columns are ${relation.columns.map(({ name }) => name).join(', ')}. Name one of them, or add the table to \`excludeTables\`.`,
    )
  return named
}

function factColumns(config: Config, find: (name: string | undefined) => ColumnInfo | undefined): readonly Fact[] {
  const fact = (role: Fact['role'], name: string | undefined): Fact[] => {
    const found = find(name)
    return found ? [{ role, column: found }] : []
  }
  const url = fact('url', config.urlColumn)
  const placeholders = url.length > 0 ? [] : templateColumns(config.urlTemplate ?? '')
  return [
    ...fact('title', config.titleColumn),
    ...url,
    ...placeholders.flatMap((name) => fact('template', name)),
    ...fact('createdAt', config.createdAtColumn),
    ...fact('updatedAt', config.updatedAtColumn),
    ...fact('author', config.authorColumn),
    ...fact('acl', config.aclColumn),
    ...(config.metadataColumns ?? []).flatMap((name) => fact('metadata', name)),
  ]
}

/** The names between braces. */
export function templateColumns(template: string): string[] {
  return [...template.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name!)
}
