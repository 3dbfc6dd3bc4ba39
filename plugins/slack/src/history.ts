import { ConnectorError } from '@cx/core'
import type { Room } from './channels.ts'
import { isStaleCursor, pageSize, type SlackClient } from './client.ts'
import { dayOf, earlier, justBefore, type Span } from './time.ts'
import type { Message } from './types.ts'

interface HistoryAnswer {
  readonly messages?: readonly Message[]
  readonly has_more?: boolean
  readonly is_limited?: boolean
  readonly response_metadata?: { readonly next_cursor?: string }
}

/** One page of a channel, newest first. */
export interface HistoryPage {
  readonly messages: readonly Message[]
  readonly last: boolean
  /** Slack hides older messages: the workspace's plan ends there. */
  readonly hidden: boolean
}

/** A channel's messages without the replies, newest first. */
export async function* history(
  client: SlackClient,
  room: Pick<Room, 'id' | 'name'>,
  span: Span,
  signal: AbortSignal,
): AsyncGenerator<HistoryPage, void, void> {
  let cursor: string | undefined
  let latest = span.latest
  let seen: string | undefined
  while (true) {
    const params = { channel: room.id, limit: pageSize, oldest: span.oldest, latest, inclusive: true, cursor }
    let answer: HistoryAnswer
    try {
      answer = await client.call('conversations.history', params, `the messages of #${room.name}`, signal)
    } catch (error) {
      if (cursor === undefined || !isStaleCursor(error)) throw error
      // Goes on by time where the cursor was forgotten; the message at that very moment was seen.
      cursor = undefined
      latest = seen === undefined ? latest : stepBefore(seen)
      continue
    }
    const messages = answer.messages ?? []
    const next = answer.response_metadata?.next_cursor || undefined
    const more = answer.has_more === true
    const oldest = messages.reduce<string | undefined>((found, { ts }) => earlier(found, ts), seen)
    const stuck = next === undefined ? more && oldest === seen : next === cursor
    if (stuck) throw new ConnectorError('unavailable', `Slack does not say where the messages of #${room.name} go on.`)
    const last = next === undefined && !more
    client.limitClass.page(messages.length, !last)
    seen = oldest
    yield { messages, last, hidden: answer.is_limited === true }
    if (last) return
    cursor = next
    if (next === undefined) latest = stepBefore(seen!)
  }
}

/** The timestamp one millionth of a second earlier. */
function stepBefore(ts: string): string {
  const [seconds = '0', micros = '0'] = ts.split('.')
  const digits = micros.padEnd(6, '0')
  return Number(digits) === 0 ? justBefore(ts) : `${seconds}.${String(Number(digits) - 1).padStart(6, '0')}`
}

/** The messages of one UTC day in a channel, oldest first. */
export interface Day {
  readonly date: string
  readonly messages: readonly Message[]
}

/** Gathers whole days, newest first: a day is whole when something older, or the end, was seen. */
export class DayGatherer {
  #date: string | undefined
  #messages: Message[] = [];

  /** The days that this page completes. */
  *take({ messages, last }: Pick<HistoryPage, 'messages' | 'last'>): Generator<Day, void, void> {
    for (const message of messages) {
      const date = dayOf(message.ts)
      if (date !== this.#date) yield* this.#flush()
      this.#date = date
      this.#messages.push(message)
    }
    if (last) yield* this.#flush()
  }

  *#flush(): Generator<Day, void, void> {
    if (this.#date !== undefined) yield { date: this.#date, messages: this.#messages.toReversed() }
    this.#date = undefined
    this.#messages = []
  }
}
