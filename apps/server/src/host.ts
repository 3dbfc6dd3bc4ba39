import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Background, startBackground } from './background.ts'
import { bootstrapKey, prepareDataDir } from './bootstrap.ts'
import { purge } from './connectors.ts'
import { compose, type Overrides } from './container.ts'
import { createHttpServer } from './http/server.ts'
import { releaseWhenIdle } from './idle.ts'
import { parts } from './parts.ts'
import { findRecognition } from './recognition.ts'
import type { Services } from './services.ts'
import type { Settings } from './settings.ts'

export interface Host {
  readonly url: string
  /** The API key, when it was made by this start. */
  readonly newKey: string | undefined
  /** Resolves when jobs are being worked on. */
  readonly ready: Promise<void>
  /** Ends requests and jobs, at most ten seconds; jobs go on at the next start. */
  stop(): Promise<void>
}

const tombstoneMs = 30 * 86_400_000
const hourMs = 3_600_000

/** Starts a host: it answers at once, and works on jobs a moment later. */
export async function startHost(
  settings: Settings,
  overrides: Pick<Overrides, 'log' | 'resolve' | 'jobs'> = {},
): Promise<Host> {
  let isReady = false
  const injector = compose(settings, { ...overrides, ready: () => isReady })
  // What is missing for it is said now, and not document by document.
  await findRecognition(settings)
  await prepareDataDir(settings.dataDir)
  const [store, served, log] = await Promise.all([
    injector.get(parts.store),
    injector.get(parts.served),
    injector.get(parts.log),
  ])
  const { made } = await bootstrapKey(store, settings)
  const server = createHttpServer(served.app.fetch, log)
  // An upload may take longer than the default of five minutes; a stalled one ends by its own.
  server.requestTimeout = 0
  await listen(server, settings)
  const { port } = server.address() as AddressInfo
  const url =
    settings.publicUrl ?? `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`
  log.info('Listening.', { url, startedInMs: Math.round(performance.now()) })

  let stopping = false
  let tidying: NodeJS.Timeout | undefined
  let background: Background | undefined
  let stopReleasing = () => {}
  const ready = (async () => {
    await served.compile()
    const telemetry = await injector.get(parts.telemetry)
    telemetry.load().catch((error: unknown) => log.error('Metrics and traces did not load.', { error }))
    const [engine, services] = await Promise.all([injector.get(parts.jobs), injector.get(parts.services)])
    if (stopping) return
    await engine.start()
    tidying = tidy(services)
    background = await startBackground(services)
    stopReleasing = releaseWhenIdle(engine)
    isReady = true
    log.info('Ready.', { url })
  })()
  ready.catch((error: unknown) => log.error('The engine did not start: no job will run.', { error }))

  return {
    url,
    newKey: made,
    ready,
    stop: async () => {
      if (stopping) return
      stopping = true
      isReady = false
      clearInterval(tidying)
      stopReleasing()
      server.close()
      await ready.catch(() => {})
      // In the reverse order of what needs what.
      const engine = await injector.get(parts.jobs).catch(() => undefined)
      await Promise.all([engine?.stop({ timeoutMs: 8_000 }), background?.stop()])
      server.closeAllConnections()
      const egress = await injector.get(parts.egress).catch(() => undefined)
      await egress?.close()
      await store.close()
      const telemetry = await injector.get(parts.telemetry)
      await telemetry.stop()
      log.info('Stopped.')
    },
  }
}

function listen(server: Server, { host, port }: Settings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} of ${host} is taken. Stop what uses it, or set CX_PORT to another one.`)
          : error,
      ),
    )
    server.listen(port, host, () => resolve())
  })
}

/** Goes on with deletions that an earlier process did not finish, and drops old tombstones now and every hour. */
function tidy(services: Services): NodeJS.Timeout {
  const { store, log } = services
  const dropTombstones = () =>
    store
      .purgeTombstones(tombstoneMs)
      .catch((error: unknown) => log.error('Old tombstones could not be removed.', { error }))
  void store.unpurged().then(
    (ids) => Promise.all(ids.map((id) => purge(services, id))),
    (error: unknown) => log.error('Deleted connectors could not be looked for.', { error }),
  )
  void dropTombstones()
  return setInterval(dropTombstones, hourMs).unref()
}
