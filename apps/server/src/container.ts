import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Log } from '@cx/core'
import type { Engine, Parser } from '@cx/core/engine'
import type { CredentialVault, Store } from '@cx/store'
import { createAuthenticator, createSight } from './access.ts'
import { createRateLimit } from './http/rate-limit.ts'
import { type Served, serveRoutes } from './http/serve.ts'
import { createInjector, type Injector, type Token } from './inject.ts'
import { createLog } from './log.ts'
import { createPlugins, type Plugins } from './plugins.ts'
import { allRoutes } from './routes/index.ts'
import type { Services } from './services.ts'
import type { Settings } from './settings.ts'

// The composition root: which parts there are, and what each is made of. Nothing else resolves from it.

export const parts = {
  settings: { name: 'settings' } as Token<Settings>,
  log: { name: 'log' } as Token<Log>,
  store: { name: 'store' } as Token<Store>,
  vault: { name: 'vault' } as Token<CredentialVault>,
  plugins: { name: 'plugins' } as Token<Plugins>,
  parser: { name: 'parser' } as Token<Parser>,
  engine: { name: 'engine' } as Token<Engine>,
  services: { name: 'services' } as Token<Services>,
  served: { name: 'served' } as Token<Served>,
} as const

export interface Overrides {
  readonly log?: Log
  /** Whether `/readyz` says yes. */
  readonly ready: () => boolean
}

/** Declares every part. They are made when they are asked for; engine, parsers and plugins therefore after the host listens. */
export function compose(settings: Settings, { log, ready }: Overrides): Injector {
  const injector = createInjector()
  const { provide } = injector
  provide(parts.settings, {}, () => settings)
  provide(parts.log, {}, () => log ?? createLog(settings.logLevel))
  provide(parts.store, { log: parts.log }, async ({ log }) => {
    const { openSqliteStore } = await import('@cx/store')
    return openSqliteStore({ file: settings.databaseFile, log })
  })
  provide(parts.vault, { store: parts.store }, async ({ store }) => {
    const { createVault, openKeyring } = await import('@cx/store')
    const keys = settings.encryptionKey === undefined ? [] : [settings.encryptionKey]
    return createVault({
      store,
      keys: await openKeyring({ file: join(settings.dataDir, 'encryption-keys.json'), keys }),
    })
  })
  provide(parts.plugins, { log: parts.log }, ({ log }) => createPlugins(settings.plugins, log))
  provide(parts.parser, {}, async () => {
    const { createParserPool } = await import('@cx/parsers')
    return createParserPool(settings.parseWorkers === undefined ? {} : { workers: settings.parseWorkers })
  })
  provide(
    parts.engine,
    { store: parts.store, vault: parts.vault, plugins: parts.plugins, parser: parts.parser, log: parts.log },
    async ({ store, vault, plugins, parser, log }) => {
      const { createEngine } = await import('@cx/core/engine')
      return createEngine({
        store,
        queue: store,
        parser,
        vault,
        connectors: await plugins.all(),
        log,
        owner: hostname(),
        ...(settings.concurrency !== undefined && { settings: { concurrency: settings.concurrency } }),
      })
    },
  )
  provide(
    parts.services,
    { store: parts.store, vault: parts.vault, plugins: parts.plugins, log: parts.log },
    (given) => ({
      ...given,
      settings,
      sight: createSight(given.store),
      engine: () => injector.get(parts.engine),
    }),
  )
  provide(parts.served, { services: parts.services }, ({ services }) =>
    serveRoutes(allRoutes(services, ready), {
      store: services.store,
      log: services.log,
      authenticate: createAuthenticator(services.store),
      rateLimit: createRateLimit(settings.rateLimit),
    }),
  )
  return injector
}
