import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectorError, isConnectorError, type Json } from '@cx/core'
import { createHttp, errorOf, type Http, type HttpCall, retryAfterMs } from '@cx/core/http'
import type { List } from './types.ts'

export type NotionCredentials =
  | { readonly method: 'token'; readonly token: string }
  | { readonly method: 'oauth'; readonly accessToken: string }

export interface ClientOptions {
  readonly apiUrl: string
  readonly fetch: typeof globalThis.fetch
  readonly credentials: (options?: { readonly refused?: boolean }) => Promise<NotionCredentials>
}

/** https://developers.notion.com/reference/versioning */
export const notionVersion = '2026-03-11'
/** The largest page Notion gives. */
export const pageSize = 100

/** What Notion asks to wait longer than that is the engine's to wait for. */
const longestWaitMs = 5_000
const attempts = 3
/** Times are floored to the minute; an edit may still come under the same one. */
const settleMs = 120_000

/** Notion's API: bearer token and version on every call, its error words as errors, lists walked to their end. */
export class NotionClient {
  readonly #http: Http
  #quietUntil = 0
  /** Notion's clock minus ours, from the `Date` of its answers. */
  #clockOffset = 0

  constructor({ apiUrl, fetch, credentials }: ClientOptions) {
    const watched: typeof globalThis.fetch = async (input, init) => {
      const response = await fetch(input, init)
      const date = Date.parse(response.headers.get('date') ?? '')
      if (!Number.isNaN(date)) this.#clockOffset = date - Date.now()
      const wait = retryAfterMs(response.headers.get('retry-after'))
      if (wait !== undefined && !response.ok) this.#quietUntil = Math.max(this.#quietUntil, Date.now() + wait)
      return response
    }
    this.#http = createHttp({
      fetch: watched,
      baseUrl: apiUrl,
      vendor: 'Notion',
      headers: { 'notion-version': notionVersion },
      authorize: async (refused) => {
        const given = await credentials({ refused })
        return { authorization: `Bearer ${given.method === 'oauth' ? given.accessToken : given.token.trim()}` }
      },
      errorOf: notionError,
    })
  }

  /** Whether an edit of that time is so old that no other can come under the same minute. */
  isSettled(time: string): boolean {
    return Date.parse(time) + settleMs <= Date.now() + this.#clockOffset
  }

  get<T>(path: string, signal: AbortSignal, query: HttpCall['query'] = {}): Promise<T> {
    return this.#json<T>(path, { signal, query })
  }

  /** Search and queries change nothing, so that they may be made again, unlike other POSTs. */
  async post<T>(path: string, json: Json, signal: AbortSignal): Promise<T> {
    for (let attempt = 1; ; attempt++)
      try {
        return await this.#json<T>(path, { method: 'POST', json, signal })
      } catch (error) {
        const { code, retryAfterMs: wait } = error as ConnectorError
        if (signal.aborted || code !== 'unavailable' || wait !== undefined || attempt >= attempts) throw error
        await sleep(150 * 2 ** attempt, undefined, { signal })
      }
  }

  /** A list by POST, page by page, with Notion's word on whether it cut the list off. */
  async *list<T>(
    path: string,
    body: { readonly [name: string]: Json },
    signal: AbortSignal,
  ): AsyncGenerator<List<T>, void, void> {
    let cursor: string | undefined
    while (true) {
      const page: List<T> = await this.post<List<T>>(
        path,
        { ...body, page_size: pageSize, ...(cursor === undefined ? {} : { start_cursor: cursor }) },
        signal,
      ).catch((error: unknown) => {
        throw cursor === undefined ? error : lostPlace(error)
      })
      yield page
      if (!page.has_more || !page.next_cursor) return
      if (page.next_cursor === cursor)
        throw new ConnectorError('unavailable', 'Notion gave the same page cursor twice.')
      cursor = page.next_cursor
    }
  }

  /** A list by GET. The cursor alone says whether there is more: pages can be empty. */
  async *getList<T>(
    path: string,
    query: NonNullable<HttpCall['query']>,
    signal: AbortSignal,
  ): AsyncGenerator<T, void, void> {
    let cursor: string | undefined
    while (true) {
      const page: List<T> = await this.get<List<T>>(path, signal, {
        ...query,
        page_size: pageSize,
        start_cursor: cursor,
      }).catch((error: unknown) => {
        throw cursor === undefined ? error : lostPlace(error)
      })
      yield* page.results
      if (!page.has_more || !page.next_cursor) return
      if (page.next_cursor === cursor)
        throw new ConnectorError('unavailable', 'Notion gave the same page cursor twice.')
      cursor = page.next_cursor
    }
  }

  async #json<T>(path: string, call: HttpCall): Promise<T> {
    const ms = this.#quietUntil - Date.now()
    // Notion counts by connection: whatever else is sent meanwhile would be refused as well.
    if (ms > longestWaitMs)
      throw new ConnectorError('rate_limited', 'Notion asked to wait before the next call.', { retryAfterMs: ms })
    if (ms > 0) await sleep(ms, undefined, { signal: call.signal })
    const response = await this.#http.call(`v1/${path}`, call)
    try {
      return (await response.json()) as T
    } catch (error) {
      call.signal.throwIfAborted()
      throw new ConnectorError('unavailable', 'Notion broke off half-way through an answer.', { cause: error })
    }
  }
}

/** A list that Notion began and will not go on with is no short list: its cursor expired, or what it listed just went. */
function lostPlace(error: unknown): unknown {
  if (!isConnectorError(error) || (error.code !== 'unprocessable' && error.code !== 'not_found')) return error
  return new ConnectorError('unavailable', `A list ended half-way. ${error.message}`, { cause: error })
}

/** https://developers.notion.com/reference/status-codes */
function notionError(response: Response, body: unknown): ConnectorError | undefined {
  const { code: word, message = '' } = (typeof body === 'object' ? (body ?? {}) : {}) as {
    code?: string
    message?: string
  }
  const text = `Notion answered ${response.status}${word ? ` (${String(word).slice(0, 60)})` : ''}: ${String(message).slice(0, 300)}`
  const wait = retryAfterMs(response.headers.get('retry-after'))
  switch (word) {
    case 'unauthorized':
      return new ConnectorError('unauthenticated', text, {
        remediation: 'The token was revoked or replaced: reconnect, or paste the connection’s current token.',
      })
    case 'restricted_resource':
      return new ConnectorError('forbidden', text, {
        remediation: `The connection lacks the capability “${capabilityOf(response.url)}”: switch it on under Capabilities in its settings.`,
      })
    case 'object_not_found':
      return new ConnectorError('not_found', text, {
        remediation: 'It is gone, or not shared: open it in Notion and add the connection (··· → Connections).',
      })
    case 'validation_error':
      return new ConnectorError('unprocessable', text)
    case 'conflict_error':
    case 'service_overload':
      return new ConnectorError('unavailable', text, wait === undefined ? {} : { retryAfterMs: wait })
    case 'rate_limited':
      return new ConnectorError('rate_limited', text, { retryAfterMs: wait ?? 30_000 })
    default: {
      const { code, retryAfterMs: given } = errorOf(response, body, 'Notion')
      return word ? new ConnectorError(code, text, given === undefined ? {} : { retryAfterMs: given }) : undefined
    }
  }
}

/** https://developers.notion.com/reference/capabilities */
function capabilityOf(url: string): string {
  if (/\/v1\/comments\b/.test(url)) return 'Read comments'
  return /\/v1\/users\b/.test(url) ? 'Read user information' : 'Read content'
}
