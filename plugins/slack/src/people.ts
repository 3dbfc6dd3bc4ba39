import type { Log, Principal } from '@cx/core'
import type { SlackClient } from './client.ts'
import { concernsChannel } from './errors.ts'
import type { User } from './types.ts'

/** What a message needs of the people and things it names. */
export interface Names {
  user(id: string): string
  channel(id: string): string | undefined
  group(id: string): string | undefined
}

/** Reads every account of the workspace: one call for up to 999. */
export async function* everyUser(client: SlackClient, signal: AbortSignal): AsyncGenerator<User, void, void> {
  const list = client.list<{ members?: readonly User[] }>(
    'users.list',
    {},
    { what: 'the list of people', items: (answer) => answer.members, signal },
  )
  for await (const page of list) yield* page.members ?? []
}

export function displayName(user: User): string {
  const { display_name, real_name } = user.profile ?? {}
  return display_name || real_name || user.real_name || user.name || user.id
}

/**
 * Whether a public channel is open to them. Guests see only the channels they are members of, and so do people of other
 * workspaces, whom the list holds as soon as they share one channel with us.
 */
export function isFullMember(user: User, teamId: string): boolean {
  const ours = user.team_id === undefined || user.team_id === teamId || user.enterprise_user?.teams?.includes(teamId)
  return !(
    !ours ||
    user.deleted ||
    user.is_bot ||
    user.is_restricted ||
    user.is_ultra_restricted ||
    user.is_stranger ||
    user.id === 'USLACKBOT'
  )
}

export function principalOf(id: string, user: User | undefined): Principal {
  const email = user?.profile?.email
  return { type: 'user', id: `slack:user:${id}`, ...(email ? { email } : {}) }
}

/** Names as a session comes to need them, each list read once. A list that may not be read leaves ids. */
export class NameBook {
  readonly #client: SlackClient
  readonly #log: Log
  readonly #loaded = new Map<string, Promise<ReadonlyMap<string, string>>>()

  constructor(client: SlackClient, log: Log) {
    this.#client = client
    this.#log = log
  }

  /** Everything that these messages, as JSON, name. */
  async namesFor(json: string, signal: AbortSignal): Promise<Names> {
    const users = await this.users(signal)
    const none: ReadonlyMap<string, string> = new Map()
    const channels = /"type":"channel"|<#\w+\|?>/.test(json)
      ? await this.#once('channels', () => this.#channels(signal))
      : none
    const groups = /"type":"usergroup"|<!subteam\^\w+>/.test(json)
      ? await this.#once('usergroups', () => this.#groups(signal))
      : none
    return { user: (id) => users.get(id) ?? id, channel: (id) => channels.get(id), group: (id) => groups.get(id) }
  }

  users(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    return this.#once('users', async () => {
      const names = new Map<string, string>()
      for await (const user of everyUser(this.#client, signal)) names.set(user.id, displayName(user))
      return names
    })
  }

  #once(list: string, load: () => Promise<ReadonlyMap<string, string>>): Promise<ReadonlyMap<string, string>> {
    let names = this.#loaded.get(list)
    if (!names) {
      names = load().catch((error: unknown) => {
        if (concernsChannel(error)) {
          this.#log.warn(`Names of ${list} cannot be read: documents show ids instead.`, {
            reason: (error as Error).message,
          })
          return new Map<string, string>()
        }
        this.#loaded.delete(list)
        throw error
      })
      this.#loaded.set(list, names)
    }
    return names
  }

  async #channels(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    type Answer = { channels?: readonly { id: string; name: string }[] }
    const names = new Map<string, string>()
    const list = this.#client.list<Answer>(
      'conversations.list',
      { types: 'public_channel' },
      { what: 'the list of channels', items: (answer) => answer.channels, signal },
    )
    for await (const page of list) for (const { id, name } of page.channels ?? []) names.set(id, name)
    return names
  }

  async #groups(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    type Answer = { usergroups?: readonly { id: string; handle?: string; name?: string }[] }
    const { usergroups } = await this.#client.call<Answer>('usergroups.list', {}, 'the list of user groups', signal)
    return new Map((usergroups ?? []).map(({ id, handle, name }) => [id, handle ?? name ?? id]))
  }
}
