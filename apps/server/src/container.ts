import { hostname } from 'node:os'
import type { Log } from '@cx/core'
import type { Engine, Parser } from '@cx/core/engine'
import type { Store } from '@cx/store'
import type { Hono } from 'hono'
import { createAuthenticator, createSight } from './access.ts'
import { createRateLimit } from './http/rate-limit.ts'
import { serveRoutes } from './http/serve.ts'
import { createInjector, type Injector, type Token } from './inject.ts'
import { createLog } from './log.ts'
import { createPlugins, type Plugins } from './plugins.ts'
import { allRoutes } from './routes/index.ts'
import { openSecrets, type Secrets } from './secrets.ts'
import type { Services } from './services.ts'
import type { Settings } from './settings.ts'

// The composition root: which parts there are, and what each is made of. Nothing else resolves from it.

export const parts = {
  settings: { name: 'settings' } as Token<Settings>,
  log: { name: 'log' } as Token<Log>,
  store: { name: 'store' } as Token<Store>,
  secrets: { name: 'secrets' } as Token<Secrets>,
  plugins: { name: 'plugins' } as Token<Plugins>,
  parser: { name: 'parser' } as Token<Parser>,
  engine: { name: 'engine' } as Token<Engine>,
  services: { name: 'services' } as Token<Services>,
  app: { name: 'app' } as Token<Hono>,
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
  provide(parts.store, { log: parts.log }, async () => {
    const { openSqliteStore } = await import('@cx/store')
    return openSqliteStore({ file: settings.databaseFile })
  })
  provide(parts.secrets, { store: parts.store }, ({ store }) => openSecrets(store, settings))
  provide(parts.plugins, { log: parts.log }, ({ log }) => createPlugins(settings.plugins, log))
  provide(parts.parser, {}, async () => {
    const { createParserPool } = await import('@cx/parsers')
    return createParserPool(settings.parseWorkers === undefined ? {} : { workers: settings.parseWorkers })
  })
  provide(
    parts.engine,
    { store: parts.store, secrets: parts.secrets, plugins: parts.plugins, parser: parts.parser, log: parts.log },
    async ({ store, secrets, plugins, parser, log }) => {
      const { createEngine } = await import('@cx/core/engine')
      return createEngine({
        store,
        queue: store,
        parser,
        vault: secrets,
        connectors: await plugins.all(),
        log,
        owner: hostname(),
        ...(settings.concurrency !== undefined && { settings: { concurrency: settings.concurrency } }),
      })
    },
  )
  provide(
    parts.services,
    { store: parts.store, secrets: parts.secrets, plugins: parts.plugins, log: parts.log },
    (given) => ({
      ...given,
      settings,
      sight: createSight(given.store),
      engine: () => injector.get(parts.engine),
    }),
  )
  provide(parts.app, { services: parts.services }, ({ services }) =>
    serveRoutes(allRoutes(services, ready), {
      store: services.store,
      log: services.log,
      authenticate: createAuthenticator(services.store),
      rateLimit: createRateLimit(settings.rateLimit),
    }),
  )
  return injector
}
