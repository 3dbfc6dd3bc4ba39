import { keepSubscriptions } from './hooks/subscriptions.ts'
import { runSchedules } from './schedules/scheduler.ts'
import type { Services } from './services.ts'

const scheduleMs = 2_000
const subscriptionMs = 60_000
const tidyMs = 3_600_000

export interface Background {
  stop(): Promise<void>
}

/** What a host does besides answering and running jobs: schedules, subscriptions at sources, webhooks to others. */
export async function startBackground(services: Services): Promise<Background> {
  const { store, log, deliverer, engine } = services
  const stopping = new AbortController()
  const running = new Set<Promise<void>>()
  /** Not again before it has ended. */
  const every = (ms: number, what: string, work: () => Promise<unknown>) => {
    let busy = false
    const run = () => {
      if (busy || stopping.signal.aborted) return
      busy = true
      const done = work()
        .then(
          () => {},
          (error: unknown) => {
            if (!stopping.signal.aborted) log.error(`${what} failed; it is tried again.`, { error })
          },
        )
        .finally(() => {
          busy = false
          running.delete(done)
        })
      running.add(done)
    }
    run()
    return setInterval(run, ms).unref()
  }
  const wake = () => void engine().then((it) => it.wake())
  const timers = [
    every(scheduleMs, 'Looking at schedules', () => runSchedules({ store, clock: Date, log, wake })),
    every(subscriptionMs, 'Looking after subscriptions', () => keepSubscriptions(services, stopping.signal)),
    every(tidyMs, 'Removing old deliveries', () => deliverer.tidy()),
  ]
  deliverer.start()
  const embedder = await services.embedder()
  embedder.start()
  return {
    async stop() {
      stopping.abort()
      for (const timer of timers) clearInterval(timer)
      await Promise.all([...running, deliverer.stop(), embedder.stop()])
    },
  }
}
