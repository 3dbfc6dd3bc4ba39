import type { Log } from '@cx/core'
import { createAuthenticator, createSight } from './access.ts'
import type { Resolver } from './egress/guard.ts'
import { createRateLimit } from './http/rate-limit.ts'
import { serveRoutes } from './http/serve.ts'
import { createInjector, type Injector } from './inject.ts'
import { createLog } from './log.ts'
import { parts } from './parts.ts'
import { jobsNeed, owner, provideEngine } from './provide-engine.ts'
import { provideSources } from './provide-sources.ts'
import { allRoutes } from './routes/index.ts'
import type { Settings } from './settings.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { createTelemetry, timeSearches } from './telemetry/telemetry.ts'
import { Deliverer } from './webhooks/deliverer.ts'

// The composition root: which parts there are, and what each is made of. Nothing else resolves from it.

export interface Overrides {
  readonly log?: Log
  /** How names are looked up for connections to the outside. */
  readonly resolve?: Resolver
  /** Whether `/readyz` says yes. */
  readonly ready: () => boolean
  /** In a thread of their own (the default), or in the caller's, as everything must that is overridden by a function. */
  readonly jobs?: 'thread' | 'here'
}

/** Declares every part. They are made when they are asked for; engine, parsers and plugins therefore after the host listens. */
export function compose(
  settings: Settings,
  { log, resolve, ready, jobs = log || resolve ? 'here' : 'thread' }: Overrides,
): Injector {
  const injector = createInjector()
  const { provide } = injector
  provide(parts.settings, {}, () => settings)
  provide(parts.log, {}, () => log ?? createLog(settings.logLevel))
  provide(parts.telemetry, {}, async () => {
    const { otlp } = settings
    const traces = otlp && (await import('./telemetry/traces.ts')).createTraces(otlp.url, otlp.serviceName)
    const metrics = createMetrics({
      store: () => injector.get(parts.store),
      parserLoad: async () => (await injector.get(parts.jobs)).parserLoad(),
    })
    return createTelemetry(metrics, traces)
  })
  provide(parts.observe, { telemetry: parts.telemetry }, ({ telemetry }) => telemetry.observe)
  provide(parts.sqlite, { log: parts.log }, async ({ log }) => {
    const { openSqliteStore } = await import('@cx/store')
    return openSqliteStore({ file: settings.databaseFile, log })
  })
  provide(parts.store, { sqlite: parts.sqlite, telemetry: parts.telemetry }, ({ sqlite, telemetry }) =>
    timeSearches(sqlite, telemetry.observe),
  )
  provideSources(injector, settings, resolve)
  provide(parts.rateLimits, {}, async () => {
    const { createRateLimits, systemClock } = await import('@cx/core/engine')
    return createRateLimits(systemClock)
  })
  if (jobs === 'here') provideEngine(injector, settings)
  else provideThread(injector, settings)
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
      engine: () => injector.get(parts.jobs),
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

/** Declares jobs that run in a thread of their own; sessions for requests are opened here. */
function provideThread({ provide }: Injector, settings: Settings): void {
  provide(
    parts.jobs,
    { ...jobsNeed, store: parts.sqlite },
    async ({ store, vault, plugins, egress, observe, rateLimits, log }) => {
      const [{ createSessions, systemClock }, { createThreadJobs }] = await Promise.all([
        import('@cx/core/engine'),
        import('./jobs/thread-jobs.ts'),
      ])
      const sessions = createSessions({
        vault,
        fetch: () => egress.fetch,
        lookup: egress.lookup,
        rateLimits,
        clock: systemClock,
        log,
      })
      return createThreadJobs({ settings, store, sessions, rateLimits, plugins, observe, log, owner })
    },
  )
}
