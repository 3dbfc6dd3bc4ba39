import { hostname } from 'node:os'
import { withConfigSecrets } from './config-secrets.ts'
import type { Injector } from './inject.ts'
import { jobsHere } from './jobs/here.ts'
import { parts } from './parts.ts'
import { findRecognition } from './recognition.ts'
import type { Settings } from './settings.ts'

/** Who claims jobs: the machine, so that a restarted host goes on with them at once. */
export const owner: string = hostname()

/** What jobs are made of wherever they run. */
export const jobsNeed = {
  vault: parts.vault,
  plugins: parts.plugins,
  egress: parts.egress,
  observe: parts.observe,
  rateLimits: parts.rateLimits,
  log: parts.log,
} as const

/** Declares jobs that run in this thread. */
export function provideEngine({ provide }: Injector, settings: Settings): void {
  provide(
    parts.jobs,
    { ...jobsNeed, store: parts.store },
    async ({ store, vault, plugins, egress, observe, rateLimits, log }) => {
      const [{ createEngine }, { createParserPool }] = await Promise.all([
        import('@cx/core/engine'),
        import('@cx/parsers'),
      ])
      const { parseWorkers } = settings
      const recognition = await findRecognition(settings)
      const parser = createParserPool({ recognition, ...(parseWorkers !== undefined && { workers: parseWorkers }) })
      const engine = createEngine({
        store: withConfigSecrets(store, vault),
        queue: store,
        parser,
        vault,
        fetch: () => egress.fetch,
        lookup: egress.lookup,
        connectors: plugins,
        rateLimits,
        log,
        owner,
        observe,
        ...(settings.concurrency !== undefined && { settings: { concurrency: settings.concurrency } }),
      })
      return jobsHere(engine, parser)
    },
  )
}
