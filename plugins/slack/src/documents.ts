import { createHash } from 'node:crypto'
import type { Entry, Json } from '@cx/core'
import { roomAcl } from './acl.ts'
import type { Room } from './channels.ts'
import type { SlackClient } from './client.ts'
import type { Config } from './config.ts'
import type { Day } from './history.ts'
import { dayPath, filePath, idOf, permalink, threadPath } from './ids.ts'
import { hasThread, isTopLevel, speaks, visible } from './messages.ts'
import type { Names } from './people.ts'
import { authorOf, fileName, firstWords } from './render.ts'
import { isoOf, later } from './time.ts'
import type { Identity, Message, SlackFile } from './types.ts'

/** What `read` needs to find a document again. `x`: it is in the export. */
export type Ref =
  | { readonly kind: 'day'; readonly c: string; readonly d: string; readonly x?: true }
  | { readonly kind: 'thread'; readonly c: string; readonly ts: string; readonly x?: true }
  | { readonly kind: 'file'; readonly f: string; readonly u?: string; readonly m?: string }

/** What documents of one channel are made with. */
export interface Desk {
  readonly client: SlackClient
  readonly identity: Identity
  readonly config: Config
  readonly room: Room
  readonly names: Names
}

const mostParticipants = 50
/** Files that are no content: gone, hidden by the plan, or kept by another service. */
const noFiles = new Set(['tombstone', 'hidden_by_limit', 'external'])

/** What of a day is said in the channel itself. */
export function spoken(day: readonly Message[], config: Config): readonly Message[] {
  return day.filter((message) => isTopLevel(message) && speaks(message, config))
}

/** Every document of a channel's day: the day, its threads, its files. */
export function* entriesOf(
  day: Day,
  desk: Desk,
  seenFiles: Set<string>,
  exported = false,
): Generator<Entry, void, void> {
  const messages = spoken(day.messages, desk.config)
  if (messages.length > 0) yield dayEntry({ date: day.date, messages }, desk, exported)
  for (const message of day.messages) {
    // The parent of a living thread can be deleted: a tombstone stands in its place.
    if (!hasThread(message) || !(speaks(message, desk.config) || message.subtype === 'tombstone')) continue
    yield threadEntry(message, desk, exported)
  }
  if (!desk.config.includeFiles) return
  for (const { files = [] } of messages)
    for (const file of files) {
      if (noFiles.has(file.mode ?? '') || file.is_external || seenFiles.has(file.id)) continue
      seenFiles.add(file.id)
      yield fileEntry(file, desk)
    }
}

export function dayVersion(messages: readonly Message[], config: Config): string {
  return hash([config.includeBots, messages.map(visible)])
}

function dayEntry({ date, messages }: Day, desk: Desk, exported: boolean): Entry {
  const { identity, room, names, config } = desk
  const first = messages[0]!
  const people = new Set<string>()
  let changed: string | undefined
  for (const message of messages) {
    if (people.size < mostParticipants) people.add(authorOf(message, names))
    changed = later(changed, later(message.ts, message.edited?.ts))
  }
  return {
    id: idOf(identity.teamId, room.id, date),
    path: dayPath(room, date),
    version: dayVersion(messages, config),
    title: `#${room.name} — ${date}`,
    mimeType: 'text/markdown',
    createdAt: isoOf(first.ts),
    updatedAt: isoOf(changed!),
    url: permalink(identity, room.id, first.ts),
    acl: roomAcl(identity.teamId, room),
    ref: { kind: 'day', c: room.id, d: date, ...(exported ? { x: true } : {}) } satisfies Ref as Json,
    metadata: { channel: room.name, channelId: room.id, messages: messages.length, participants: [...people] },
  }
}

function threadEntry(parent: Message, desk: Desk, exported: boolean): Entry {
  const { identity, room, names, config } = desk
  const author = authorOf(parent, names)
  const replies = parent.reply_count ?? 0
  return {
    id: idOf(identity.teamId, room.id, parent.ts),
    path: threadPath(room, parent.ts),
    version: hash([config.includeBots, visible(parent), parent.latest_reply]),
    title: `#${room.name} — ${author}: ${firstWords(parent, names)}`,
    mimeType: 'text/markdown',
    createdAt: isoOf(parent.ts),
    updatedAt: isoOf(later(parent.latest_reply, later(parent.ts, parent.edited?.ts))!),
    url: permalink(identity, room.id, parent.ts, true),
    author,
    acl: roomAcl(identity.teamId, room),
    ref: { kind: 'thread', c: room.id, ts: parent.ts, ...(exported ? { x: true } : {}) } satisfies Ref as Json,
    metadata: { channel: room.name, channelId: room.id, replies },
  }
}

export function fileEntry(file: SlackFile, { client, identity, room, names }: Desk): Entry {
  const url = withoutToken(file.url_private_download ?? file.url_private)
  const created = file.timestamp ?? file.created
  const denied = identity.scopes !== undefined && !identity.scopes.has('files:read')
  const strange = url !== undefined && !client.isFileUrl(url)
  const unavailable = denied
    ? 'The token lacks the scope files:read: add it to the app and reinstall it.'
    : strange
      ? "The file is not on Slack's own servers, and other ones are not sent the token."
      : undefined
  const askFirst = file.file_access === 'check_file_info' || url === undefined
  const ref: Ref = {
    kind: 'file',
    f: file.id,
    ...(askFirst ? {} : { u: url }),
    ...(file.mimetype === undefined ? {} : { m: file.mimetype }),
  }
  return {
    id: idOf(identity.teamId, room.id, file.id),
    path: filePath(room, file),
    version: [file.updated ?? created ?? 0, file.size ?? '', ...(unavailable ? ['unavailable'] : [])].join('-'),
    title: file.title || fileName(file),
    ...(file.mimetype === undefined ? {} : { mimeType: file.mimetype }),
    // The sizes of posts and canvases are those of their source, not of what is downloaded.
    ...(file.size === undefined || file.mode === 'post' || file.mode === 'quip' ? {} : { size: file.size }),
    ...(created === undefined ? {} : { createdAt: new Date(created * 1000).toISOString() }),
    ...(created === undefined ? {} : { updatedAt: new Date((file.updated ?? created) * 1000).toISOString() }),
    ...(file.permalink === undefined ? {} : { url: file.permalink }),
    ...(file.user === undefined ? {} : { author: names.user(file.user) }),
    acl: roomAcl(identity.teamId, room),
    ...(unavailable === undefined ? {} : { unavailable }),
    ref: ref as Json,
    metadata: { channel: room.name, channelId: room.id },
  }
}

/** In exports a file's address brings a token of its own, which must not be stored; the app's is enough. */
function withoutToken(address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address)) return address
  const url = new URL(address)
  url.searchParams.delete('t')
  return url.href
}

export function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 16)
}
