import type { Connector, StoredCredentials } from '@cx/store'
import type { Services } from '../services.ts'
import { revokeToken } from './protocol.ts'
import { oauthMethod, ownClient, resolveProvider, settingName } from './provider.ts'
import { tokensIn } from './tokens.ts'

const revokeMs = 3_000

/**
 * Reads what a connector that is about to be deleted was given; what is returned tells the provider that it is not
 * needed any more, within three seconds, and never fails: the tokens are forgotten here in any case.
 */
export async function prepareRevocation(services: Services, connector: Connector): Promise<() => Promise<void>> {
  const { vault, plugins, settings, egress, log } = services
  const nothing = async () => {}
  try {
    const credentials = (await vault.get(connector.id, 'credentials')) as StoredCredentials | undefined
    const tokens = credentials && tokensIn(credentials)
    const plugin = tokens && (await plugins.get(connector.type))
    const auth = plugin && oauthMethod(plugin, String(credentials?.method))
    if (!tokens || !plugin || !auth) return nothing
    const own = await ownClient(services, connector.id)
    const provider = resolveProvider(plugin, auth, settings.oauthClients[settingName(plugin.name)], own)
    if (provider?.revocationUrl === undefined || (await isShared(services, connector))) return nothing
    return async () => {
      try {
        // The refresh token takes its access tokens with it: https://www.rfc-editor.org/rfc/rfc7009#section-2.1
        await revokeToken(provider, tokens.refreshToken ?? tokens.accessToken, {
          fetch: egress.fetch,
          timeoutMs: revokeMs,
        })
      } catch (error) {
        log.warn('The tokens of a deleted connector could not be revoked at the provider.', {
          connectorId: connector.id,
          reason: (error as Error).message,
        })
      }
    }
  } catch (error) {
    log.warn('The tokens of a deleted connector could not be read, so they are not revoked.', {
      connectorId: connector.id,
      reason: (error as Error).message,
    })
    return nothing
  }
}

/** Providers such as Google withdraw all that a person granted to a client at once: another connector may live by it. */
async function isShared({ store }: Services, { id, type, tenant }: Connector): Promise<boolean> {
  let after: string | undefined
  do {
    const page = await store.connectors({ type, limit: 100, ...(after !== undefined && { after }) })
    for (const other of page.rows)
      if (other.id !== id && other.credentials && (tenant === null || other.tenant === null || other.tenant === tenant))
        return true
    after = page.next
  } while (after !== undefined)
  return false
}
