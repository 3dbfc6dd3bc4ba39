import {
  type Checkpoint,
  ConnectorError,
  checkpoint,
  type Entry,
  type Json,
  type Log,
  type Removed,
  removed,
} from '@cx/core'
import type { Room } from './channels.ts'
import { type Desk, entriesOf, hash } from './documents.ts'
import { concernsChannel } from './errors.ts'
import { DayGatherer, history } from './history.ts'
import { idOf } from './ids.ts'
import type { SlackRun } from './session.ts'
import { dayOf, daysBack, isBefore, later, type Span, spanOf, spanOfDay } from './time.ts'

/** What a channel's recent days held: by key of the document, a hash of all that a listing says of it. */
type RoomState = {
  /** Name and visibility: when they change, every document of the channel does. */
  readonly face: string
  /** Where the watched days begin, when that is later than the look-back window because there are too many. */
  readonly cut?: string
  readonly docs: { readonly [key: string]: string }
}

export type Cursor = {
  readonly v: 1
  readonly team: string
  readonly rooms: { readonly [channelId: string]: RoomState }
}

const limitedLookbackDays = 1
/** Documents watched in one channel: about 30 bytes each in the cursor. */
const mostWatched = 2_000
const roomsPerCheckpoint = 50

/**
 * The cursor of this moment. Slack has no list of changes: what the look-back window holds is remembered, and compared
 * with what it holds later.
 */
export async function cursorNow(run: SlackRun): Promise<Cursor> {
  const { session, signal } = run
  const { teamId } = await session.client.identity(signal)
  const { rooms } = await session.selectRecent(signal)
  const states: Record<string, RoomState> = {}
  for (const room of rooms)
    try {
      const scan = new RoomScan(await session.deskFor(room, signal), run, { whole: false })
      for await (const _ of scan.entries());
      states[room.id] = scan.state(run.log)
    } catch (error) {
      // The listing reports it, and stores no cursor.
      if (!concernsChannel(error)) throw error
    }
  return { v: 1, team: teamId, rooms: states }
}

/**
 * What the look-back window shows to have changed: new messages, edits, late replies, deletions.
 *
 * @throws ConnectorError `cursor_expired` when a channel went or cannot be read: only a listing can report that.
 */
export async function* changesSince(
  cursor: Cursor,
  run: SlackRun,
): AsyncGenerator<Entry | Removed | Checkpoint<Cursor>, void, void> {
  const { session, signal, log } = run
  if (!isCursor(cursor)) throw expired('It is not a cursor of this connector.')
  const { teamId } = await session.client.identity(signal)
  if (teamId !== cursor.team) throw expired('It belongs to another workspace.')
  const { rooms, missing } = await session.selectRecent(signal)
  const there = new Set(rooms.map((room) => room.id))
  if (missing.length > 0 || Object.keys(cursor.rooms).some((id) => !there.has(id)))
    throw expired('A channel cannot be seen any more.')
  const states: Record<string, RoomState> = { ...cursor.rooms }
  const next = (): Cursor => ({ v: 1, team: teamId, rooms: { ...states } })
  for (const [index, room] of rooms.entries()) {
    const known = cursor.rooms[room.id]
    const whole = known?.face !== faceOf(room)
    if (whole && (session.client.limitClass.limited || run.config.exportPath !== undefined))
      throw expired('A new channel is listed step by step.')
    try {
      const scan = new RoomScan(await session.deskFor(room, signal), run, { whole, start: known?.cut })
      for await (const { entry, key } of scan.entries())
        if (whole || known.docs[key] !== scan.docs.get(key)) yield entry
      for (const key of Object.keys(known?.docs ?? {}))
        if (!scan.docs.has(key) && scan.sees(key)) yield removed(idOf(teamId, room.id, key.split('/').at(-1)!))
      states[room.id] = scan.state(log)
    } catch (error) {
      if (concernsChannel(error)) throw expired((error as Error).message)
      throw error
    }
    if ((index + 1) % roomsPerCheckpoint === 0) yield checkpoint(next())
  }
  yield checkpoint(next())
}

/** One pass over the recent days of a channel, or over all of it. */
class RoomScan {
  readonly docs = new Map<string, string>()
  readonly #desk: Desk
  readonly #run: SlackRun
  readonly #whole: boolean
  readonly #range: Span
  /** Where the watched days begin. */
  #start: string
  /** Where what Slack shows begins; undefined when it shows all. */
  #shown: string | undefined

