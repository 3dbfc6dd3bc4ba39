import type { Acl, Entry } from '../contract/entry.ts'
import { iterate, untilAborted } from './abort.ts'
import { Access, concernsPart } from './access.ts'
import type { SyncOptions } from './options.ts'
import { patiently } from './patience.ts'
import type { JobEnd } from './ports.ts'
import { soundAcl } from './sound.ts'
import { pinTenant } from './tenant.ts'

const pageSize = 200

/**
 * Reads access lists and groups anew, and no content. What cannot be read keeps its last known list; groups that cannot
 * be read end nothing, since access lists without them are better than neither.
 * A source without permissions completes with zero changes. An attempt after a crash goes on behind the last page that
 * was written.
 */
export async function refreshPermissions(options: SyncOptions): Promise<JobEnd> {
  const { connector, job, signal } = options
  if (!connector.permissions) return { status: 'completed' }
  const store = untilAborted(options.store, signal)
  const key = { jobId: job.id, connectorId: job.connectorId, attempt: job.attempt }
  await pinTenant(options)
  // Groups come first and as a whole: an attempt that got beyond them need not read them again.
  let after = await store.aclPosition(key)
  const access = new Access(options)
  if (after === undefined) await access.groups(key)
  while (true) {
    const entries = await store.entries(key, { limit: pageSize, ...(after === undefined ? {} : { after }) })
    const last = entries.at(-1)
    if (last) {
      const acls = await patiently(options, () => listsOf(options, entries, access))
      after = last.id
      await store.setAcls(key, acls, { after, entries: entries.length })
    }
    if (entries.length < pageSize) {
      const { trouble } = access
      return trouble ? { status: 'partial', error: trouble } : { status: 'completed' }
    }
  }
}

async function listsOf(
  { connector, opened, signal }: SyncOptions,
  entries: readonly Entry[],
  access: Access,
): Promise<{ readonly id: string; readonly acl: Acl }[]> {
  const { session, run, redactor } = opened
  const asked = new Set(entries.map(({ id }) => id))
  const acls = []
  try {
    if (connector.permissions)
      for await (const { id, acl } of iterate(connector.permissions.acls(session, entries, run), signal))
        if (asked.has(id)) acls.push({ id, acl: redactor.value(soundAcl(acl)) })
  } catch (error) {
    // What came before it is known, and one space that is closed to us must not keep the lists of all others old.
    if (!concernsPart(error)) throw error
    access.note('Access lists', error)
  }
  return acls
}
