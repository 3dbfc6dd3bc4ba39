import type { CapabilityCheck, CheckResult, ConnectorError } from '@cx/core'
import { auth } from './auth.ts'
import type { Running } from './session.ts'
import { selectSpaces } from './spaces.ts'

/**
 * Three calls, which the sync that follows has no need to make again: who we are, which site it is, which spaces there are.
 * A sign-in tells with the site what it was granted.
 */
export async function check(run: Running): Promise<CheckResult> {
  const { session, signal } = run
  const { me, tenant, scopes } = await session.site(signal)
  const { spaces, missing } = await selectSpaces(run)
  const checks: CapabilityCheck[] = missing.map(({ key, error }) => failed(`space ${key}`, error))
  const [first] = spaces
  checks.push({
    capability: 'spaces',
    status: first ? 'ok' : 'failed',
    message: `${spaces.length} ${spaces.length === 1 ? 'space' : 'spaces'} can be read.`,
    ...(first ? {} : { remediation: 'Check `spaceKeys`, and whether the spaces are archived or personal.' }),
  })
  if (scopes) checks.push(...lacking(scopes))
  return { account: me.name ?? me.email ?? me.id, ...(tenant === undefined ? {} : { tenant }), checks }
}

/** Scopes that were asked for and not granted; README says what is lost without each. */
function lacking(scopes: readonly string[]): readonly CapabilityCheck[] {
  const held = new Set(scopes)
  return auth.oauth.scopes
    .filter((scope) => scope !== 'offline_access' && !held.has(scope))
    .map((scope) => ({
      capability: `scope ${scope}`,
      status: 'failed',
      message: `The sign-in was not granted ${scope}.`,
      remediation: `Add ${scope} to the app in Atlassian's developer console, and connect again.`,
    }))
}

function failed(capability: string, { message, remediation }: ConnectorError): CapabilityCheck {
  return { capability, status: 'failed', message, ...(remediation === undefined ? {} : { remediation }) }
}