  constructor(
    desk: Desk,
    run: SlackRun,
    { whole, start }: { readonly whole: boolean; readonly start?: string | undefined },
  ) {
    this.#desk = desk
    this.#run = run
    this.#whole = whole
    this.#range = spanOf(run.config.dateRange, Date.now())
    this.#start = later(later(this.#range.oldest, this.#windowStart()), whole ? undefined : start)!
  }

  #windowStart(): string {
    const { limited } = this.#run.session.client.limitClass
    return daysBack(limited ? limitedLookbackDays : this.#run.config.lookbackDays, Date.now())
  }

  async *entries(): AsyncGenerator<{ readonly entry: Entry; readonly key: string }, void, void> {
    const { client, room } = this.#desk
    const span = this.#whole ? this.#range : { ...this.#range, oldest: this.#start }
    if (span.oldest !== undefined && span.latest !== undefined && isBefore(span.latest, span.oldest)) return
    const gatherer = new DayGatherer()
    const seenFiles = new Set<string>()
    for await (const page of history(client, room, span, this.#run.signal)) {
      for (const day of gatherer.take(page)) {
        const watched = !isBefore(spanOfDay(day.date).oldest, this.#start)
        for (const entry of entriesOf(day, this.#desk, seenFiles)) {
          const key = keyOf(entry, day.date)
          const { ref: _, ...said } = entry
          if (watched) this.docs.set(key, hash(said).slice(0, 8))
          yield { entry, key }
        }
      }
      const oldest = page.messages.at(-1)?.ts
      if (page.hidden) this.#shown = oldest ?? this.#shown ?? '9999999999.000000'
      else if (this.#shown !== undefined) this.#shown = oldest ?? this.#shown
      // The class may come to light on the way: then the window is cut.
      if (this.#whole) continue
      this.#start = later(this.#start, this.#windowStart())!
      if (oldest !== undefined && isBefore(oldest, this.#start)) return
    }
  }

  /** Whether a document with this key would have been met. */
  sees(key: string): boolean {
    const { oldest, latest } = spanOfDay(dayOfKey(key))
    if (isBefore(oldest, this.#start)) return false
    if (this.#range.latest !== undefined && isBefore(this.#range.latest, latest)) return false
    return this.#shown === undefined || isBefore(this.#shown, oldest)
  }

  state(log: Log): RoomState {
    const { room } = this.#desk
    let cut: string | undefined
    let kept = [...this.docs].filter(([key]) => !isBefore(spanOfDay(dayOfKey(key)).oldest, this.#start))
    if (kept.length > mostWatched) {
      const days = kept.map(([key]) => dayOfKey(key)).sort()
      const first = days[days.length - mostWatched]!
      // Whole days, and always the newest one.
      const begin = days.find((day) => day > first) ?? days.at(-1)!
      cut = spanOfDay(begin).oldest
      kept = kept.filter(([key]) => dayOfKey(key) >= begin)
      log.info('A busy channel: fewer days are looked back on.', { channel: room.name, since: begin })
    }
    return { face: faceOf(room), ...(cut === undefined ? {} : { cut }), docs: Object.fromEntries(kept) }
  }
}

function faceOf(room: Room): string {
  return `${room.isPrivate ? 'private' : 'public'} ${room.name}`
}

/** The last part of an id; files carry the day of their message, since nothing else tells when they were posted. */
function keyOf(entry: Entry, date: string): string {
  const key = entry.id.slice(entry.id.lastIndexOf(':') + 1)
  return /^F/.test(key) ? `${date}/${key}` : key
}

function dayOfKey(key: string): string {
  return /^\d{4}-/.test(key) ? key.slice(0, 10) : dayOf(key)
}

function expired(why: string): ConnectorError {
  return new ConnectorError('cursor_expired', `The cursor is of no use any more. ${why}`)
}

function isCursor(value: Json): value is Cursor {
  const { v, team, rooms } = (value ?? {}) as Partial<Cursor>
  const isObject = (one: unknown) => typeof one === 'object' && one !== null && !Array.isArray(one)
  return (
    v === 1 &&
    typeof team === 'string' &&
    isObject(rooms) &&
    Object.values(rooms!).every(
      (room) =>
        typeof room?.face === 'string' && ['string', 'undefined'].includes(typeof room.cut) && isObject(room.docs),
    )
  )
}
