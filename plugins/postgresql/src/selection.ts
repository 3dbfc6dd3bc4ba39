import { ConnectorError } from '@cx/core'
import { describeQuery, discover, type Relation, schemaNames } from './catalog.ts'
import type { Config } from './config.ts'
import { suggest } from './suggest.ts'
import type { Transaction } from './transaction.ts'

/** A pattern of table names where `*` stands for any characters. */
function toExpression(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[\\^$.+?()[\]{}|]/g, '\\$&').replaceAll('*', '.*')}$`, 's')
}

function matcher(patterns: readonly string[], home: string): (relation: Relation) => boolean {
  const expressions = patterns.map(toExpression)
  return ({ schema, name }) =>
    expressions.some((expression) => (schema === home && expression.test(name)) || expression.test(`${schema}.${name}`))
}

/** The schemas that patterns such as `sales.orders` name, besides the configured one. */
function namedSchemas({ schema, tables = [] }: Config): string[] {
  const named = tables.flatMap((pattern) => {
    const dot = pattern.indexOf('.')
    return dot > 0 ? [pattern.slice(0, dot)] : []
  })
  return [...new Set([schema, ...named])]
}

/**
 * What the configuration selects: tables in a stable order, or the query alone.
 *
 * @throws ConnectorError `misconfigured` when the schema or a table that is named without `*` does not exist.
 */
export async function selectRelations(transaction: Transaction, config: Config): Promise<Relation[]> {
  const { schema, tables = [], excludeTables = [] } = config
  const schemas = await schemaNames(transaction)
  if (!schemas.includes(schema) && !/^(pg_|information_schema$)/.test(schema))
    throw new ConnectorError(
      'misconfigured',
      `\`schema\`: database ${JSON.stringify(config.database)} has no schema ${JSON.stringify(schema)}. ${suggest(schema, schemas)}`,
    )
  if (config.query !== undefined) return [await describeQuery(transaction, config.query)]

  const all = await discover(transaction, namedSchemas(config))
  for (const pattern of tables) {
    if (pattern.includes('*') || all.some(matcher([pattern], schema))) continue
    const names = all.map((relation) =>
      relation.schema === schema ? relation.name : `${relation.schema}.${relation.name}`,
    )
    throw new ConnectorError(
      'misconfigured',
      `\`tables\`: schema ${JSON.stringify(schema)} has no table or view ${JSON.stringify(pattern)}; it may have been renamed or dropped. ${suggest(pattern, names)}`,
    )
  }
  const wanted = tables.length === 0 ? ({ schema: home }: Relation) => home === schema : matcher(tables, schema)
  const unwanted = matcher(excludeTables, schema)
  const named = new Set(tables)
  return all.filter(
    (relation) =>
      wanted(relation) &&
      !unwanted(relation) &&
      (config.includeViews || !/[vm]/.test(relation.kind) || named.has(relation.name)),
  )
}
