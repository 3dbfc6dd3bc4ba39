import { ConnectorError, type Content, type Entry, type Json } from '@cx/core'
import { escapeMarkdown, frontMatter, markdownTable } from '@cx/core/markdown'
import { type Ref, schemaOf } from './documents.ts'
import { cleanMarkdown } from './markdown.ts'
import { plainText, propertyValue } from './properties.ts'
import { isAbsence } from './scope.ts'
import type { NotionRun, Session } from './session.ts'
import type { DataSource, Property } from './types.ts'

const mostTitles = 25

/** One document as Markdown: properties as front matter, the body, and comments where configured. */
export async function readEntry(entry: Entry, run: NotionRun): Promise<Content> {
  const ref = entry.ref as Ref | undefined
  if (ref?.kind !== 'page' && ref?.kind !== 'data_source')
    throw new ConnectorError('not_found', 'This entry is not one of this connector.')
  const text = ref.kind === 'page' ? await readPage(entry, ref, run) : await readDataSource(entry, run)
  return { body: text, mimeType: 'text/markdown', filename: entry.path.split('/').at(-1)! }
}

async function readPage(entry: Entry, ref: Ref, run: NotionRun): Promise<string> {
  const { session, signal } = run
  const body = await session.pages.read(entry.id, signal)
  const properties = await wholeProperties(entry, ref, run)
  const comments = (await session.comments?.read(entry.id, signal)) ?? []
  const parts = [`# ${escapeMarkdown(entry.title ?? 'Untitled')}`, cleanMarkdown(body)]
  if (comments.length > 0) parts.push('## Comments', comments.join('\n\n'))
  return `${frontMatter(properties)}${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** Lists of people and relations are cut to 25 in a row; what may be longer is asked for. https://developers.notion.com/reference/retrieve-a-page-property */
async function wholeProperties(
  { id }: Entry,
  { properties = {}, long = {}, relations = [] }: Ref,
  { session, signal }: NotionRun,
): Promise<Record<string, Json>> {
  const whole: Record<string, Json> = { ...properties }
  for (const [name, propertyId] of Object.entries(long)) {
    const values: Json[] = []
    let type: string | undefined
    try {
      const path = `pages/${id}/properties/${encodeURIComponent(decodeURIComponent(propertyId))}`
      for await (const item of session.client.getList<Property>(path, {}, signal)) {
        type = item.type
        values.push(itemValue(item))
      }
    } catch (error) {
      // Related rows that are not shared; what the row itself showed stays.
      if (!isAbsence(error)) throw error
      continue
    }
    if (values.length > 0) whole[name] = type === 'rich_text' ? values.join('') : values
  }
  for (const name of relations) whole[name] = await titled(whole[name], session, signal)
  return whole
}

/** Related pages by their titles, which people search for; of very many, the first ones. */
async function titled(ids: Json | undefined, { titles }: Session, signal: AbortSignal): Promise<Json> {
  if (!Array.isArray(ids)) return ids ?? null
  const named = await Promise.all(ids.slice(0, mostTitles).map((id) => titles.of(String(id), signal)))
  return [...named, ...ids.slice(mostTitles)]
}

/** An item of a property holds one value where the row holds a list. */
function itemValue(item: Property): Json {
  const value = item[item.type]
  const isList = /^(people|relation|rich_text|files|multi_select)$/.test(item.type)
  const listed = propertyValue(isList ? { ...item, [item.type]: [value] } : item)
  return Array.isArray(listed) ? (listed[0] ?? null) : (listed as Json)
}

async function readDataSource({ id }: Entry, { session, signal }: NotionRun): Promise<string> {
  const source = await session.client.get<DataSource>(`data_sources/${id}`, signal)
  if (source.in_trash) throw new ConnectorError('not_found', 'The database is in the trash.')
  const fields = Object.values(source.properties).map((property) => schemaOf(property).map(escapeMarkdown))
  const parts = [
    `# ${escapeMarkdown(plainText(source.title) || 'Untitled')}`,
    escapeMarkdown(plainText(source.description)),
    markdownTable(['Field', 'Type', 'Options'], fields),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}
