import { abortable, iterate } from './abort.ts'
import { failureOf } from './failure.ts'
import type { SyncOptions } from './pipeline.ts'
import type { JobEnd } from './ports.ts'
import { RunError } from './process.ts'

const pageSize = 200

/**
 * Reads access lists and groups anew, and no content. What cannot be read keeps its last known list.
 * A source without permissions completes with zero changes. An attempt after a crash goes on behind the last page that
 * was written.
 */
export async function refreshPermissions({ store, connector, opened, job, signal }: SyncOptions): Promise<JobEnd> {
  const { permissions } = connector
  if (!permissions) return { status: 'completed' }
  const key = { jobId: job.id, connectorId: job.connectorId, attempt: job.attempt }
  try {
    // Groups come first and as a whole: an attempt that got beyond them need not read them again.
    let after = await abortable(store.aclPosition(key), signal)
    if (permissions.groups && after === undefined) {
      for await (const group of iterate(permissions.groups(opened.session, opened.run), signal))
        await store.putGroups(key, [opened.redactor.value(group)])
      await store.finishGroups(key)
    }
    while (true) {
      const entries = await abortable(
        store.entries(key, { limit: pageSize, ...(after === undefined ? {} : { after }) }),
        signal,
      )
      if (entries.length > 0) {
        const asked = new Set(entries.map(({ id }) => id))
        const acls = []
        for await (const { id, acl } of iterate(permissions.acls(opened.session, entries, opened.run), signal))
          if (asked.has(id)) acls.push({ id, acl: opened.redactor.value(acl) })
        after = entries.at(-1)!.id
        await store.setAcls(key, acls, { after, entries: entries.length })
      }
      if (entries.length < pageSize) return { status: 'completed' }
    }
  } catch (error) {
    if (signal.aborted || (error as { name?: unknown } | null)?.name === 'FencedError') throw error
    throw new RunError(failureOf(error, 'unavailable', opened.redactor))
  }
}
