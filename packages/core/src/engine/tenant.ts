import { abortable } from './abort.ts'
import type { SyncOptions } from './options.ts'
import { patiently } from './patience.ts'
import { RunError } from './process.ts'

/** Makes sure that the source is still the one whose documents are held. @throws RunError when it is another one. */
export async function pinTenant(options: SyncOptions): Promise<void> {
  const { connector, opened, store, signal, record } = options
  const { tenant } = await patiently(options, () => abortable(connector.check(opened.session, opened.run), signal))
  if (tenant === undefined) return
  const pinned = await abortable(store.pinTenant(record.id, tenant), signal)
  if (pinned !== tenant)
    throw new RunError({
      code: 'misconfigured',
      message: `The credentials now lead to ${tenant}, but this connector holds documents of ${pinned}. Restore the old credentials, or delete the connector and create a new one.`,
    })
}
