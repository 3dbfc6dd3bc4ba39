import type { BrowseItem } from '@cx/core'
import { searchBody } from './frontier.ts'
import { titleOf } from './properties.ts'
import { hasContent } from './scope.ts'
import type { NotionRun } from './session.ts'
import { dataSourceTitle } from './tree.ts'
import type { Item } from './types.ts'

/** Pickers show the pages that were edited last. */
const most = 1_000

/** Pages and databases to pick from: `path` is the id, for `rootPages` or `databases`. Rows are left out. */
export async function* children(path: string, { session, signal }: NotionRun): AsyncGenerator<BrowseItem, void, void> {
  const items = new Map<string, Item>()
  for (const value of ['data_source', 'page'] as const) {
    const enough = items.size + most
    for await (const { results } of session.client.list<Item>('search', searchBody(value), signal)) {
      for (const item of results)
        if (hasContent(item) && !item.in_trash && item.parent.type !== 'data_source_id') items.set(item.id, item)
      if (items.size >= enough) break
    }
  }
  const parentOf = (item: Item) => {
    const parent = item.object === 'data_source' ? item.database_parent : item.parent
    return parent?.page_id && items.has(parent.page_id) ? parent.page_id : ''
  }
  const holders = new Set([...items.values()].map(parentOf))
  const shown = [...items.values()]
    .filter((item) => parentOf(item) === path)
    .map((item) => ({
      path: item.id,
      title: item.object === 'page' ? titleOf(item) : `${dataSourceTitle(item)} (database)`,
      hasChildren: holders.has(item.id),
      selectable: true,
    }))
  yield* shown.sort((a, b) => a.title.localeCompare(b.title, 'en'))
}
