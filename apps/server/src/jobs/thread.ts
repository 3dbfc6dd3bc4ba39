import { parentPort, workerData } from 'node:worker_threads'
import type { Observation } from '@cx/core/engine'
import { joinSqliteStore, stepBack } from '@cx/store'
import { createBirpc } from 'birpc'
import { createInjector } from '../inject.ts'
import { createLog } from '../log.ts'
import { parts } from '../parts.ts'
import { provideEngine } from '../provide-engine.ts'
import { provideSources } from '../provide-sources.ts'
import type { HostFunctions, JobsData, ThreadFunctions } from './jobs.ts'
import { remoteRateLimits } from './remote-limits.ts'

// Run as a thread by `thread-jobs.ts`: all that jobs do, from listing to handing over to parsers and the store's writer.

/** Observations wait so long for company: a message for each would cost the host more than it learns. */
const observedMs = 20

const port = parentPort
if (port === null) throw new Error('This file is run as a worker thread by the host.')
const { settings, store } = workerData as JobsData

stepBack()
const host = createBirpc<HostFunctions, ThreadFunctions>(
  {
    wake: () => void engine.then((it) => it.wake()),
    cancel: async (jobId) => void (await (await engine).cancel(jobId)),
    parserLoad: async () => (await engine).parserLoad(),
    stop: async (timeoutMs) => {
      await (await engine).stop({ timeoutMs })
      flush()
      await (await injector.get(parts.egress)).close()
      await (await injector.get(parts.store)).close()
    },
  },
  { post: (message) => port.postMessage(message), on: (listen) => void port.on('message', listen), timeout: -1 },
)

let observed: Observation[] = []
const flush = () => {
  if (observed.length > 0) void host.observed.asEvent(observed)
  observed = []
}
const injector = createInjector()
injector.provide(parts.log, {}, () => createLog(settings.logLevel))
injector.provide(parts.store, {}, () => joinSqliteStore(store))
injector.provide(parts.observe, {}, () => (observation: Observation) => {
  if (observed.push(observation) === 1) setTimeout(flush, observedMs)
})
injector.provide(parts.rateLimits, {}, () => remoteRateLimits(host))
provideSources(injector, settings)
provideEngine(injector, settings)

const engine = injector.get(parts.jobs)
try {
  const jobs = await engine
  jobs.onEvent((event) => {
    flush()
    void host.event.asEvent(event)
  })
  await jobs.start()
  void host.started.asEvent()
} catch (error) {
  await host.failed((error as Error).message)
}
