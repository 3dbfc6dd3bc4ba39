import type { CapabilityCheck, CheckResult, Run } from '@cx/core'
import { ConnectorError } from '@cx/core'
import type { Config } from './config.ts'
import { text } from './part.ts'
import type { Session } from './session.ts'
import { identify } from './soql.ts'

/** Two calls, or three: who we are, what is visible, and one record of the first object, as a sync asks for it. */
export async function check(session: Session, { config, signal }: Run<Config>): Promise<CheckResult> {
  const { client, schema } = session
  const [organization] = await client.rows('SELECT Id, Name, IsSandbox FROM Organization', { signal })
  if (!organization)
    throw new ConnectorError(
      'forbidden',
      'The integration user may not see the organisation itself (API Enabled, View Setup).',
    )
  const objects = await schema.objects(signal)
  const visible = (name: string) => objects.get(name.toLowerCase())?.queryable === true
  const checks: CapabilityCheck[] = config.objects.map((name) =>
    one(`read ${name}`, visible(name), `Give the integration user read access to ${name}, or take it out.`),
  )
  const first = config.objects.find(visible)
  if (first) {
    const works = await client.rows(`SELECT Id FROM ${identify(first)} LIMIT 1`, { signal }).then(
      () => true,
      (error: ConnectorError) => {
        if (error.code !== 'forbidden' && error.code !== 'misconfigured') throw error
        return false
      },
    )
    checks.push(one(`query ${first}`, works, `Give the integration user read access to ${first}.`))
  }
  if (config.includeFiles)
    checks.push(one('files', visible('ContentVersion'), 'Give the integration user Query All Files.'))
  if (config.includeKnowledge)
    checks.push(
      one(
        'Knowledge',
        [...objects.values()].some(({ name }) => name.endsWith('__kav')),
        'Enable Lightning Knowledge and give read access, or leave it out.',
      ),
    )
  if (config.includeComments)
    checks.push(
      one('comments', visible('CaseComment'), 'Give the integration user read access to cases and their comments.'),
    )
  if (config.includeFeed) checks.push(one('feed', visible('FeedItem'), 'Enable Chatter, or leave the feed out.'))
  if (config.aclMode === 'sharing')
    checks.push(
      one(
        'sharing',
        visible('PermissionSetAssignment') && visible('Group'),
        'Give the integration user View Setup and Configuration, or choose another aclMode.',
      ),
    )
  const { usage } = client.guard
  if (usage)
    checks.push({
      capability: 'API requests',
      status: 'ok',
      message: `${usage.used} of ${usage.limit} requests of the last 24 hours are used.`,
    })
  const sandbox = text(organization.IsSandbox) === 'true' ? ' (sandbox)' : ''
  return { account: `${text(organization.Name)}${sandbox}`, tenant: text(organization.Id), checks }
}

function one(capability: string, ok: boolean, remediation: string): CapabilityCheck {
  return ok
    ? { capability, status: 'ok', message: 'Works.' }
    : { capability, status: 'failed', message: 'Missing or hidden from the integration user.', remediation }
}
