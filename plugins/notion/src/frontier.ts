import { ConnectorError, type Json } from '@cx/core'
import { configuredScope, getDataSource, hasContent, sourceIdsOf } from './scope.ts'
import type { NotionRun } from './session.ts'
import type { DataSource, Item, Page } from './types.ts'

/** Where a listing begins: what search and configuration show. Rows are left to the queries of their data sources. */
export interface Frontier {
  /** Newest first, so that what people work on can be searched first. */
  readonly pages: readonly Page[]
  readonly sources: readonly DataSource[]
  /** What is configured; undefined where that is everything. */
  readonly ids?: ReadonlySet<string>
  /** Set when Notion cut its search off. */
  readonly cut?: ConnectorError
}

/** Searches, and adds what search shows to be missing from it: a data source whose rows it found. */
export async function findFrontier(run: NotionRun): Promise<Frontier> {
  const { session, config, signal, log } = run
  const scope = session.isScoped ? await configuredScope(run) : undefined
  if (scope && session.rootPages.size === 0) return { pages: [], sources: byId(scope.sources), ids: scope.ids }
  const isInside = async (item: Item) => !scope || (await session.tree.isUnder(item, scope.ids, signal))

  const sources = new Map((scope?.sources ?? []).map((source) => [source.id, source]))
  const pages = new Map((scope?.pages ?? []).map((page) => [page.id, page]))
  const found: Item[] = []
  const ofUnknown = new Map<string, Page[]>()
  let isCut = false
  const take = (item: Item): void => {
    if (item.in_trash || !hasContent(item)) return
    const source = item.object === 'page' ? item.parent.data_source_id : undefined
    if (source === undefined) session.tree.add(item)
    if (item.object === 'page' && source !== undefined) {
      if (!sources.has(source)) ofUnknown.set(source, [...(ofUnknown.get(source) ?? []), item])
    } else if (item.object === 'data_source') sources.set(item.id, item)
    else found.push(item)
  }
  for (const value of ['data_source', 'page'] as const) {
    let newest: string | undefined
    let pages = 0
    for await (const list of session.client.list<Item>('search', searchBody(value), signal)) {
      isCut ||= list.request_status?.type === 'incomplete'
      newest ??= list.results[0]?.last_edited_time
      pages++
      list.results.forEach(take)
    }
    // What was edited while pages were turned has moved to the first of them, behind our back.
    if (pages > 1 && newest !== undefined)
      for await (const { results } of session.client.list<Item>('search', searchBody(value), signal)) {
        results.forEach(take)
        if (results.some((item) => hasContent(item) && item.last_edited_time < newest)) break
      }
  }
  for (const [id, rows] of ofUnknown) {
    const source = await getDataSource(id, run)
    if (!source) for (const row of rows) found.push(row)
    else {
      log.info('Search missed a database whose rows it found.', { dataSource: id })
      session.tree.add(source)
      sources.set(id, source)
    }
  }
  // Of a database with several data sources search may show some.
  const databases = new Set([...sources.values()].map(({ parent }) => parent.database_id ?? ''))
  for (const id of config.descend === 'none' ? [] : databases)
    for (const sourceId of await sourceIdsOf(id, run)) {
      const source = sources.has(sourceId) ? undefined : await getDataSource(sourceId, run)
      if (!source) continue
      session.tree.add(source)
      sources.set(sourceId, source)
    }
  for (const page of found) if (page.object === 'page' && (await isInside(page))) pages.set(page.id, page)
  for (const source of sources.values()) if (!(await isInside(source))) sources.delete(source.id)
  const coversCut = scope !== undefined && config.descend !== 'none'
  return {
    pages: [...pages.values()].sort(newestFirst),
    sources: byId([...sources.values()]),
    ...(scope ? { ids: scope.ids } : {}),
    ...(isCut && !coversCut ? { cut: searchCut() } : {}),
  }
}

export function searchBody(value: 'page' | 'data_source'): { readonly [name: string]: Json } {
  return {
    filter: { property: 'object', value },
    sort: { timestamp: 'last_edited_time', direction: 'descending' },
  }
}

export function newestFirst(
  a: Pick<Item, 'id' | 'last_edited_time'>,
  b: Pick<Item, 'id' | 'last_edited_time'>,
): number {
  if (a.last_edited_time !== b.last_edited_time) return a.last_edited_time < b.last_edited_time ? 1 : -1
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

function byId(sources: readonly DataSource[]): readonly DataSource[] {
  return sources.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

function searchCut(): ConnectorError {
  return new ConnectorError(
    'forbidden',
    'Notion cut its search off (query_result_limit_reached): it shows some 10,000 pages.',
    {
      remediation:
        'Name the top pages and databases in `rootPages` and `databases`: these are listed whole. Until then nothing is deleted.',
    },
  )
}
