import type { Plan } from './plan.ts'
import type { Session } from './session.ts'

/** The plan of the table that an entry belongs to; undefined when it is not selected or not readable any more. */
export async function planOf(session: Session, id: string, signal: AbortSignal): Promise<Plan | undefined> {
  const path = id.slice(0, id.indexOf('/', id.indexOf('/') + 1) + 1)
  return (await session.targets(signal)).find((target) => target.path === path)?.plan
}
