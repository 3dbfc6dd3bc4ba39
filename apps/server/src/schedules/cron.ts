import { createHash } from 'node:crypto'
import { Cron } from 'croner'
import type { Detail } from '../http/errors.ts'

const leastMs = 60_000
/** Runs are spread over at most this share of the time between two, and at most this long. */
const jitter = { share: 0.1, ms: 300_000 }

/** What is wrong with a schedule and its time zone, in sentences. */
export function checkSchedule(schedule: unknown, timezone: unknown): Detail[] {
  const problems: Detail[] = []
  const zoneIsWrong = typeof timezone === 'string' && !isTimezone(timezone)
  if (zoneIsWrong) problems.push({ path: '/timezone', message: 'must be an IANA time zone, such as Europe/Berlin' })
  if (typeof schedule !== 'string') return problems
  const message = reasonAgainst(schedule, zoneIsWrong || typeof timezone !== 'string' ? 'UTC' : timezone)
  if (message !== undefined) problems.push({ path: '/schedule', message })
  return problems
}

function reasonAgainst(schedule: string, timezone: string): string | undefined {
  let runs: readonly Date[]
  try {
    runs = cronOf(schedule, timezone).nextRuns(50)
  } catch (error) {
    const reason = (error as Error).message.replace(/^CronPattern: */, '').replace(/\.+$/, '')
    return `must be a cron expression, such as "0 3 * * *" for every night at three: ${reason}`
  }
  if (runs.length === 0) return 'never comes: no day is like this'
  const tooOften = runs.some((run, at) => at > 0 && run.getTime() - runs[at - 1]!.getTime() < leastMs)
  return tooOften ? 'runs more than once a minute: leave out the field for seconds' : undefined
}

function isTimezone(timezone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone })
    return true
  } catch {
    return false
  }
}

export interface Scheduled {
  readonly id: string
  readonly schedule: string
  readonly timezone: string
}

/**
 * When a connector runs next after `now`, in epoch milliseconds: the cron's time and a delay that is always the same for
 * this connector, so that those with equal schedules do not all begin at once. Null when it never does.
 */
export function nextRun({ id, schedule, timezone }: Scheduled, now: number): number | null {
  const cron = cronOf(schedule, timezone)
  // A time that has come may not have, with its delay.
  for (const time of cron.nextRuns(100, new Date(now - jitter.ms - 1))) {
    const after = cron.nextRun(time)
    const between = after === null ? jitter.ms : after.getTime() - time.getTime()
    const run = time.getTime() + Math.floor(fraction(id) * Math.min(jitter.ms, between * jitter.share))
    if (run > now) return run
  }
  return cron.nextRun(new Date(now))?.getTime() ?? null
}

function cronOf(schedule: string, timezone: string): Cron {
  return new Cron(schedule, { paused: true, timezone })
}

/** From 0 up to 1. */
function fraction(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32
}
