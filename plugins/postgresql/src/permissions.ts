import type { Acl, Entry } from '@cx/core'
import { createEntry } from './entry.ts'
import { toConnectorError } from './errors.ts'
import { decodeKey } from './path.ts'
import type { Plan } from './plan.ts'
import { planOf } from './plan-of.ts'
import type { Session } from './session.ts'
import { lookupStatement } from './statements.ts'

/**
 * Access lists of these rows from the access column. Rows of tables without it, and rows known by their content alone,
 * keep what their listing said.
 */
export async function* acls(
  session: Session,
  entries: readonly Entry[],
  signal: AbortSignal,
): AsyncGenerator<{ readonly id: string; readonly acl: Acl }> {
  const byPlan = new Map<Plan, string[]>()
  for (const { id } of entries) {
    const plan = await planOf(session, id, signal)
    if (!plan || plan.key.length === 0 || !plan.facts.some(({ role }) => role === 'acl')) continue
    const rows = byPlan.get(plan) ?? []
    rows.push(id.slice(plan.path.length))
    byPlan.set(plan, rows)
  }
  for (const [plan, rows] of byPlan) {
    const toEntry = createEntry(plan, session.config)
    for (let start = 0; start < rows.length; start += 1000) {
      const statement = lookupStatement(plan, rows.slice(start, start + 1000).map(decodeKey))
      const found = await session.database
        .read(signal, (transaction) => transaction.rows(statement))
        .catch((error: unknown) => {
          signal.throwIfAborted()
          throw toConnectorError(error, `Reading the access lists of ${plan.label}`)
        })
      for (const row of found) {
        const { id, acl } = toEntry(row)
        if (acl) yield { id, acl }
      }
    }
  }
}
