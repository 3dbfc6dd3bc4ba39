import { setTimeout as sleep } from 'node:timers/promises'
import { ConnectorError, type Log } from '@cx/core'
import { createHttp, type Http, pages, retryAfterMs } from '@cx/core/http'
import { slackError, wordOf } from './errors.ts'
import { LimitClass } from './limit-class.ts'
import type { Identity } from './types.ts'

export type SlackCredentials =
  | { readonly method: 'token'; readonly token: string }
  | { readonly method: 'oauth'; readonly accessToken: string }

type Params = Readonly<Record<string, string | number | boolean | undefined>>

interface Answer {
  readonly ok?: boolean
  readonly error?: string
  readonly needed?: string
  readonly response_metadata?: { readonly next_cursor?: string }
}

export interface ClientOptions {
  readonly apiUrl: string
  readonly fetch: typeof globalThis.fetch
  readonly credentials: (options?: { readonly refused?: boolean }) => Promise<SlackCredentials>
  readonly log: Log
}

/** Slack gives at most so much a page of messages. https://docs.slack.dev/reference/methods/conversations.history */
export const pageSize = 999

/** What Slack asks to wait longer than that is the engine's to wait for. */
const longestWaitMs = 5_000

/** Hosts of `url_private`; nothing else is sent the token. */
const fileHosts = ['files.slack.com', 'files.slack-gov.com']

/** Slack's Web API: `ok: false` as errors, tokens renewed once, cursors walked. */
export class SlackClient {
  readonly limitClass: LimitClass
  readonly #http: Http
  readonly #ownHost: string
  readonly #quietUntil = new Map<string, number>()
  #refused = false
  #posts = false
  #identity: Promise<Identity> | undefined

