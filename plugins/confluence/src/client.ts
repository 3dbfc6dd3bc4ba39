import { ConnectorError, isConnectorError } from '@cx/core'
import { createHttp, type Http, type HttpCall } from '@cx/core/http'
import { type ConfluenceConnection, headerOf } from './auth.ts'
import { errorOf, isTooMuch, statusOf, withScopes } from './errors.ts'
import { Gate } from './gate.ts'

export type Query = NonNullable<HttpCall['query']>

/** One page of any list of Confluence. */
export interface ListAnswer<T> {
  readonly results?: readonly T[]
  readonly start?: number
  readonly limit?: number
  readonly size?: number
  readonly _links?: { readonly next?: string; readonly base?: string }
}

export interface ListCall {
  readonly signal: AbortSignal
  readonly query: Query
  /** Rows to ask for; fewer once Confluence had trouble with more. */
  readonly limit: number
}

/** Of one run; more is taken for a burst. */
const callsAtOnce = 8
/** Confluence answers 504 to many rows with bodies or restrictions where it answers to few. */
const fewestRows = 10
/**
 * What we may not see is filtered out after paging, so a page can be empty and have a next one. Where so many are empty
 * in a row, it is the fault of Confluence that gives a next one behind the last without end.
 */
const mostEmptyPages = 20

/** The REST calls of one base address. */
export class Client {
  readonly baseUrl: string
  readonly #http: Http
  readonly #gate = new Gate(callsAtOnce)
  /** Lowered by trouble, for the rest of the run. */
  #mostRows = Number.POSITIVE_INFINITY
  /** By which the server's clock is ahead of ours. */
  #aheadMs = 0

