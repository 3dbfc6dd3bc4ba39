import type { Principal } from '@cx/core'
import { concernsPart } from './errors.ts'
import { mostIdsInQuery, type RestrictionJson, search, toMember } from './search.ts'
import { type Call, chunks, type Wiki } from './wiki.ts'

/** Undefined: open to whoever may view the space. */
export type Readers = readonly Principal[] | undefined

const expand = ['restrictions.read.restrictions.user', 'restrictions.read.restrictions.group']
const mostReaders = 200

/**
 * View restrictions of content by id: undefined where there are none, absent where they cannot be seen. Ancestors are
 * asked for by themselves: expanded with a page, one that is out of sight fails the whole query.
 * https://jira.atlassian.com/browse/CONFCLOUD-77618
 */
export async function restrictionsOf(
  wiki: Wiki,
  ids: readonly string[],
  { signal }: Call,
): Promise<ReadonlyMap<string, Readers>> {
  const found = new Map<string, Readers>()
  for (const some of chunks(ids, mostIdsInQuery)) {
    for await (const rows of search(wiki, `id in (${some.join(',')})`, { signal, expand }))
      for (const { id, restrictions } of rows) {
        const told = restrictions?.read?.restrictions
        if (told && !isCut(told)) found.set(String(id), readersIn(told))
      }
    // New content that the search does not know yet, long lists, kinds that it does not find.
    for (const id of some) if (!found.has(id)) await one(wiki, id, found, signal)
  }
  return found
}

async function one(wiki: Wiki, id: string, found: Map<string, Readers>, signal: AbortSignal): Promise<void> {
  const readers: Principal[] = []
  for (let start = 0; ; start += mostReaders)
    try {
      const path = `rest/api/content/${encodeURIComponent(id)}/restriction/byOperation/read`
      const { restrictions } = await wiki.client.json<{ restrictions?: RestrictionJson }>(path, {
        signal,
        query: { expand: 'restrictions.user,restrictions.group', start, limit: mostReaders },
      })
      // Without the lists nothing is known; that is not the same as none.
      if (!restrictions?.user?.results || !restrictions.group?.results) return
      readers.push(...(readersIn(restrictions) ?? []))
      const most = Math.max(restrictions.user.results.length, restrictions.group.results.length)
      if (most < mostReaders) break
    } catch (error) {
      if (concernsPart(error)) return
      throw error
    }
  found.set(id, readers.length > 0 ? readers : undefined)
}

/** Lists that come with other content are cut short. */
function isCut({ user, group }: RestrictionJson): boolean {
  return [user, group].some(
    (list) => !list?.results || list._links?.next !== undefined || (list.size ?? 0) > list.results.length,
  )
}

function readersIn({ user, group }: RestrictionJson): Readers {
  const readers: Principal[] = [
    ...(user?.results ?? []).map((json): Principal => {
      const { id, email } = toMember(json)
      return { type: 'user', id, ...(email ? { email } : {}) }
    }),
    ...(group?.results ?? []).map(({ id, name }): Principal => ({ type: 'group', id: id ?? name })),
  ]
  return readers.length > 0 ? readers : undefined
}
