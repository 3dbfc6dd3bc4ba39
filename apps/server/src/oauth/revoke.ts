import type { Connector, StoredCredentials } from '@cx/store'
import type { Services } from '../services.ts'
import { refreshTokens, revokeToken } from './protocol.ts'
import { oauthMethod, ownClient, type Provider, resolveProvider, settingName } from './provider.ts'
import { freshnessOf, type StoredTokens, tokensIn } from './tokens.ts'

const revokeMs = 3_000

/**
 * Reads what a connector that is about to be deleted was given; what is returned tells the provider that it is not
 * needed any more, within three seconds for a call, and never fails: the tokens are forgotten here in any case.
 */
export async function prepareRevocation(services: Services, connector: Connector): Promise<() => Promise<void>> {
  const { vault, plugins, settings, log } = services
  const nothing = async () => {}
  try {
    const credentials = (await vault.get(connector.id, 'credentials')) as StoredCredentials | undefined
    const tokens = credentials && tokensIn(credentials)
    const plugin = tokens && (await plugins.get(connector.type))
    const auth = plugin && oauthMethod(plugin, String(credentials?.method))
    if (!tokens || !plugin || !auth) return nothing
    const provider = resolveProvider(plugin, auth, {
      deployment: settings.oauthClients[settingName(plugin.name)],
      own: await ownClient(services, connector.id),
      config: connector.config,
    })
    if (provider?.revocationUrl === undefined || (await isShared(services, connector))) return nothing
    return () => revoke(services, provider, tokens, connector.id)
  } catch (error) {
    log.warn('The tokens of a deleted connector could not be read, so they are not revoked.', {
      connectorId: connector.id,
      reason: (error as Error).message,
    })
    return nothing
  }
}

/** Takes back tokens of an account that is not kept, unless a connector lives by it. Never fails. */
export async function revokeUnkept(
  services: Services,
  provider: Provider,
  tokens: StoredTokens,
  { id, type, tenant }: Pick<Connector, 'id' | 'type' | 'tenant'>,
): Promise<void> {
  if (provider.revocationUrl === undefined || (await isShared(services, { id, type, tenant }))) return
  await revoke(services, provider, tokens, id)
}

async function revoke(
  { egress, log }: Services,
  provider: Provider,
  tokens: StoredTokens,
  connectorId: string,
): Promise<void> {
  const options = { fetch: egress.fetch, timeoutMs: revokeMs }
  try {
    // The refresh token takes its access tokens with it: https://www.rfc-editor.org/rfc/rfc7009#section-2.1
    if ((provider.revocation ?? 'refresh_token') === 'refresh_token')
      return await revokeToken(provider, tokens.refreshToken ?? tokens.accessToken, options)
    // An access token that is over proves nothing any more, while the grant behind it goes on.
    const isOver = tokens.refreshToken !== undefined && freshnessOf(tokens, false, Date.now()) === 'expired'
    const { accessToken } = isOver ? await refreshTokens(provider, tokens.refreshToken!, options) : tokens
    await revokeToken(provider, accessToken, options)
  } catch (error) {
    log.warn('Tokens that are not needed any more could not be revoked at the provider.', {
      connectorId,
      reason: (error as Error).message,
    })
  }
}

/** Providers such as Google withdraw all that a person granted to a client at once: another connector may live by it. */
async function isShared(
  { store }: Services,
  { id, type, tenant }: Pick<Connector, 'id' | 'type' | 'tenant'>,
): Promise<boolean> {
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
