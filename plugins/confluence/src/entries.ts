import type { Entry, Json } from '@cx/core'
import type { Config } from './config.ts'
import { type ContentJson, modifiedOf, toMember } from './search.ts'
import type { Running } from './session.ts'
import type { Site } from './site.ts'
import { compareIds } from './spaces.ts'
import { segment, type Tree } from './tree.ts'
import { type Kind, type Member, type Row, type Space, timeOf } from './wiki.ts'

/** What `read` and `permissions` need again. */
export type Ref =
  | { readonly k: Kind; readonly s: string }
  | { readonly k: 'attachment'; readonly s: string; readonly in: string; readonly of: Kind; readonly url?: string }

export interface Place {
  readonly site: Site
  readonly space: Space
  readonly tree: Tree
  readonly config: Config
  readonly names: Names
}

/** Names of authors by their ids. */
export type Names = ReadonlyMap<string, Member>

/** Looks up the authors that a list names by their ids alone. */
export async function namesOf(rows: readonly Row[], { session, signal }: Running): Promise<Names> {
  const people = await session.people(signal)
  return people.of(
    rows.flatMap(({ authorId, authorName }) => (authorId && authorName === undefined ? [authorId] : [])),
    { signal },
  )
}

/** `talk` stands for the comments under it; a new one makes a new version. */
export function pageEntry({ site, space, tree, config, names }: Place, row: Row, talk: string | undefined): Entry {
  const ref: Ref = { k: row.kind, s: space.id }
  const author = row.authorName ?? names.get(row.authorId ?? '')?.name
  return {
    id: row.id,
    path: tree.pathOf(row, space.key),
    version: `${row.version}${config.bodySource === 'view' ? 'v' : ''}${config.includeComments ? `.${talk ?? '0'}` : ''}`,
    title: row.title,
    mimeType: 'text/markdown',
    ...datesOf(row.createdAt, row.modified),
    url: webUrl(site, row.webui ?? `/pages/viewpage.action?pageId=${row.id}`),
    ref,
    metadata: metadataOf(space, row.kind, row.version, row.authorId, row.status),
    ...(author ? { author } : {}),
  }
}

export function attachmentEntry({ site, space, tree }: Place, json: ContentJson, row: Row): Entry {
  const id = String(json.id)
  const name = json.title ?? id
  const mimeType = json.extensions?.mediaType ?? json.metadata?.mediaType
  const size = json.extensions?.fileSize
  const by = json.version?.by && toMember(json.version.by)
  const download = json._links?.download
  const ref: Ref = {
    k: 'attachment',
    s: space.id,
    in: row.id,
    of: row.kind,
    ...(download && site.wiki.flavour === 'data_center' ? { url: download } : {}),
  }
  return {
    id,
    path: `${tree.pathOf(row, space.key).slice(0, -'.md'.length)}/${segment(name, id)}`,
    version: String(json.version?.number ?? 1),
    title: name,
    ...datesOf(json.history?.createdDate, modifiedOf(json)),
    url: webUrl(site, json._links?.webui ?? `/pages/viewpage.action?pageId=${row.id}`),
    ref,
    metadata: { ...metadataOf(space, 'attachment', json.version?.number ?? 1, by?.id), pageTitle: row.title },
    ...(mimeType ? { mimeType } : {}),
    ...(Number.isSafeInteger(size) ? { size: size as number } : {}),
    ...(by?.name ? { author: by.name } : {}),
  }
}

/** A document's address for people. */
export function webUrl({ web }: Pick<Site, 'web'>, path: string): string {
  return /^https?:/.test(path) ? path : `${web}${path.startsWith('/') ? '' : '/'}${path}`
}

export function byId(one: { readonly id: string }, other: { readonly id: string }): number {
  return compareIds(one.id, other.id)
}

/** The id of what a comment or an attachment belongs to; undefined when it is not told. */
export function containerOf({ container }: ContentJson): string | undefined {
  return container?.id === undefined ? undefined : String(container.id)
}

function datesOf(created: string | undefined, modified: number): Pick<Entry, 'createdAt' | 'updatedAt'> {
  const at = timeOf(created)
  return {
    ...(at > 0 ? { createdAt: new Date(at).toISOString() } : {}),
    ...(modified > 0 ? { updatedAt: new Date(modified).toISOString() } : {}),
  }
}

function metadataOf(
  { key, name }: Space,
  type: string,
  version: number,
  authorId: string | undefined,
  status?: string,
): Readonly<Record<string, Json>> {
  return {
    type,
    spaceKey: key,
    spaceName: name,
    version,
    ...(authorId ? { authorId } : {}),
    ...(status && status !== 'current' ? { status } : {}),
  }
}
