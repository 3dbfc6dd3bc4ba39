import type { Entry } from '@cx/core'
import type { Room } from './channels.ts'
import { fileName } from './render.ts'
import { isoOf } from './time.ts'
import type { Identity, SlackFile } from './types.ts'

export function idOf(teamId: string, channelId: string, key: string): string {
  return `slack:${teamId}:${channelId}:${key}`
}

/** The channel of an entry. */
export function channelIdOf(entry: Pick<Entry, 'id'>): string {
  return entry.id.split(':')[2] ?? ''
}

export function dayPath(room: Pick<Room, 'name'>, date: string): string {
  return `${room.name}/${date.replaceAll('-', '/')}.md`
}

export function threadPath(room: Pick<Room, 'name'>, ts: string): string {
  return `${room.name}/${isoOf(ts).slice(0, 10).replaceAll('-', '/')}/${ts}.md`
}

export function filePath(room: Pick<Room, 'name'>, file: SlackFile): string {
  return `${room.name}/files/${file.id}-${fileName(file).replaceAll('/', '\u2215')}`
}

/** Where a message is in Slack. */
export function permalink(identity: Identity, channelId: string, ts: string, thread = false): string {
  const suffix = thread ? `?thread_ts=${ts}&cid=${channelId}` : ''
  return new URL(`archives/${channelId}/p${ts.replace('.', '')}${suffix}`, identity.url).href
}
