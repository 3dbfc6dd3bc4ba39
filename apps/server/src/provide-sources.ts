import type { CredentialVault, StoredCredentials } from '@cx/store'
import { keyringFileOf } from './bootstrap.ts'
import { createEgress, type Resolver } from './egress/guard.ts'
import { guardConnector } from './egress/guard-connectors.ts'
import { signCursorsWith } from './http/paging.ts'
import type { Injector } from './inject.ts'
import { ownClient, settingName } from './oauth/provider.ts'
import { createTokenRefresher } from './oauth/refresher.ts'
import { parts } from './parts.ts'
import { createPlugins } from './plugins.ts'
import type { Settings } from './settings.ts'

/** Declares what reaches sources: connections to the outside, credentials, plugins. */
export function provideSources({ provide }: Injector, settings: Settings, resolve?: Resolver): void {
  provide(parts.egress, {}, () =>
    createEgress({ host: settings.host, allow: settings.egressAllow, ...(resolve && { resolve }) }),
  )
  provide(
    parts.vault,
    { store: parts.store, plugins: parts.plugins, egress: parts.egress, log: parts.log },
    async ({ store, plugins, egress, log }) => {
      const { createVault, openKeyring } = await import('@cx/store')
      const keys = await openKeyring({ file: keyringFileOf(settings.dataDir), keys: settings.encryptionKeys })
      signCursorsWith(keys.key(keys.current))
      const vault: CredentialVault = createVault({
        store,
        keys,
        refresher: createTokenRefresher({
          store,
          plugins,
          log,
          fetch: egress.fetch,
          clients: (type) => settings.oauthClients[settingName(type)],
          ownClient: (id) => ownClient({ vault }, id),
          current: async (id) => (await vault.get(id, 'credentials')) as StoredCredentials | undefined,
        }),
      })
      return vault
    },
  )
  provide(parts.plugins, { log: parts.log, egress: parts.egress }, ({ log, egress }) =>
    createPlugins(settings.plugins, log, (connector) => guardConnector(connector, egress)),
  )
}
