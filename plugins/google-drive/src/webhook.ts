import { randomUUID, timingSafeEqual } from 'node:crypto'
import { ConnectorError, type Delivery, ignored, type Json, type Receipt, resync } from '@cx/core'
import { mapConcurrently } from '@cx/core/http'
import { type Cursor, cursorNow } from './changes.ts'
import { concernsPart } from './errors.ts'
import type { DriveRun } from './session.ts'

interface Target {
  readonly url: string
  readonly secret: string
}

interface Channel {
  readonly id: string
  readonly resourceId: string
}

interface Subscription {
  readonly handle: Json
  readonly expiresAt: number
}

/** The longest that Google grants for a log of changes. https://developers.google.com/workspace/drive/api/guides/push */
const lifetimeMs = 7 * 24 * 60 * 60 * 1000
/** Renewed at this share of the time, so that two channels overlap. */
const renewAt = 0.8

/** A delivery has neither body nor signature: the channel's token, which is the secret, is all there is. */
export function verifyToken({ headers }: Delivery, secret: string): boolean {
  const given = Buffer.from(headers.get('x-goog-channel-token') ?? '')
  const expected = Buffer.from(secret)
  return (
    secret !== '' &&
    headers.has('x-goog-channel-id') &&
    given.length === expected.length &&
    timingSafeEqual(given, expected)
  )
}

/** Only a poke: what changed stands in the change log. */
export function receive({ headers }: Delivery): Receipt {
  const state = headers.get('x-goog-resource-state') ?? ''
  const id = `${headers.get('x-goog-channel-id')} ${headers.get('x-goog-message-number')}`
  if (state === 'sync') return ignored('The channel was opened.', id)
  if (state === 'change') return resync('Google Drive has news.', id)
  return ignored(state ? `Nothing depends on the state ${state}.` : 'This is no notification of Google Drive.', id)
}

/** Opens a channel for each change log that a sync follows. */
export async function subscribe({ url, secret }: Target, run: DriveRun): Promise<Subscription> {
  const { session, signal } = run
  if (!url.startsWith('https://'))
    throw new ConnectorError(
      'misconfigured',
      `Google sends notifications to https addresses only, and this one is ${url}.`,
      {
        remediation: "Set the server's public address to one with https and a valid certificate.",
      },
    )
  const logs: Cursor = await cursorNow(run)
  const now = Date.now()
  const tokens: [string | undefined, string][] = Object.entries(logs.drives)
  if (logs.user !== null) tokens.push([undefined, logs.user])
  const channels: Channel[] = []
  let earliest = now + lifetimeMs
  const open = async ([driveId, pageToken]: [string | undefined, string]) => {
    const channel = {
      id: randomUUID(),
      type: 'web_hook',
      address: url,
      token: secret,
      expiration: String(now + lifetimeMs),
    }
    const { resourceId, expiration } = await session.client.watch({ driveId, pageToken }, channel, signal)
    channels.push({ id: channel.id, resourceId })
    const until = Number(expiration)
    if (until > 0) earliest = Math.min(earliest, until)
  }
  try {
    for await (const _ of mapConcurrently(tokens, 4, open));
  } catch (error) {
    await close(channels, run)
    throw error
  }
  return {
    handle: { channels: channels.map(({ id, resourceId }) => ({ id, resourceId })) },
    expiresAt: Math.round(now + (earliest - now) * renewAt),
  }
}

/** New channels first, then the old ones are closed: nothing is missed between. */
export async function renew(handle: Json, target: Target, run: DriveRun): Promise<Subscription> {
  const next = await subscribe(target, run)
  const { channels } = (handle ?? {}) as { readonly channels?: unknown }
  await close(Array.isArray(channels) ? (channels as Channel[]) : [], run)
  return next
}

async function close(channels: readonly Channel[], { session, signal }: DriveRun): Promise<void> {
  for (const { id, resourceId } of channels)
    try {
      await session.client.stop({ id, resourceId }, signal)
    } catch (error) {
      // One that has run out is unknown to Google.
      if (!concernsPart(error))
        session.log.warn('An old notification channel could not be closed; it runs out by itself.', {
          reason: (error as Error).message,
        })
    }
}
