import type { BrowseItem } from '@cx/core'
import { selectChannels } from './channels.ts'
import type { SlackRun } from './session.ts'

/** The channels that can be configured; `path` is what goes into `channels`. */
export async function* children(
  path: string,
  { session, config, signal }: SlackRun,
): AsyncGenerator<BrowseItem, void, void> {
  if (path !== '') return
  const all = { ...config, channels: [], autoJoin: false }
  const { rooms } = await selectChannels(session.client, all, signal, { everyone: true })
  for (const room of rooms.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const notes = [...(room.isPrivate ? ['private'] : []), ...(room.isMember ? [] : ['the app is not a member'])]
    const title = notes.length > 0 ? `#${room.name} (${notes.join(', ')})` : `#${room.name}`
    yield { path: room.id, title, hasChildren: false, selectable: true }
  }
}
