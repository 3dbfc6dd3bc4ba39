import type { Acl, Entry, Principal } from '@cx/core'
import { isPublicEntry } from './documents.ts'
import { membersOf, type NotionRun } from './session.ts'
import type { Person } from './types.ts'

/** Who may read, by the configured policy. Where it is not known, nothing is said. */
export async function* acls(
  entries: readonly Entry[],
  { session, signal }: NotionRun,
): AsyncGenerator<{ readonly id: string; readonly acl: Acl }, void, void> {
  const me = await session.me(signal)
  for (const entry of entries) {
    const acl = session.aclOf(me, isPublicEntry(entry))
    if (acl) yield { id: entry.id, acl }
  }
}

/** The people of the workspace, for the access `workspace`. Needs the capability to read users. https://developers.notion.com/reference/get-users */
export async function* groups({
  session,
  config,
  signal,
}: NotionRun): AsyncGenerator<{ readonly id: string; readonly members: readonly Principal[] }, void, void> {
  if (config.access !== 'workspace') return
  const members: Principal[] = []
  for await (const { id, type, person } of session.client.getList<Person>('users', {}, signal))
    if (type === 'person') members.push({ type: 'user', id, ...(person?.email ? { email: person.email } : {}) })
  yield { id: membersOf(await session.me(signal)), members }
}
