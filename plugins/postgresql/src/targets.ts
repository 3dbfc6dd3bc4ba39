import { ConnectorError, isConnectorError } from '@cx/core'
import type { Relation } from './catalog.ts'
import type { Config } from './config.ts'
import { relationPath } from './path.ts'
import { type Plan, planRelation, templateColumns } from './plan.ts'
import { selectRelations } from './selection.ts'
import { suggest } from './suggest.ts'
import type { Transaction } from './transaction.ts'

/** A selected relation: how to read it, or why that is not possible. */
export type Target =
  | { readonly path: string; readonly relation: Relation; readonly plan: Plan; readonly problem?: never }
  | { readonly path: string; readonly relation: Relation; readonly plan?: never; readonly problem: ConnectorError }

/** @throws ConnectorError `misconfigured` when something that is named does not exist. */
export async function findTargets(transaction: Transaction, config: Config): Promise<Target[]> {
  const relations = await selectRelations(transaction, config)
  assertColumns(relations, config)
  const targets = relations.map((relation): Target => {
    try {
      const plan = planRelation(relation, config)
      return { path: plan.path, relation, plan }
    } catch (error) {
      if (!isConnectorError(error) || error.code !== 'forbidden') throw error
      return { path: relationPath(relation.schema, relation.name), relation, problem: error }
    }
  })
  // The order that checkpoints are compared in.
  return targets.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** A column that no selected relation has is a mistake; one that only some have is used where it is. */
function assertColumns(relations: readonly Relation[], config: Config): void {
  if (relations.length === 0) return
  const names = new Set(relations.flatMap(({ columns }) => columns.map(({ name }) => name)))
  const options: Readonly<Record<string, readonly string[] | undefined>> = {
    idColumns: config.idColumns,
    contentColumns: config.contentColumns,
    excludeColumns: config.excludeColumns,
    metadataColumns: config.metadataColumns,
    urlTemplate: templateColumns(config.urlTemplate ?? ''),
  }
  const single = [
    'titleColumn',
    'urlColumn',
    'createdAtColumn',
    'updatedAtColumn',
    'authorColumn',
    'aclColumn',
    'softDeleteColumn',
    'blobColumn',
    'blobNameColumn',
    'blobMimeColumn',
  ] as const
  const wanted = [
    ...Object.entries(options).flatMap(([option, columns = []]) => columns.map((name) => ({ option, name }))),
    ...single.flatMap((option) => (config[option] === undefined ? [] : [{ option, name: config[option] }])),
  ]
  const wrong = wanted.find(({ name }) => !names.has(name))
  if (!wrong) return
  const where =
    config.query !== undefined
      ? 'the query returns'
      : relations.length === 1
        ? `${relations[0]!.schema}.${relations[0]!.name} has`
        : 'the selected tables have'
  throw new ConnectorError(
    'misconfigured',
    `\`${wrong.option}\`: ${where} no column ${JSON.stringify(wrong.name)}. ${suggest(wrong.name, names)}`,
  )
}
