import { ConnectorError, type Json } from '@cx/core'
import { hasContent } from './scope.ts'
import type { NotionRun } from './session.ts'
import type { DataSource, Item, List, Page } from './types.ts'

/**
 * The rows of a data source, oldest first. Notion cuts a query off at some 10,000 rows: from there it goes on with a
 * query from the last time of creation. `cut` comes with the last rows when even that leads no further.
 * https://developers.notion.com/reference/query-a-data-source
 */
export async function* rowsOf(
  source: DataSource,
  { session, signal }: Pick<NotionRun, 'session' | 'signal'>,
  from?: string,
): AsyncGenerator<{ readonly rows: readonly Page[]; readonly cut?: ConnectorError }, void, void> {
  for (let start = from; ; ) {
    let last: string | undefined
    let isCut = false
    for await (const list of session.client.list<Item>(`data_sources/${source.id}/query`, queryBody(start), signal)) {
      const rows = rowsIn(list)
      last = rows.at(-1)?.created_time ?? last
      isCut ||= list.request_status?.type === 'incomplete'
      const isStuck = isCut && (last === undefined || last === start)
      yield { rows, ...(isStuck ? { cut: tooManyAtOnce(source) } : {}) }
      if (isStuck) return
    }
    if (!isCut) return
    start = last
  }
}

function queryBody(from: string | undefined): { readonly [name: string]: Json } {
  return {
    sorts: [{ timestamp: 'created_time', direction: 'ascending' }],
    ...(from === undefined ? {} : { filter: { timestamp: 'created_time', created_time: { on_or_after: from } } }),
  }
}

function rowsIn(list: List<Item>): readonly Page[] {
  return list.results.filter((item): item is Page => item.object === 'page' && hasContent(item) && !item.in_trash)
}

function tooManyAtOnce({ id }: DataSource): ConnectorError {
  return new ConnectorError(
    'forbidden',
    `Notion cut the rows of data source ${id} off (query_result_limit_reached): more than it shows were made in one minute.`,
    { remediation: 'Split the database. Rows that were indexed before stay.' },
  )
}