  constructor({ credentials, fetch }: Pick<ConfluenceConnection, 'credentials' | 'fetch'>, baseUrl: string) {
    this.baseUrl = baseUrl
    const timed: typeof globalThis.fetch = async (input, init) => {
      const response = await fetch(input, init)
      const at = Date.parse(response.headers.get('date') ?? '')
      if (!Number.isNaN(at)) this.#aheadMs = at - Date.now()
      return response
    }
    this.#http = createHttp({
      fetch: withScopes(timed),
      baseUrl,
      vendor: 'Confluence',
      errorOf,
      authorize: async (refused) => ({ authorization: headerOf(await credentials(refused ? { refused } : {})) }),
    })
  }

  /** Epoch milliseconds by the server's clock or by ours, whichever is later. */
  now(): number {
    return Date.now() + Math.max(0, this.#aheadMs)
  }

  json<T>(path: string, call: HttpCall): Promise<T> {
    return this.#gate
      .pass(call.signal, () => this.#http.json<T>(path, call))
      .catch((error: unknown) => {
        throw broken(error, call.signal)
      })
  }

  /** A file as a stream. An end before its time is an error that is worth another try. */
  async file(path: string, call: HttpCall): Promise<{ body: ReadableStream<Uint8Array>; contentType: string | null }> {
    const { body, headers } = await this.#gate.pass(call.signal, () => this.#http.call(path, call))
    const reader = (body ?? new Blob([]).stream()).getReader()
    const told = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const { done, value } = await reader.read().catch((error: unknown) => {
            throw broken(error, call.signal)
          })
          if (done) controller.close()
          else controller.enqueue(value)
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    )
    return { body: told, contentType: headers.get('content-type') }
  }

  /** A list paged by cursors: all other parameters stay the same from page to page. */
  async *pages<T>(path: string, { query, limit, signal }: ListCall): AsyncGenerator<readonly T[], void, void> {
    let position: Query = {}
    for (let empty = 0; ; ) {
      const answer = await this.#patiently(limit, (rows) =>
        this.json<ListAnswer<T>>(path, { signal, query: { ...query, ...position, limit: rows } }),
      ).catch((error: unknown) => {
        // The first page was answered: it is the cursor that is refused, and a new listing gets a new one.
        if (position.cursor === undefined || statusOf(error) !== 400) throw error
        throw new ConnectorError('unavailable', `Confluence's list ${path} cannot be continued: its cursor ran out.`)
      })
      const rows = rowsOf(answer)
      yield rows
      const next = answer._links?.next
      if (!next) return
      empty = rows.length === 0 ? empty + 1 : 0
      if (empty > mostEmptyPages) return
      const following = positionIn(next, position)
      if (rows.length > 0 && sameQuery(following, position))
        throw new ConnectorError('unavailable', `Confluence's list ${path} does not come to its end.`)
      position = following
    }
  }

  /**
   * A list paged by offsets, as Data Center has them. Its next link is not followed: the server cuts `limit` silently and
   * counts `start` wrongly then. Each page begins with the last row of the one before: when that is another one, a row
   * before it was removed meanwhile, and one would be skipped.
   *
   * @throws ConnectorError `unavailable` when the list moved.
   */
  async *offsets<T extends { readonly id: string }>(
    path: string,
    { query, limit, signal, onBroken }: ListCall & { readonly onBroken?: ((error: unknown) => void) | undefined },
  ): AsyncGenerator<readonly T[], void, void> {
    let seen = 0
    let anchor: string | undefined
    for (let empty = 0; ; ) {
      const start = anchor === undefined ? seen : seen - 1
      let answer: ListAnswer<T>
      try {
        answer = await this.#patiently(limit, (rows) =>
          this.json<ListAnswer<T>>(path, { signal, query: { ...query, start, limit: rows } }),
        )
      } catch (error) {
        if (onBroken === undefined || statusOf(error) !== 500) throw error
        const single = await this.#single<T>(path, { query, signal, start: seen, onBroken })
        if (single.length > 0) yield single
        seen += Math.max(single.length, 1)
        anchor = undefined
        continue
      }
      const rows = rowsOf(answer)
      if (anchor !== undefined && rows.length > 0 && rows[0]!.id !== anchor)
        throw new ConnectorError('unavailable', `Confluence's list ${path} changed while it was read.`)
      const fresh = anchor === undefined ? rows : rows.slice(1)
      yield fresh
      if (!answer._links?.next) return
      empty = fresh.length === 0 ? empty + 1 : 0
      if (empty > mostEmptyPages) return
      seen += fresh.length > 0 ? fresh.length : (answer.limit ?? limit)
      anchor = fresh.at(-1)?.id
    }
  }

  /** One row by itself, where ten together fail: the broken one is told and stepped over. */
  async #single<T>(
    path: string,
    call: {
      readonly query: Query
      readonly signal: AbortSignal
      readonly start: number
      readonly onBroken: (e: unknown) => void
    },
  ): Promise<readonly T[]> {
    const { query, signal, start, onBroken } = call
    try {
      return rowsOf(await this.json<ListAnswer<T>>(path, { signal, query: { ...query, start, limit: 1 } }))
    } catch (error) {
      if (statusOf(error) !== 500) throw error
      // Nothing behind it either: not one row is broken, the server is.
      await this.json(path, { signal, query: { ...query, start: start + 1, limit: 1 } })
      onBroken(error)
      return []
    }
  }

  async #patiently<T>(limit: number, work: (rows: number) => Promise<T>): Promise<T> {
    for (let rows = Math.min(limit, this.#mostRows); ; ) {
      try {
        return await work(rows)
      } catch (error) {
        if (rows <= fewestRows || !isTooMuch(error)) throw error
        rows = Math.max(fewestRows, Math.floor(rows / 2))
        this.#mostRows = rows
      }
    }
  }
}

/** A connection that broke inside an answer. */
function broken(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted || isConnectorError(error)) return error
  return new ConnectorError('unavailable', 'The connection to Confluence broke inside an answer.', { cause: error })
}

/** @throws ConnectorError when the answer is no list: taken for an empty one, everything would be deleted. */
function rowsOf<T>(answer: ListAnswer<T>): readonly T[] {
  if (Array.isArray(answer?.results)) return answer.results as readonly T[]
  throw new ConnectorError('unavailable', 'Confluence answered a list with something else.')
}

function positionIn(next: string, before: Query): Query {
  const parameters = new URL(next, 'http://next').searchParams
  const cursor = parameters.get('cursor')
  if (cursor) return { cursor }
  const start = parameters.get('start')
  return start === null ? before : { start: Number(start) }
}

function sameQuery(one: Query, other: Query): boolean {
  return one.cursor === other.cursor && one.start === other.start
}
