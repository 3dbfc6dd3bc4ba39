import type { SlackClient } from './client.ts'
import { DayGatherer, history } from './history.ts'
import { spanOfDay } from './time.ts'
import type { Message } from './types.ts'

const mostChannels = 16

/**
 * Reads days for documents. Neighbouring days are read one after another, and a page of Slack's holds many: the whole
 * days of the last page of a channel wait here, and readers of one channel wait for each other.
 */
export class DayReader {
  readonly #client: SlackClient
  readonly #pages = new Map<string, Map<string, readonly Message[]>>()
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor(client: SlackClient) {
    this.#client = client
  }

  /** The messages of a day, oldest first; `wanted` says whether those that wait are the ones that were listed. */
  async read(
    channel: string,
    date: string,
    wanted: (messages: readonly Message[]) => boolean,
    signal: AbortSignal,
  ): Promise<readonly Message[]> {
    const turn = (this.#turns.get(channel) ?? Promise.resolve()).then(async () => {
      signal.throwIfAborted()
      const waiting = this.#pages.get(channel)?.get(date)
      return waiting && wanted(waiting) ? waiting : this.#fetch(channel, date, signal)
    })
    const settled = turn.catch(() => {})
    this.#turns.set(channel, settled)
    try {
      return await turn
    } finally {
      if (this.#turns.get(channel) === settled) this.#turns.delete(channel)
    }
  }

  async #fetch(channel: string, date: string, signal: AbortSignal): Promise<readonly Message[]> {
    const { latest } = spanOfDay(date)
    const gatherer = new DayGatherer()
    const days = new Map<string, readonly Message[]>()
    for await (const page of history(this.#client, { id: channel, name: channel }, { latest }, signal)) {
      for (const day of gatherer.take(page)) days.set(day.date, day.messages)
      if ([...days.keys()].some((day) => day <= date) || isPast(page.messages, date)) break
    }
    this.#pages.delete(channel)
    this.#pages.set(channel, days)
    if (this.#pages.size > mostChannels) this.#pages.delete(this.#pages.keys().next().value!)
    return days.get(date) ?? []
  }
}

/** Whether a page begins before the day: then the day has no messages. */
function isPast(messages: readonly Message[], date: string): boolean {
  const first = messages[0]
  return first !== undefined && Number(first.ts) < Number(spanOfDay(date).oldest)
}
