import { hostname } from 'node:os'
import type { Log } from '@cx/core'
import type { Engine } from '@cx/core/engine'
import type { ParserPool } from '@cx/parsers'
import type { CredentialVault, Store, StoredCredentials } from '@cx/store'
import { createAuthenticator, createSight } from './access.ts'
import { keyringFileOf } from './bootstrap.ts'
import { withConfigSecrets } from './config-secrets.ts'
import { createEgress, type Egress, type Resolver } from './egress/guard.ts'
import { guardConnector } from './egress/guard-connectors.ts'
import type { Embedder } from './embedding/embedder.ts'
import { signCursorsWith } from './http/paging.ts'
import { createRateLimit } from './http/rate-limit.ts'
import { type Served, serveRoutes } from './http/serve.ts'
import { createInjector, type Injector, type Token } from './inject.ts'
import { createLog } from './log.ts'
import { ownClient, settingName } from './oauth/provider.ts'
import { createTokenRefresher } from './oauth/refresher.ts'
import { createPlugins, type Plugins } from './plugins.ts'
import { allRoutes } from './routes/index.ts'
import type { Services } from './services.ts'
import type { Settings } from './settings.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { createTelemetry, type Telemetry, timeSearches } from './telemetry/telemetry.ts'
import { Deliverer } from './webhooks/deliverer.ts'

// The composition root: which parts there are, and what each is made of. Nothing else resolves from it.

export const parts = {
  settings: { name: 'settings' } as Token<Settings>,
  log: { name: 'log' } as Token<Log>,
  store: { name: 'store' } as Token<Store>,
  egress: { name: 'egress' } as Token<Egress>,
  vault: { name: 'vault' } as Token<CredentialVault>,
  plugins: { name: 'plugins' } as Token<Plugins>,
  parser: { name: 'parser' } as Token<ParserPool>,
  telemetry: { name: 'telemetry' } as Token<Telemetry>,
  engine: { name: 'engine' } as Token<Engine>,
  embedder: { name: 'embedder' } as Token<Embedder>,
  services: { name: 'services' } as Token<Services>,
  deliverer: { name: 'deliverer' } as Token<Deliverer>,
  served: { name: 'served' } as Token<Served>,
} as const

export interface Overrides {
  readonly log?: Log
  /** How names are looked up for connections to the outside. */
  readonly resolve?: Resolver
  /** Whether `/readyz` says yes. */
  readonly ready: () => boolean
}

/** Declares every part. They are made when they are asked for; engine, parsers and plugins therefore after the host listens. */
export function compose(settings: Settings, { log, resolve, ready }: Overrides): Injector {
  const injector = createInjector()
  const { provide } = injector
  provide(parts.settings, {}, () => settings)
  provide(parts.log, {}, () => log ?? createLog(settings.logLevel))
  provide(parts.telemetry, {}, async () => {
    const { otlp } = settings
    const traces = otlp && (await import('./telemetry/traces.ts')).createTraces(otlp.url, otlp.serviceName)
    const metrics = createMetrics({
      store: () => injector.get(parts.store),
      parser: () => injector.get(parts.parser),
    })
    return createTelemetry(metrics, traces)
  })
  provide(parts.store, { log: parts.log, telemetry: parts.telemetry }, async ({ log, telemetry }) => {
    const { openSqliteStore } = await import('@cx/store')
    return timeSearches(await openSqliteStore({ file: settings.databaseFile, log }), telemetry.observe)
  })
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
  provide(parts.parser, {}, async () => {
    const { createParserPool } = await import('@cx/parsers')
    return createParserPool(settings.parseWorkers === undefined ? {} : { workers: settings.parseWorkers })
  })
  provide(
    parts.engine,
    {
      store: parts.store,
      vault: parts.vault,
      plugins: parts.plugins,
      egress: parts.egress,
      parser: parts.parser,
      telemetry: parts.telemetry,
      log: parts.log,
    },
    async ({ store, vault, plugins, egress, parser, telemetry, log }) => {
      const { createEngine } = await import('@cx/core/engine')
      return createEngine({
        store: withConfigSecrets(store, vault),
        queue: store,
        parser,
        vault,
        fetch: () => egress.fetch,
        lookup: egress.lookup,
        connectors: plugins,
        log,
        owner: hostname(),
        observe: telemetry.observe,
        ...(settings.concurrency !== undefined && { settings: { concurrency: settings.concurrency } }),
      })
    },
  )
  provide(
    parts.deliverer,
    { store: parts.store, vault: parts.vault, egress: parts.egress, log: parts.log },
    ({ egress, ...given }) => new Deliverer({ ...given, fetch: egress.webhookFetch, clock: Date }),
  )
  provide(
    parts.embedder,
    { store: parts.store, egress: parts.egress, log: parts.log },
    async ({ store, egress, log }) => {
      const { Embedder } = await import('./embedding/embedder.ts')
      const { apiKey, requestsPerMinute } = settings.embedding
      return new Embedder({ store, log, fetch: egress.fetch, apiKey, requestsPerMinute })
    },
  )
  provide(
    parts.services,
    {
      store: parts.store,
      vault: parts.vault,
      plugins: parts.plugins,
      egress: parts.egress,
      deliverer: parts.deliverer,
      telemetry: parts.telemetry,
      log: parts.log,
    },
    (given) => ({
      ...given,
      settings,
      sight: createSight(given.store),
      engine: () => injector.get(parts.engine),
      embedder: () => injector.get(parts.embedder),
    }),
  )
  provide(parts.served, { services: parts.services, telemetry: parts.telemetry }, ({ services, telemetry }) =>
    serveRoutes(allRoutes(services, ready), {
      store: services.store,
      log: services.log,
      authenticate: createAuthenticator(services.store),
      rateLimit: createRateLimit(settings.rateLimit),
      observe: telemetry.observe,
      corsOrigins: settings.corsOrigins,
    }),
  )
  return injector
}
