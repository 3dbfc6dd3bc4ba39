import type { Query } from './client.ts'
import { type Call, chunks, type Member, type Space, timeOf, type Wiki } from './wiki.ts'

/** A user as REST v1 of either product gives one. */
export interface UserJson {
  readonly type?: string
  readonly accountId?: string
  readonly userKey?: string
  readonly username?: string
  readonly displayName?: string
  readonly publicName?: string
  readonly email?: string
}

interface List<T> {
  readonly results?: readonly T[]
  readonly size?: number
  readonly _links?: { readonly next?: string }
}

export interface RestrictionJson {
  readonly user?: List<UserJson>
  readonly group?: List<{ readonly id?: string; readonly name: string }>
}

/** Content as REST v1 of either product gives it; what is there depends on `expand`. */
export interface ContentJson {
  readonly id: string
  readonly type: string
  readonly status?: string
  readonly title?: string
  readonly space?: { readonly id?: number | string; readonly key: string }
  readonly container?: { readonly id?: number | string }
  readonly version?: { readonly number: number; readonly when?: string; readonly by?: UserJson }
  readonly history?: { readonly createdDate?: string; readonly createdBy?: UserJson }
  readonly ancestors?: readonly { readonly id: string; readonly title?: string; readonly type?: string }[]
  readonly body?: Readonly<Record<string, { readonly value?: string } | undefined>>
  readonly metadata?: {
    readonly mediaType?: string
    readonly labels?: { readonly results?: readonly { readonly name: string }[] }
  }
  readonly extensions?: {
    readonly mediaType?: string
    readonly fileSize?: number
    readonly location?: string
    readonly inlineProperties?: { readonly originalSelection?: string }
  }
  readonly restrictions?: { readonly read?: { readonly restrictions?: RestrictionJson } }
  readonly _links?: { readonly webui?: string; readonly download?: string }
}

/** Keys of spaces in one query. */
const mostKeys = 100
/** Ids in one query. */
export const mostIdsInQuery = 50
const mostRows = 100

/** A text in a query. https://developer.atlassian.com/cloud/confluence/advanced-searching-using-cql/ */
export function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`
}

/** Everything a query finds. Both products page it: Cloud by cursors, Data Center by offsets. */
export async function* search(
  { client, flavour }: Pick<Wiki, 'client' | 'flavour'>,
  cql: string,
  { expand, signal, ...more }: Call & { readonly expand: readonly string[]; readonly query?: Query },
): AsyncGenerator<readonly ContentJson[], void, void> {
  const call = { signal, limit: mostRows, query: { cql, expand: expand.join(','), ...more.query } }
  yield* flavour === 'cloud'
    ? client.pages<ContentJson>('rest/api/content/search', call)
    : client.offsets<ContentJson>('rest/api/content/search', call)
}

/** Comments or attachments of spaces; all of them, or those that changed since. */
export async function* contentOfSpaces(
  wiki: Wiki,
  type: 'comment' | 'attachment',
  spaces: readonly Space[],
  { since, signal }: Call & { readonly since?: number },
): AsyncGenerator<readonly ContentJson[], void, void> {
  for (const some of chunks(spaces, mostKeys)) {
    const cql = `type = ${type} and space in (${some.map(({ key }) => quoted(key)).join(',')})${changedSince(since, wiki.client.now())}`
    yield* search(wiki, cql, { signal, expand: ['container', 'version', 'history', 'metadata', 'extensions'] })
  }
}

/** Everything under these pages. */
export async function* contentOfPages(
  wiki: Wiki,
  type: 'comment' | 'attachment',
  ids: readonly string[],
  { signal }: Call,
): AsyncGenerator<readonly ContentJson[], void, void> {
  for (const some of chunks(ids, mostIdsInQuery))
    yield* search(wiki, `type = ${type} and container in (${some.join(',')})`, {
      signal,
      expand: ['container', 'version', 'history', 'metadata', 'extensions'],
    })
}

/** Labels by page: lists of REST v2 do not have them. */
export async function labelsOf(
  wiki: Pick<Wiki, 'client' | 'flavour'>,
  ids: readonly string[],
  { signal }: Call,
): Promise<ReadonlyMap<string, readonly { readonly name: string }[]>> {
  const found = new Map<string, readonly { readonly name: string }[]>()
  for (const some of chunks(ids, mostIdsInQuery))
    for await (const rows of search(wiki, `id in (${some.join(',')})`, { signal, expand: ['metadata.labels'] }))
      for (const { id, metadata } of rows) found.set(String(id), metadata?.labels?.results ?? [])
  return found
}

/** How late the search index may be. */
const indexLagMinutes = 60

/**
 * The clause of what changed since then. Times in queries are read in the zone of the account or the server, and to the
 * minute: only a span back from now means the same everywhere.
 */
export function changedSince(since: number | undefined, now: number): string {
  if (!since) return ''
  const minutes = Math.max(0, Math.ceil((now - since) / 60_000)) + indexLagMinutes
  return ` and lastmodified >= now("-${minutes}m")`
}

export function userIdOf({ accountId, userKey, username }: UserJson): string {
  return accountId ?? userKey ?? username ?? ''
}

export function toMember(user: UserJson): Member {
  const name = user.displayName || user.publicName || user.username
  return {
    id: userIdOf(user),
    ...(name ? { name } : {}),
    ...(user.email ? { email: user.email } : {}),
  }
}

/** When the version of it was made, in epoch milliseconds. */
export function modifiedOf({ version, history }: ContentJson): number {
  return timeOf(version?.when ?? history?.createdDate)
}