  constructor({ apiUrl, fetch, credentials, log }: ClientOptions) {
    this.limitClass = new LimitClass(log)
    this.#ownHost = new URL(apiUrl).host
    const watched: typeof globalThis.fetch = async (input, init) => {
      const response = await fetch(input, init)
      if (response.status === 429) this.#wasRefused(String(input), retryAfterMs(response.headers.get('retry-after')))
      return response
    }
    this.#http = createHttp({
      fetch: watched,
      baseUrl: apiUrl,
      vendor: 'Slack',
      trustedHosts: fileHosts,
      authorize: async (refused) => ({
        authorization: `Bearer ${tokenOf(await credentials({ refused: refused || this.#refused }))}`,
      }),
      errorOf: ({ status, headers }, body) => {
        const said = body as Answer | null
        if (typeof said !== 'object' || said?.ok !== false || status >= 500) return undefined
        return slackError(said, 'the call', retryAfterMs(headers.get('retry-after')))
      },
    })
  }

  /** One call. `what` says for what, in messages. */
  async call<T>(method: string, params: Params, what: string, signal: AbortSignal): Promise<T> {
    return (await this.#call<T>(method, params, what, signal)).answer
  }

  async #call<T>(
    method: string,
    params: Params,
    what: string,
    signal: AbortSignal,
  ): Promise<{ readonly answer: T; readonly headers: Headers }> {
    for (let attempt = 1; ; attempt++) {
      await this.#quiet(method, what, signal)
      const response = await this.#send(method, params, signal)
      const answer = await jsonOf<Answer & T>(response, signal)
      if (answer.ok) {
        this.#refused = false
        return { answer, headers: response.headers }
      }
      const error = slackError(answer, what, retryAfterMs(response.headers.get('retry-after')))
      // Slack says it with status 200: the host hears of it here, and renews a token that rotates.
      this.#refused = error.code === 'unauthenticated' && attempt === 1
      if (!this.#refused) throw error
    }
  }

  /**
   * By GET, which the host may repeat; Slack takes the arguments of every method in the query. What stands in for Slack
   * often knows POST alone, as Slack's own client does it.
   */
  async #send(method: string, params: Params, signal: AbortSignal): Promise<Response> {
    if (!this.#posts) {
      const response = await this.#http.call(method, { query: params, signal, accept: [404, 405] })
      if (response.ok) return response
      await response.body?.cancel().catch(() => {})
      this.#posts = true
    }
    const given = Object.entries(params).filter(([, value]) => value !== undefined)
    const form = Object.fromEntries(given.map(([name, value]) => [name, String(value)]))
    return this.#http.call(method, { method: 'POST', form, signal })
  }

  async #quiet(method: string, what: string, signal: AbortSignal): Promise<void> {
    const ms = (this.#quietUntil.get(method) ?? 0) - Date.now()
    if (ms > longestWaitMs) throw slackError({ error: 'ratelimited' }, what, ms)
    if (ms > 0) await sleep(ms, undefined, { signal })
  }

  /** Slack counts by method: others of the same method would be refused as well, and are not sent. */
  #wasRefused(url: string, waitMs = 0): void {
    const method = new URL(url).pathname.split('/').at(-1)!
    this.#quietUntil.set(method, Date.now() + waitMs)
  }

  /** A list, page by page. Short and empty pages are not the end: Slack filters after paging. */
  async *list<T>(
    method: string,
    params: Params,
    {
      what,
      items,
      signal,
    }: {
      readonly what: string
      readonly items: (answer: T) => readonly unknown[] | undefined
      readonly signal: AbortSignal
    },
  ): AsyncGenerator<T, void, void> {
    let last: T | undefined
    const walk = pages<unknown>(async (cursor) => {
      const answer = await this.call<T & Answer>(method, { limit: pageSize, ...params, cursor }, what, signal)
      last = answer
      return { items: items(answer) ?? [], next: answer.response_metadata?.next_cursor }
    })
    for await (const _ of walk) yield last!
  }

  /** Who we are; asked once. */
  identity(signal: AbortSignal): Promise<Identity> {
    this.#identity ??= this.#whoAmI(signal).catch((error: unknown) => {
      this.#identity = undefined
      throw error
    })
    return this.#identity
  }

  async #whoAmI(signal: AbortSignal): Promise<Identity> {
    type Test = { team?: string; team_id?: string; user?: string; url?: string; enterprise_id?: string }
    const { answer, headers } = await this.#call<Test>('auth.test', {}, 'the account of this token', signal)
    const scopes = headers.get('x-oauth-scopes')
    return {
      team: answer.team ?? '',
      teamId: answer.team_id ?? answer.enterprise_id ?? '',
      user: answer.user ?? '',
      url: answer.url ?? 'https://slack.com/',
      scopes: scopes ? new Set(scopes.split(',').map((scope) => scope.trim())) : undefined,
    }
  }

  /** Whether a file's address is one of Slack's own. */
  isFileUrl(text: string): boolean {
    if (!URL.canParse(text)) return false
    const { host, protocol } = new URL(text)
    return host === this.#ownHost || (protocol === 'https:' && fileHosts.includes(host))
  }

  /** A file's bytes. */
  download(url: string, signal: AbortSignal): Promise<Response> {
    return this.#http.call(url, { signal, headers: { accept: '*/*' } })
  }
}

function tokenOf(credentials: SlackCredentials): string {
  const token = credentials.method === 'oauth' ? credentials.accessToken : credentials.token.trim()
  if (/^xox[cd]-/.test(token))
    throw new ConnectorError('unauthenticated', "This is a browser's session token, which cx does not take.", {
      remediation: 'Create an app for your workspace and paste its bot token (xoxb-…).',
    })
  return token
}

async function jsonOf<T>(response: Response, signal: AbortSignal): Promise<T> {
  let text: string
  try {
    text = await response.text()
  } catch (error) {
    if (signal.aborted) throw error
    throw new ConnectorError('unavailable', 'The connection to Slack broke off half-way through an answer.')
  }
  try {
    return JSON.parse(text) as T
  } catch {
    throw new ConnectorError('unavailable', `Slack answered ${response.status} with something that is not JSON.`)
  }
}

/** Whether a page's cursor was no longer good. */
export function isStaleCursor(error: unknown): boolean {
  return wordOf(error) === 'invalid_cursor'
}
