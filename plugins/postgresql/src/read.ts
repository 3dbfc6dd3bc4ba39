import { ConnectorError, type Content, type Entry } from '@cx/core'
import { toContent } from './document.ts'
import { toConnectorError } from './errors.ts'
import { planOf } from './plan-of.ts'
import type { Session } from './session.ts'

/** The document of one row, as it is now: a row that changed since it was listed comes with its new content. */
export async function read(session: Session, { id }: Entry, signal: AbortSignal): Promise<Content> {
  const plan = await planOf(session, id, signal).catch((error: unknown) => {
    signal.throwIfAborted()
    throw toConnectorError(error, 'Looking up the tables')
  })
  if (!plan) throw new ConnectorError('not_found', `The table of ${id} is not selected or not readable any more.`)
  const name = id.slice(plan.path.length)
  const row = session.retained.take(id) ?? (await session.reader.read(plan, name, signal))
  if (!row) throw new ConnectorError('not_found', `${plan.label} has no row ${name} any more.`)
  return toContent(plan, session.config, row, name)
}
