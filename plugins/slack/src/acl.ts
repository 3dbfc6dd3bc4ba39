import type { Acl, Entry, Principal } from '@cx/core'
import type { Room } from './channels.ts'
import { concernsChannel } from './errors.ts'
import { channelIdOf } from './ids.ts'
import { everyUser, isFullMember, principalOf } from './people.ts'
import type { SlackRun } from './session.ts'
import type { User } from './types.ts'

const workspaceOf = (teamId: string) => `slack:${teamId}:members`
const membersOf = (channelId: string) => `slack:${channelId}`

/** Who may read a channel: a public one every full member of the workspace, a private one its members. Guests of public channels are left out. */
export function roomAcl(teamId: string, room: Pick<Room, 'id' | 'isPrivate'>): Acl {
  return { allOf: [[{ type: 'group', id: room.isPrivate ? membersOf(room.id) : workspaceOf(teamId) }]] }
}

/** Access lists as of now, from the list of channels alone. Of channels that are not there any more nothing is said. */
export async function* acls(
  entries: readonly Entry[],
  { session, signal }: SlackRun,
): AsyncGenerator<{ readonly id: string; readonly acl: Acl }, void, void> {
  const { teamId } = await session.client.identity(signal)
  const { rooms } = await session.selectRecent(signal)
  const known = new Map(rooms.map((room) => [room.id, roomAcl(teamId, room)]))
  for (const entry of entries) {
    const acl = known.get(channelIdOf(entry))
    if (acl) yield { id: entry.id, acl }
  }
}

/**
 * The members of the workspace and of each private channel.
 *
 * @throws ConnectorError after the others, when the members of one cannot be read: unknown is not empty, and the engine
 * keeps what it knew.
 */
export async function* groups({
  session,
  signal,
  log,
}: SlackRun): AsyncGenerator<{ readonly id: string; readonly members: readonly Principal[] }, void, void> {
  const { client } = session
  const { teamId } = await client.identity(signal)
  const { rooms } = await session.select(signal)
  const users = new Map<string, User>()
  for await (const user of everyUser(client, signal)) users.set(user.id, user)
  const full = [...users.values()].filter((user) => isFullMember(user, teamId))
  yield { id: workspaceOf(teamId), members: full.map((user) => principalOf(user.id, user)) }
  let unknown: unknown
  for (const room of rooms) {
    if (!room.isPrivate) continue
    try {
      const ids: string[] = []
      const list = client.list<{ members?: readonly string[] }>(
        'conversations.members',
        { channel: room.id },
        { what: `the members of #${room.name}`, items: (answer) => answer.members, signal },
      )
      for await (const page of list) ids.push(...(page.members ?? []))
      const people = ids.filter((id) => !users.get(id)?.is_bot && !users.get(id)?.deleted)
      yield { id: membersOf(room.id), members: people.map((id) => principalOf(id, users.get(id))) }
    } catch (error) {
      if (!concernsChannel(error)) throw error
      log.warn('Who may read a channel is unknown: its last known members stay.', {
        channel: room.name,
        reason: (error as Error).message,
      })
      unknown ??= error
    }
  }
  if (unknown) throw unknown
}
