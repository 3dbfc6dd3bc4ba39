import type { Principal } from '@cx/core'
import { mapConcurrently } from '@cx/core/http'
import { classGroups } from './cloud-readers.ts'
import { concernsPart } from './errors.ts'
import type { Running } from './session.ts'

const atOnce = 4

/**
 * Members of every group of the site, and of the classes of people that Cloud's permissions name.
 *
 * @throws ConnectorError after the others, when the members of one may not be seen: they are unknown then, not none.
 */
export async function* groups({
  session,
  log,
  signal,
}: Running): AsyncGenerator<{ readonly id: string; readonly members: readonly Principal[] }, void, void> {
  const { wiki } = await session.site(signal)
  const people = await session.people(signal)
  const classes = new Map(classGroups.map(({ id }) => [id, new Map<string, Principal>()]))
  let unknown: unknown
  async function* all() {
    for await (const some of wiki.groups({ signal })) yield* some
  }
  const look = async (group: { id: string; name: string }) => {
    const members: Principal[] = []
    try {
      for await (const some of wiki.members(group, { signal }))
        for (const { id, email } of some) members.push({ type: 'user', id, ...(email ? { email } : {}) })
      // Data Center lists members without their addresses.
      return { group, members: wiki.flavour === 'cloud' ? members : await people.named(members, { signal }) }
    } catch (error) {
      if (!concernsPart(error)) throw error
      unknown ??= error
      log.warn('Members of a group cannot be seen: the last known ones stay.', {
        group: group.name,
        reason: error.message,
      })
      return undefined
    }
  }
  for await (const told of mapConcurrently(all(), atOnce, look)) {
    if (!told) continue
    const { group, members } = told
    yield { id: group.id, members }
    for (const { id, groups } of classGroups)
      if (groups.test(group.name)) for (const member of members) classes.get(id)!.set(JSON.stringify(member), member)
  }
  if (wiki.flavour === 'cloud') for (const [id, members] of classes) yield { id, members: [...members.values()] }
  if (unknown) throw unknown
}
