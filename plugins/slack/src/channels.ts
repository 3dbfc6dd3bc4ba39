import { ConnectorError } from '@cx/core'
import { nameOf, rememberName } from './channel-names.ts'
import type { SlackClient } from './client.ts'
import type { Config } from './config.ts'
import { concernsChannel } from './errors.ts'
import type { Channel } from './types.ts'

/** A channel to index; `name` is its first segment in paths. */
export interface Room {
  readonly id: string
  readonly name: string
  readonly isPrivate: boolean
  readonly isMember: boolean
  readonly formerNames: readonly string[]
}

export interface Selection {
  /** In the order of their ids, which never changes. */
  readonly rooms: readonly Room[]
  /** What is configured and cannot be had; `path` is where its documents are. */
  readonly missing: readonly { readonly path: string; readonly error: unknown }[]
}

/** What `channels` names: ids, also out of links to channels, and names. */
export function wordsOf({ channels }: Pick<Config, 'channels'>): readonly string[] {
  const words = channels.map((text) => {
    const word = text.trim().replace(/^#/, '')
    return /(?:\/archives\/|^<#)([CGD][A-Z0-9]{7,})/.exec(word)?.[1] ?? word
  })
  return [...new Set(words)].filter((word) => word !== '')
}

const idPattern = /^[CGD][A-Z0-9]{7,}$/
/** Fewer ids than this are asked for one by one; a workspace can have thousands of channels. */
const mostInfoCalls = 50

/** The configured channels as they are now; with `everyone`, also those that we are no members of. */
export async function selectChannels(
  client: SlackClient,
  config: Config,
  signal: AbortSignal,
  { everyone = false }: { readonly everyone?: boolean } = {},
): Promise<Selection> {
  const { teamId } = await client.identity(signal)
  const wanted = wordsOf(config)
  const { found, missing } =
    wanted.length === 0
      ? await memberships(client, config, signal, everyone)
      : await named(client, config, wanted, teamId, signal)
  const usable = [...found.values()].filter((channel) => config.includeArchived || !channel.is_archived)
  const rooms = toRooms(usable)
  for (const room of rooms) rememberName(teamId, room.id, room.name)
  if (rooms.length === 0 && missing.length > 0) throw allMissing(missing[0]!.error)
  if (config.autoJoin && wanted.length > 0) await join(client, rooms, signal)
  return { rooms, missing }
}

interface Found {
  readonly found: ReadonlyMap<string, Channel>
  readonly missing: Selection['missing']
}

/** Every channel that we are in: being invited and removed is the choice. */
async function memberships(
  client: SlackClient,
  config: Config,
  signal: AbortSignal,
  everyone: boolean,
): Promise<Found> {
  const found = new Map<string, Channel>()
  for await (const channel of everyChannel(client, config, signal))
    if (everyone || channel.is_member !== false) found.set(channel.id, channel)
  return { found, missing: [] }
}

async function named(
  client: SlackClient,
  config: Config,
  wanted: readonly string[],
  teamId: string,
  signal: AbortSignal,
): Promise<Found> {
  const found = new Map<string, Channel>()
  const missing: { path: string; error: unknown }[] = []
  const ids = wanted.filter((word) => idPattern.test(word))
  const names = new Set(wanted.filter((word) => !idPattern.test(word)))
  if (names.size > 0 || ids.length > mostInfoCalls) {
    const open = new Set([...ids, ...names])
    const renamed = new Map<string, Channel>()
    for await (const channel of everyChannel(client, { ...config, includeArchived: true }, signal)) {
      if (open.delete(channel.id) || open.delete(channel.name)) {
        open.delete(channel.id)
        found.set(channel.id, channel)
      }
      for (const name of channel.previous_names ?? []) if (names.has(name)) renamed.set(name, channel)
      if (open.size === 0) break
    }
    for (const name of open) {
      const channel = renamed.get(name)
      if (!channel) continue
      found.set(channel.id, channel)
      names.delete(name)
    }
    for (const name of names) if (open.has(name)) missing.push({ path: `${name}/`, error: unknownName(name, config) })
  }
  for (const id of ids) {
    if (found.has(id)) continue
    try {
      const what = `the channel ${id}`
      const { channel } = await client.call<{ channel: Channel }>('conversations.info', { channel: id }, what, signal)
      if (channel.is_im || channel.is_mpim)
        throw new ConnectorError('forbidden', `${id} is a direct message: cx indexes channels only.`)
      found.set(channel.id, channel)
    } catch (error) {
      if (!concernsChannel(error)) throw error
      // Where its documents are is not known after a restart: then nothing at all may be deleted.
      const name = nameOf(teamId, id)
      missing.push({ path: name === undefined ? '' : `${name}/`, error })
    }
  }
  return { found, missing }
}

async function* everyChannel(
  client: SlackClient,
  config: Config,
  signal: AbortSignal,
): AsyncGenerator<Channel, void, void> {
  const types = config.includePrivate ? 'public_channel,private_channel' : 'public_channel'
  const list = client.list<{ channels?: readonly Channel[] }>(
    'conversations.list',
    { types, exclude_archived: !config.includeArchived },
    { what: 'the list of channels', items: (answer) => answer.channels, signal },
  )
  for await (const page of list) yield* page.channels ?? []
}

function toRooms(channels: readonly Channel[]): readonly Room[] {
  const times = new Map<string, number>()
  const segment = ({ name }: Channel) => name.replaceAll('/', '\u2215')
  for (const channel of channels) times.set(segment(channel), (times.get(segment(channel)) ?? 0) + 1)
  return channels
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((channel) => ({
      id: channel.id,
      // Channels that other workspaces share can have the name of one of ours.
      name: times.get(segment(channel))! > 1 ? `${segment(channel)}~${channel.id}` : segment(channel),
      isPrivate: channel.is_private === true,
      isMember: channel.is_member !== false,
      formerNames: channel.previous_names ?? [],
    }))
}

async function join(client: SlackClient, rooms: readonly Room[], signal: AbortSignal): Promise<void> {
  for (const room of rooms)
    if (!room.isMember && !room.isPrivate)
      try {
        await client.call('conversations.join', { channel: room.id }, `to join #${room.name}`, signal)
      } catch (error) {
        // What it means for its history is said there.
        if (!concernsChannel(error)) throw error
      }
}

function unknownName(name: string, config: Config): ConnectorError {
  const hidden = config.includePrivate
    ? 'Private channels are hidden until someone types /invite @APP in them.'
    : 'Private channels are left out (`includePrivate`).'
  return new ConnectorError('not_found', `There is no channel #${name} that this app can see.`, {
    remediation: `It may have been renamed or deleted: configure it by its id (channel details, at the bottom). ${hidden}`,
  })
}

function allMissing(error: unknown): unknown {
  const { code, message, remediation } = error as ConnectorError
  if (code !== 'not_found') return error
  return new ConnectorError(
    'misconfigured',
    `None of \`channels\` can be found. ${message}`,
    remediation === undefined ? {} : { remediation },
  )
}
