import { ConnectorError, isConnectorError } from '@cx/core'
import type { NotionRun } from './session.ts'
import type { Database, DataSource, Item, Page } from './types.ts'

/** What is configured to be indexed, as Notion shows it now. */
export interface Scope {
  readonly pages: readonly Page[]
  readonly sources: readonly DataSource[]
  readonly ids: ReadonlySet<string>
}

/**
 * The configured pages and databases.
 *
 * @throws ConnectorError `misconfigured` when one is gone or not shared: what was indexed from it stays.
 */
export async function configuredScope({ session, signal }: NotionRun): Promise<Scope> {
  const pages: Page[] = []
  for (const id of session.rootPages) pages.push(await present(getPage(id, { session, signal }), id, 'rootPages'))
  const sources: DataSource[] = []
  for (const id of session.databases)
    sources.push(...(await present(dataSourcesOf(id, { session, signal }), id, 'databases')))
  for (const item of [...pages, ...sources]) session.tree.add(item)
  return { pages, sources, ids: new Set([...pages, ...sources].map((item) => item.id)) }
}

type Calls = Pick<NotionRun, 'session' | 'signal'>

/** A page by its id; undefined when it is gone, in the trash or not shared. */
export async function getPage(id: string, { session, signal }: Calls): Promise<Page | undefined> {
  const page = await orAbsent(session.client.get<Page>(`pages/${id}`, signal))
  return page && !page.in_trash && hasContent(page) ? page : undefined
}

export async function getDataSource(id: string, { session, signal }: Calls): Promise<DataSource | undefined> {
  const source = await orAbsent(session.client.get<DataSource>(`data_sources/${id}`, signal))
  return source && !source.in_trash && hasContent(source) ? source : undefined
}

/** The data sources of a database, or the one whose id this is; undefined when there is neither. */
export async function dataSourcesOf(id: string, calls: Calls): Promise<readonly DataSource[] | undefined> {
  const { session, signal } = calls
  const database = await orAbsent(session.client.get<Database>(`databases/${id}`, signal))
  if (database?.in_trash) return undefined
  if (!database) {
    const source = await getDataSource(id, calls)
    return source && [source]
  }
  const sources: DataSource[] = []
  for (const { id: sourceId } of database.data_sources) {
    const source = await getDataSource(sourceId, calls)
    if (source) sources.push(source)
  }
  return sources
}

/** The ids of a database's data sources; none when it is gone or not shared. */
export async function sourceIdsOf(id: string, { session, signal }: Calls): Promise<readonly string[]> {
  const database = id === '' ? undefined : await orAbsent(session.client.get<Database>(`databases/${id}`, signal))
  return database && !database.in_trash ? database.data_sources.map((one) => one.id) : []
}

/** Linked views, external objects and what is not shared answer 404 or 400: they are not there for us. */
async function orAbsent<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw error
  }
}

export function isAbsence(error: unknown): boolean {
  return isConnectorError(error) && (error.code === 'not_found' || error.code === 'unprocessable')
}

async function present<T>(asked: Promise<T | undefined>, id: string, field: string): Promise<T> {
  const found = await asked
  if (found !== undefined) return found
  throw new ConnectorError(
    'misconfigured',
    `\`${field}\` names ${id}, which is gone or not shared with the connection.`,
    {
      remediation:
        'Open it in Notion and add the connection (··· → Connections), or take it out of the configuration. Until then nothing is deleted.',
    },
  )
}

/** Of what is not shared Notion may show the bare id. */
export function hasContent(item: Item): boolean {
  return typeof item.properties === 'object' && item.properties !== null && typeof item.last_edited_time === 'string'
}
