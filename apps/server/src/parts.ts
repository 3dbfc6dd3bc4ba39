import type { Log } from '@cx/core'
import type { Observe, RateLimits } from '@cx/core/engine'
import type { CredentialVault, SqliteStore, Store } from '@cx/store'
import type { Egress } from './egress/guard.ts'
import type { Embedder } from './embedding/embedder.ts'
import type { Served } from './http/serve.ts'
import type { Token } from './inject.ts'
import type { Jobs } from './jobs/jobs.ts'
import type { Plugins } from './plugins.ts'
import type { Services } from './services.ts'
import type { Settings } from './settings.ts'
import type { Telemetry } from './telemetry/telemetry.ts'
import type { Deliverer } from './webhooks/deliverer.ts'

/** What a host is made of; how, is said in `container.ts`. */
export const parts = {
  settings: { name: 'settings' } as Token<Settings>,
  log: { name: 'log' } as Token<Log>,
  /** As it was opened; only the thread of the jobs is given it. */
  sqlite: { name: 'sqlite' } as Token<SqliteStore>,
  store: { name: 'store' } as Token<Store>,
  egress: { name: 'egress' } as Token<Egress>,
  vault: { name: 'vault' } as Token<CredentialVault>,
  plugins: { name: 'plugins' } as Token<Plugins>,
  telemetry: { name: 'telemetry' } as Token<Telemetry>,
  observe: { name: 'observe' } as Token<Observe>,
  rateLimits: { name: 'rateLimits' } as Token<RateLimits>,
  jobs: { name: 'jobs' } as Token<Jobs>,
  embedder: { name: 'embedder' } as Token<Embedder>,
  services: { name: 'services' } as Token<Services>,
  deliverer: { name: 'deliverer' } as Token<Deliverer>,
  served: { name: 'served' } as Token<Served>,
} as const
