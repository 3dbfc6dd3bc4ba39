import { affected, type Delivery, type Hmac, handshake, hmac, ignored, type Receipt, resync } from '@cx/core'
import { nameOf } from './channel-names.ts'
import { wordsOf } from './channels.ts'
import type { Config } from './config.ts'
import { dayPath, filePath, threadPath } from './ids.ts'
import { dayOf } from './time.ts'
import type { SlackFile } from './types.ts'

interface Event {
  readonly type?: string
  readonly subtype?: string
  readonly channel?: unknown
  readonly ts?: string
  readonly thread_ts?: string
  readonly deleted_ts?: string
  readonly files?: readonly SlackFile[]
  readonly message?: Event
  readonly previous_message?: Event
}

interface Payload {
  readonly type?: string
  readonly challenge?: string
  readonly team_id?: string
  readonly event_id?: string
  readonly event?: Event
}

/** https://docs.slack.dev/authentication/verifying-requests-from-slack */
export const verify: Hmac = hmac({
  hash: 'sha256',
  header: 'x-slack-signature',
  prefix: 'v0=',
  timestampHeader: 'x-slack-request-timestamp',
  signed: ({ headers, body }) => {
    const head = new TextEncoder().encode(`v0:${headers.get('x-slack-request-timestamp') ?? ''}:`)
    const signed = new Uint8Array(head.length + body.length)
    signed.set(head)
    signed.set(body, head.length)
    return signed
  },
})

const listing = /^(channel|group)_(rename|archive|unarchive|deleted|shared|unshared|left|convert_to_private)$/
const people = /^(member_joined_channel|member_left_channel|team_join|user_change)$/

/**
 * What a delivery means; `event_id` tells repeats apart. A message names its documents where this process has seen its
 * channel's name; otherwise the next sync looks. https://docs.slack.dev/apis/events-api
 */
export function receive(delivery: Delivery, config: Config): Receipt {
  const payload = parse(delivery)
  if (!payload) return ignored('The body is no JSON object.')
  if (payload.type === 'url_verification')
    return typeof payload.challenge === 'string'
      ? handshake(payload.challenge, { contentType: 'text/plain' })
      : ignored('A handshake without a challenge.')
  const id = typeof payload.event_id === 'string' ? payload.event_id : undefined
  if (payload.type === 'app_rate_limited') return resync('Slack held back events of a busy hour.', id)
  const { event } = payload
  if (payload.type !== 'event_callback' || typeof event !== 'object' || event === null)
    return ignored(`${payload.type ?? 'The delivery'} is no event.`, id)
  if (event.type === 'message') return message(event, payload, config, id)
  if (listing.test(event.type ?? '')) return resync(`${event.type}`, id)
  if (/^file_(change|deleted)$/.test(event.type ?? ''))
    return config.includeFiles ? resync(`${event.type}`, id) : ignored('Files are not included.', id)
  if (/^(tokens_revoked|app_uninstalled)$/.test(event.type ?? '')) return resync(`${event.type}`, id)
  if (people.test(event.type ?? '')) return ignored('Who may read is refreshed with the permissions.', id)
  return ignored(`${event.type ?? 'The event'} changes no document.`, id)
}

function message(event: Event, { team_id: teamId = '' }: Payload, config: Config, id: string | undefined): Receipt {
  if (typeof event.channel !== 'string') return ignored('A message without a channel.', id)
  const { channel } = event
  if (channel.startsWith('D')) return ignored('Direct messages are not indexed.', id)
  const name = nameOf(teamId, channel)
  if (!mayConcern(channel, name, config)) return ignored(`The channel ${channel} is not configured here.`, id)
  const changed =
    event.subtype === 'message_changed'
      ? event.message
      : event.subtype === 'message_deleted'
        ? event.previous_message
        : event
  const ts = event.deleted_ts ?? changed?.ts
  const thread = changed?.thread_ts ?? event.thread_ts
  if (!isTs(ts) || (thread !== undefined && !isTs(thread))) return resync('A message of unknown time.', id)
  if (name === undefined) return resync(`A message in ${channel}.`, id)
  const parent = thread ?? ts
  const room = { name }
  const files = config.includeFiles ? [...(changed?.files ?? []), ...(event.previous_message?.files ?? [])] : []
  const paths = [
    dayPath(room, dayOf(parent)),
    threadPath(room, parent),
    ...(parent === ts ? files.filter((file) => typeof file?.id === 'string').map((file) => filePath(room, file)) : []),
  ]
  return affected([...new Set(paths)], id)
}

/** False only where it is certain: a name can be that of any channel. */
function mayConcern(channel: string, name: string | undefined, config: Config): boolean {
  const words = wordsOf(config)
  if (words.length === 0 || words.includes(channel)) return true
  if (name !== undefined && words.includes(name)) return true
  return words.some((word) => !/^[CGD][A-Z0-9]{7,}$/.test(word)) && name === undefined
}

function isTs(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,12}\.\d{6}$/.test(value)
}

function parse({ body }: Delivery): Payload | undefined {
  try {
    const value = JSON.parse(new TextDecoder().decode(body)) as unknown
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Payload) : undefined
  } catch {
    return undefined
  }
}
