import type { Log } from '@cx/core'
import type { Clock } from '@cx/core/engine'
import type { ScheduledConnector, Store } from '@cx/store'
import { nextRun } from './cron.ts'

export interface SchedulerOptions {
  readonly store: Pick<Store, 'dueSchedules' | 'advanceSchedule'>
  readonly clock: Pick<Clock, 'now'>
  readonly log: Log
  /** Called when syncs were queued. */
  readonly wake: () => void
}

/**
 * Queues the syncs that are due, and works out the next ones. A run that was missed while no host was up is caught up
 * with once, however many were missed. Any number of processes may call this: each run is queued by one.
 */
export async function runSchedules({ store, clock, log, wake }: SchedulerOptions): Promise<number> {
  const now = clock.now()
  let started = 0
  for (;;) {
    const due = await store.dueSchedules(now)
    let advanced = 0
    for (const connector of due) {
      const start = connector.nextSyncAt !== null
      const nextSyncAt = next(connector, now, log)
      // Without a next time it would be due for ever: it waits for a change of its schedule.
      if (!(await store.advanceSchedule(connector, { nextSyncAt: nextSyncAt ?? Number.MAX_SAFE_INTEGER, start })))
        continue
      advanced++
      if (!start) continue
      started++
      log.info('A scheduled sync was queued.', { connectorId: connector.id, nextSyncAt })
    }
    if (due.length === 0 || advanced === 0) break
  }
  if (started > 0) wake()
  return started
}

function next(connector: ScheduledConnector, now: number, log: Log): number | null {
  try {
    return nextRun(connector, now)
  } catch (error) {
    log.error('A schedule cannot be read.', { connectorId: connector.id, schedule: connector.schedule, error })
    return null
  }
}
