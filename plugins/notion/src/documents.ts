import type { Entry, Json } from '@cx/core'
import { hash, longProperties, plainText, propertiesOf, propertyHash, relationsOf, titleOf } from './properties.ts'
import type { Session } from './session.ts'
import { dataSourceTitle } from './tree.ts'
import type { DataSource, Item, Page } from './types.ts'

/** What `read` needs: the row as the list showed it, so that reading is one call. */
export type Ref = {
  readonly kind: 'page' | 'data_source'
  readonly public: boolean
  readonly properties?: { readonly [name: string]: Json }
  /** Ids of properties that hold more than the list showed. */
  readonly long?: { readonly [name: string]: string }
  /** Properties whose values are ids of pages. */
  readonly relations?: readonly string[]
}

/**
 * The version of a page or data source. The time of change is floored to the minute: while another edit may come under
 * the same minute the version says so, and is another one once it cannot.
 */
export function versionOf(item: Item, session: Session): string {
  const shown =
    item.object === 'page'
      ? propertyHash(item)
      : hash([plainText(item.title), plainText(item.description), Object.values(item.properties).map(schemaOf)])
  const moment = session.client.isSettled(item.last_edited_time) ? '' : '~'
  return `${item.last_edited_time}${moment}#${shown}`
}

/** The document of a page, row or data source. */
export async function entryOf(item: Item, session: Session, signal: AbortSignal): Promise<Entry> {
  const { me } = session
  session.titles.add(item)
  const isPublic = typeof item.public_url === 'string'
  const acl = session.aclOf(await me(signal), isPublic)
  const ref: Ref =
    item.object === 'page'
      ? { kind: 'page', public: isPublic, ...rowOf(item) }
      : { kind: 'data_source', public: isPublic }
  return {
    id: item.id,
    path: await session.tree.pathOf(item, signal),
    version:
      versionOf(item, session) +
      (item.object === 'page' ? ((await session.comments?.markOf(item.id, signal)) ?? '') : ''),
    title: item.object === 'page' ? titleOf(item) : dataSourceTitle(item),
    mimeType: 'text/markdown',
    ...(URL.canParse(item.url) ? { url: item.url } : {}),
    createdAt: item.created_time,
    updatedAt: item.last_edited_time,
    ...(acl === undefined ? {} : { acl }),
    ref,
  }
}

function rowOf(page: Page): Pick<Ref, 'properties' | 'long' | 'relations'> {
  const properties = propertiesOf(page)
  const long = longProperties(page)
  const relations = relationsOf(page)
  return {
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(Object.keys(long).length > 0 ? { long } : {}),
    ...(relations.length > 0 ? { relations } : {}),
  }
}

/** A field of a data source: name, type, options. */
export function schemaOf(property: DataSource['properties'][string]): readonly string[] {
  const { type, name } = property
  const { options } = (property[type] ?? {}) as { options?: readonly { name?: string }[] }
  return [String(name ?? ''), type, (options ?? []).map((option) => option.name ?? '').join(', ')]
}

/** The access list of an entry that was listed before. */
export function isPublicEntry({ ref }: Entry): boolean {
  return (ref as Ref | undefined)?.public === true
}
