import type { CapabilityCheck, CheckResult, ConnectorError } from '@cx/core'
import type { Room } from './channels.ts'
import { concernsChannel } from './errors.ts'
import { history } from './history.ts'
import type { SlackRun } from './session.ts'
import type { Identity } from './types.ts'

/** Proves the way in by the calls a sync makes: the account, the channels, a page of messages of one. */
export async function check({ session, config, signal }: SlackRun): Promise<CheckResult> {
  const { client } = session
  const identity = await client.identity(signal)
  const { rooms, missing } = await session.selectRecent(signal)
  const checks: CapabilityCheck[] = missing.map(({ path, error }) =>
    failed(`channel ${path.replace(/\/$/, '') || 'by id'}`, error),
  )
  checks.push({
    capability: 'channels',
    status: rooms.length > 0 ? 'ok' : 'failed',
    message: `${rooms.length} channels can be seen.`,
    ...(rooms.length > 0
      ? {}
      : {
          remediation: 'Invite the app to channels (/invite @APP), or name public ones in `channels` with `autoJoin`.',
        }),
  })
  const room = rooms.find((one) => one.isMember) ?? rooms[0]
  if (room) checks.push(await messages(room, { session, config, signal }))
  checks.push(...scopes(identity, config.includeFiles))
  if (client.limitClass.limited)
    checks.push({
      capability: 'rate limit',
      status: 'ok',
      message: 'Slack limits this app to 1 call a minute with 15 messages each.',
      remediation: 'Use an app that your own workspace created, or `exportPath` for old messages.',
    })
  return {
    account: `${identity.user} in ${identity.team}`,
    ...(identity.teamId ? { tenant: identity.teamId } : {}),
    checks,
  }
}

async function messages(
  room: Room,
  { session, signal }: Pick<SlackRun, 'session' | 'config' | 'signal'>,
): Promise<CapabilityCheck> {
  try {
    for await (const _ of history(session.client, room, {}, signal)) break
    return { capability: 'messages', status: 'ok', message: `Messages of #${room.name} can be read.` }
  } catch (error) {
    if (!concernsChannel(error)) throw error
    return failed('messages', error)
  }
}

/** What optional scopes are for; Slack tells in a header which ones the token has. */
function scopes({ scopes: held }: Identity, includeFiles: boolean): readonly CapabilityCheck[] {
  if (held === undefined) return []
  const wanted: readonly (readonly [string, string])[] = [
    ['users:read', 'names of people; without it documents show ids'],
    ['users:read.email', 'who may read a document, by e-mail'],
    ...(includeFiles ? [['files:read', 'files; without it they are listed and not read'] as const] : []),
  ]
  return wanted.map(([scope, purpose]) => ({
    capability: `scope ${scope}`,
    status: held.has(scope) ? 'ok' : 'skipped',
    message: `${held.has(scope) ? 'Granted' : 'Missing'}: ${purpose}.`,
    ...(held.has(scope) ? {} : { remediation: `Add ${scope} under OAuth & Permissions and reinstall the app.` }),
  }))
}

function failed(capability: string, error: unknown): CapabilityCheck {
  const { message, remediation } = error as ConnectorError
  return { capability, status: 'failed', message, ...(remediation === undefined ? {} : { remediation }) }
}
