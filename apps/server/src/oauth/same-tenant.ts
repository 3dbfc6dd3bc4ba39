import type { Connector, StoredCredentials } from '@cx/store'
import type { Services } from '../services.ts'
import { targetOf, withSource } from '../source.ts'
import { OAuthFailure } from './failure.ts'
import type { Provider } from './provider.ts'
import { revokeUnkept } from './revoke.ts'
import { presented, tokensIn } from './tokens.ts'

const checkMs = 15_000

/**
 * Asks the source where new tokens lead before they take the place of the old ones. A source that cannot be asked now
 * is not waited for: the next sync asks again before it believes anything.
 *
 * @throws OAuthFailure when it is another tenant than the one whose documents the connector holds.
 */
export async function refuseOtherTenant(
  services: Services,
  connector: Connector,
  provider: Provider,
  credentials: StoredCredentials,
): Promise<void> {
  const { id, type, name, tenant: pinned } = connector
  if (pinned === null) return
  const tokens = tokensIn(credentials)!
  let tenant: string | undefined
  try {
    const target = await targetOf(services, connector)
    const signal = AbortSignal.timeout(checkMs)
    const checked = await withSource(
      services,
      { plugin: target.plugin, config: target.config, credentials: presented(credentials.method!, tokens) },
      signal,
      ({ plugin, session, run }) => plugin.check(session, run),
    )
    tenant = checked.tenant
  } catch (error) {
    services.log.debug('New tokens could not be tried.', { connectorId: id, reason: (error as Error).message })
    return
  }
  if (tenant === undefined || tenant === pinned) return
  await revokeUnkept(services, provider, tokens, { id, type, tenant })
  throw new OAuthFailure(
    'rejected',
    'other_tenant',
    `This account leads to ${tenant}, but ${name} holds documents of ${pinned}. Nothing has changed: begin again with an account of ${pinned}, or create another connector for this one.`,
  )
}
