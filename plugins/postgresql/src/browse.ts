import type { BrowseItem } from '@cx/core'
import { discover, schemaNames } from './catalog.ts'
import { toConnectorError } from './errors.ts'
import { parsePath, relationPath } from './path.ts'
import type { Session } from './session.ts'

const kinds = { r: '', p: ' (partitioned)', v: ' (view)', m: ' (materialised view)', f: ' (foreign table)', q: '' }

/** Schemas at the root; the tables and views of one under it, those that this role may read being selectable. */
export async function* children({ database }: Session, path: string, signal: AbortSignal): AsyncGenerator<BrowseItem> {
  const { schema, table } = parsePath(path.replace(/\/+$/, ''))
  if (table !== undefined) return
  try {
    const items = await database.read(signal, async (transaction): Promise<BrowseItem[]> => {
      if (schema === '')
        return (await schemaNames(transaction)).map((name) => ({
          path: relationPath(name, '').split('/', 1)[0]!,
          title: name,
          hasChildren: true,
          selectable: true,
        }))
      return (await discover(transaction, [schema])).map((relation) => ({
        path: relationPath(relation.schema, relation.name).slice(0, -1),
        title: `${relation.name}${kinds[relation.kind]}`,
        hasChildren: false,
        selectable: relation.usage && relation.columns.some(({ readable }) => readable),
      }))
    })
    yield* items
  } catch (error) {
    signal.throwIfAborted()
    throw toConnectorError(error, 'Looking up the tables')
  }
}
