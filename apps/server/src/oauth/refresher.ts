import { ConnectorError, type Log } from '@cx/core'
import type { Refresher, Store, StoredCredentials } from '@cx/store'
import type { Plugins } from '../plugins.ts'
import { asConnectorError, OAuthFailure } from './failure.ts'
import { refreshTokens } from './protocol.ts'
import { noClient, type OAuthClient, oauthMethod, resolveProvider } from './provider.ts'
import { freshnessOf, presented, type StoredTokens, storedTokens, tokensIn } from './tokens.ts'

export interface RefresherOptions {
  readonly store: Pick<Store, 'getConnector' | 'updateConnector'>
  readonly plugins: Plugins
  readonly fetch: typeof globalThis.fetch
  readonly log: Log
  /** The deployment's clients, by connector type. */
  readonly clients: (type: string) => Partial<OAuthClient> | undefined
  /** A connector's own. */
  readonly ownClient: (connectorId: string) => Promise<OAuthClient | undefined>
  /** What is stored now: they may have been replaced while the provider was asked. */
  readonly current: (connectorId: string) => Promise<StoredCredentials | undefined>
}

/** `lastError.code` of a connector that a person has to authorize again. */
export const reauthorizationRequired = 'reauthorization_required'

/** Renews OAuth tokens for the vault. Other credentials are left as they are. */
export function createTokenRefresher(options: RefresherOptions): Refresher {
  const { store, plugins, fetch, log, clients, ownClient } = options
  return {
    freshness(credentials, { refused }) {
      const tokens = tokensIn(credentials)
      return tokens ? freshnessOf(tokens, refused, Date.now()) : 'fresh'
    },

    present(credentials) {
      const tokens = tokensIn(credentials)
      return tokens ? presented(credentials.method!, tokens) : credentials
    },

    async refresh(connectorId, credentials) {
      const connector = await store.getConnector(connectorId)
      const plugin = connector && (await plugins.get(connector.type))
      const auth = plugin && oauthMethod(plugin, String(credentials.method))
      if (!connector || !plugin || !auth)
        throw new ConnectorError(
          'misconfigured',
          'The plugin of this connector is not loaded, or has no such way in any more.',
        )
      const tokens = tokensIn(credentials)
      if (tokens?.refreshToken === undefined)
        throw await endOf(
          options,
          connectorId,
          credentials,
          `${plugin.title} does not accept the stored authorization any more.`,
        )
      const own = await ownClient(connectorId)
      try {
        const provider = resolveProvider(plugin, auth, {
          deployment: clients(plugin.name),
          own,
          config: connector.config,
        })
        if (!provider) throw new ConnectorError('misconfigured', noClient(plugin))
        const asked = Date.now()
        const fresh = await refreshTokens(provider, tokens.refreshToken, { fetch })
        log.debug('OAuth tokens were renewed.', { connectorId })
        return storedTokens(provider.method, fresh, asked, tokens satisfies StoredTokens)
      } catch (error) {
        if (!(error instanceof OAuthFailure)) throw error
        log.warn('OAuth tokens could not be renewed.', { connectorId, code: error.code, reason: error.message })
        if (error.kind === 'grant') throw await endOf(options, connectorId, credentials, error.message)
        throw asConnectorError(error)
      }
    },
  }
}

/** Marks the connector as one that a person has to authorize again; unless somebody just did. */
async function endOf(
  { store, current }: RefresherOptions,
  connectorId: string,
  used: StoredCredentials,
  reason: string,
): Promise<ConnectorError> {
  const message = `${reason} Authorize the connector again: POST /oauth/init {"connectorId": "${connectorId}"}.`
  if (JSON.stringify(await current(connectorId)) === JSON.stringify(used))
    await store.updateConnector(connectorId, { lastError: { code: reauthorizationRequired, message, at: Date.now() } })
  return new ConnectorError('unauthenticated', message)
}
