import {
  type Checkpoint,
  ConnectorError,
  checkpoint,
  type Entry,
  isConnectorError,
  type Json,
  type ListRun,
} from '@cx/core'
import type { Room } from './channels.ts'
import type { Config } from './config.ts'
import { type Desk, entriesOf, fileEntry } from './documents.ts'
import { concernsChannel } from './errors.ts'
import { DayGatherer, history } from './history.ts'
import { fileInfo } from './read.ts'
import { askedOf, intersect, isAsked } from './scope.ts'
import type { Session, SlackRun } from './session.ts'
import { daysBack, isBefore, justBefore, type Span, spanOf, spanOfDay } from './time.ts'

/** How far a listing came: through this channel, or down to this moment of it. */
type Progress = { readonly channel: string; readonly before?: string }

/** Every document there is: channels in the order of their ids, each from its newest day to its oldest. */
export async function* listAll(session: Session, run: ListRun<Config>): AsyncGenerator<Entry | Checkpoint, void, void> {
  const { config, signal, paths, log } = run
  const range = spanOf(config.dateRange, Date.now())
  const progress = isProgress(run.resume) ? run.resume : undefined
  const { rooms, missing } = await session.selectRecent(signal)
  for (const { path, error } of missing) {
    log.warn('A configured channel cannot be read.', { path, reason: (error as Error).message })
    run.unreadable(path, error)
  }
  reportRenamed(rooms, paths, run)
  for (const room of rooms) {
    const asked = askedOf(room, paths)
    if (!asked || (progress && room.id < progress.channel)) continue
    const resumed = progress?.channel === room.id ? progress : undefined
    if (resumed && resumed.before === undefined) continue
    const rest: Span = resumed ? { latest: justBefore(resumed.before!) } : {}
    try {
      const desk = await session.deskFor(room, signal)
      for (const id of asked.files) yield* fileById(id, desk, { session, ...run })
      if (!asked.span) continue
      const span = intersect(intersect(range, rest), asked.span)
      for await (const item of listRoom(desk, span, { session, ...run }))
        if ('kind' in item || isAsked(item.path, paths)) yield item
    } catch (error) {
      if (!concernsChannel(error)) throw error
      log.warn('A channel cannot be read.', { channel: room.name, reason: (error as Error).message })
      run.unreadable(`${room.name}/`, error)
    }
    yield checkpoint({ channel: room.id } satisfies Progress)
  }
}

/** One channel: new days by calls, old ones from the export where there is one. */
async function* listRoom(
  desk: Desk,
  span: Span,
  run: SlackRun & Pick<ListRun<Config>, 'unreadable' | 'paths'>,
): AsyncGenerator<Entry | Checkpoint, void, void> {
  const { room, client } = desk
  const { session, config, signal } = run
  const seenFiles = new Set<string>()
  const exported = run.paths ? undefined : await session.export()
  const lastDay = exported?.lastDay(room.id)
  // Fixed, however old the export is: what a sync has taken by calls once, no later one takes from the export.
  const boundary = lastDay === undefined ? undefined : daysBack(config.lookbackDays, Date.parse(lastDay))
  const live = boundary === undefined ? span : intersect(span, { oldest: boundary })
  if (!isEmpty(live)) {
    const gatherer = new DayGatherer()
    for await (const page of history(client, room, live, signal)) {
      let before: string | undefined
      for (const day of gatherer.take(page)) {
        yield* entriesOf(day, desk, seenFiles)
        before = spanOfDay(day.date).oldest
      }
      if (page.hidden) run.unreadable(`${room.name}/`, hiddenByPlan(room))
      if (before !== undefined) yield checkpoint({ channel: room.id, before } satisfies Progress)
    }
  }
  if (!exported || boundary === undefined) return
  const old = intersect(span, { latest: justBefore(boundary) })
  if (isEmpty(old)) return
  for (const date of exported.dates(room.id, old)) {
    try {
      yield* entriesOf({ date, messages: await exported.day(room.id, date, signal) }, desk, seenFiles, true)
    } catch (error) {
      if (!isConnectorError(error) || error.code !== 'unprocessable') throw error
      run.unreadable(`${room.name}/`, error)
    }
    yield checkpoint({ channel: room.id, before: spanOfDay(date).oldest } satisfies Progress)
  }
}

/** A file that a targeted run names: asked for by its id, since nothing tells which message it hangs on. */
async function* fileById(id: string, desk: Desk, { session, signal }: SlackRun): AsyncGenerator<Entry, void, void> {
  try {
    const file = await fileInfo(session, id, signal)
    if ([...(file.channels ?? []), ...(file.groups ?? [])].includes(desk.room.id)) yield fileEntry(file, desk)
  } catch (error) {
    if ((error as ConnectorError).code !== 'not_found') throw error
  }
}

/** Paths under a former name are not gone: the next whole listing moves them. */
function reportRenamed(
  rooms: readonly Room[],
  paths: readonly string[] | undefined,
  run: Pick<ListRun<Config>, 'unreadable'>,
): void {
  for (const path of paths ?? []) {
    const name = path.split('/')[0]!
    const room = rooms.find((one) => one.formerNames.includes(name))
    if (room && !rooms.some((one) => one.name === name))
      run.unreadable(
        path,
        new ConnectorError('forbidden', `#${name} is called #${room.name} now: sync the whole connector.`),
      )
  }
}

function hiddenByPlan(room: Room): ConnectorError {
  return new ConnectorError(
    'forbidden',
    `Older messages of #${room.name} are hidden: the workspace's plan shows the last 90 days.`,
    {
      remediation:
        'What was indexed before stays. Upgrade the plan, or set `dateRange.from` to 89d to index only what it shows.',
    },
  )
}

function isEmpty({ oldest, latest }: Span): boolean {
  return oldest !== undefined && latest !== undefined && isBefore(latest, oldest)
}

function isProgress(value: Json | undefined): value is Progress {
  const { channel, before } = (value ?? {}) as Partial<Progress>
  return (
    typeof channel === 'string' && (before === undefined || (typeof before === 'string' && /^\d+\.\d{6}$/.test(before)))
  )
}
