import { ConnectorError } from '@cx/core'
import { abortable } from '@cx/core/http'
import { createAppAuth } from '@octokit/auth-app'
import { Octokit } from '@octokit/core'
import { paginateRest } from '@octokit/plugin-paginate-rest'
import { retry } from '@octokit/plugin-retry'
import { throttling } from '@octokit/plugin-throttling'
import Bottleneck from 'bottleneck'
import { toConnectorError } from './errors.ts'
import { patienceMs } from './throttle.ts'

const Api = Octokit.plugin(throttling, retry, paginateRest)

// The plugin starts writes a second apart and counts GraphQL among them; ours are queries, which GitHub prices by points.
const graphqlPace = new Bottleneck.Group({ maxConcurrent: 1, minTime: 50, timeout: 120_000 })

export interface ClientOptions {
  readonly apiUrl: string
  /** Gated; adds the token where the way in has one. */
  readonly fetch: typeof globalThis.fetch
  /** Calls as this app, or as this installation of it. */
  readonly app?: { readonly appId: string; readonly privateKey: string; readonly installationId?: number }
  readonly anonymous?: boolean
  /** The limiter's key: one for each credential. */
  readonly limiter: string
  /** Never to stand in an error. */
  readonly secrets: ReadonlySet<string>
}

/** What a call wants besides its route. */
export interface Call {
  readonly signal: AbortSignal
  /** For people: "repository acme/docs". */
  readonly what: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answer<T> {
  readonly data: T
  readonly etag?: string
  readonly contentType: string
}

/** GitHub's REST and GraphQL APIs for one credential: Octokit's throttling and retries on the host's `fetch`, errors as ConnectorError. */
export class Client {
  readonly #octokit: InstanceType<typeof Api>
  readonly #fetch: typeof globalThis.fetch
  readonly #app: boolean
  readonly #secrets: ReadonlySet<string>
  /** False without credentials, and once the server turned out to have no GraphQL. */
  graphqlThere: boolean

  constructor({ apiUrl, fetch, app, limiter, secrets, anonymous = false }: ClientOptions) {
    this.#secrets = secrets
    this.graphqlThere = !anonymous
    this.#fetch = fetch
    this.#app = app?.installationId !== undefined
    this.#octokit = new Api({
      baseUrl: apiUrl.replace(/\/+$/, ''),
      userAgent: 'cx',
      request: { fetch: unwrapped(fetch) },
      log: { debug() {}, info() {}, warn() {}, error() {} },
      retry: { doNotRetry: [304, 400, 401, 403, 404, 409, 410, 422, 429, 451], retries: 1, retryAfterBaseValue: 500 },
      throttle: {
        id: limiter,
        write: graphqlPace,
        onRateLimit: (seconds: number, _: object, __: object, count: number) =>
          seconds * 1000 <= patienceMs && count < 3,
        onSecondaryRateLimit: (seconds: number, _: object, __: object, count: number) =>
          seconds * 1000 <= patienceMs && count < 3,
      },
      ...(app ? { authStrategy: createAppAuth, auth: app } : {}),
    })
  }

  /** One GET. */
  async get<T>(route: string, call: Call): Promise<Answer<T>> {
    return this.#guard(call, async () => {
      const { data, headers } = await this.#octokit.request(`GET ${route}`, optionsOf(call))
      const etag = headers.etag
      assertWhole(data, headers['content-type'])
      return {
        data: data as T,
        contentType: String(headers['content-type'] ?? ''),
        ...(etag === undefined ? {} : { etag }),
      }
    })
  }

  /** One GET that costs nothing when `etag` still holds; undefined then. https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate */
  async getIfChanged<T>(route: string, etag: string | undefined, call: Call): Promise<Answer<T> | undefined> {
    if (etag === undefined) return this.get(route, call)
    try {
      return await this.get<T>(route, { ...call, headers: { ...call.headers, 'if-none-match': etag } })
    } catch (error) {
      if (statusOf(error) === 304) return undefined
      throw error
    }
  }

  /** Pages of a list, by Link headers alone: page numbers are refused past a varying offset. */
  async *pages<T>(route: string, call: Call): AsyncGenerator<readonly T[], void, void> {
    for await (const { data } of this.answers<T>(route, call)) yield data
  }

  /** The same with their ETags. A call with `if-none-match` may throw the 304 at the first page. */
  async *answers<T>(route: string, call: Call): AsyncGenerator<Answer<readonly T[]>, void, void> {
    const options = optionsOf(call)
    const pages = this.#octokit.paginate.iterator(`GET ${route}`, { ...options, per_page: 100 })[Symbol.asyncIterator]()
    for (;;) {
      const page = await this.#guard(call, () => pages.next())
      if (page.done) return
      const { data, headers } = page.value
      if (!Array.isArray(data)) throw cutOff()
      yield { data: data as readonly T[], contentType: '', ...(headers.etag ? { etag: headers.etag } : {}) }
    }
  }

  /** One query. @throws ConnectorError `not_found` when the server has no GraphQL. */
  async graphql<T>(query: string, call: Call): Promise<T> {
    if (!this.graphqlThere)
      throw new ConnectorError(
        'forbidden',
        `GitHub's GraphQL API is needed for ${call.what}, and not to be had here.`,
        {
          remediation: 'It wants credentials: connect with a token or an app.',
        },
      )
    return this.#guard(call, async () => {
      try {
        const data = await this.#octokit.graphql<T | undefined>(query, {
          ...call.params,
          request: { signal: call.signal },
        })
        if (typeof data !== 'object' || data === null) throw cutOff()
        return data
      } catch (error) {
        const failed = error as {
          name?: string
          status?: number
          data?: unknown
          errors?: readonly { type?: string }[]
        }
        if (failed.status === 404) this.graphqlThere = false
        // Partial answers count: one unreadable node must not hide the others.
        if (
          failed.name === 'GraphqlResponseError' &&
          failed.data &&
          !failed.errors?.some((one) => one.type === 'RATE_LIMITED')
        )
          return failed.data as T
        throw error
      }
    })
  }

  /** A body as a stream; a redirect to another host is followed without credentials. */
  async stream(route: string, call: Call): Promise<{ body: ReadableStream<Uint8Array>; contentType: string }> {
    return this.#guard(call, async () => {
      const options = optionsOf(call)
      const answer = await this.#octokit.request(`GET ${route}`, {
        ...options,
        request: { ...options.request, parseSuccessResponseBody: false, redirect: 'manual' },
      })
      if (Number(answer.status) < 300)
        return {
          body: answer.data as ReadableStream<Uint8Array>,
          contentType: String(answer.headers['content-type'] ?? ''),
        }
      await (answer.data as ReadableStream<Uint8Array> | undefined)?.cancel?.()
      const target = new URL(String(answer.headers.location), answer.url)
      return await this.download(target, {}, call)
    })
  }

  /** Any address, with these headers alone; the credentials go with it only to the API's own origin. */
  async download(
    url: URL | string,
    init: RequestInit,
    call: Call,
  ): Promise<{ body: ReadableStream<Uint8Array>; contentType: string }> {
    return this.#guard(call, async () => {
      const response = await this.#fetch(url, { ...init, signal: call.signal })
      if (!response.ok || !response.body)
        throw Object.assign(new Error(`the download answered ${response.status}`), {
          status: response.status,
          response: { headers: Object.fromEntries(response.headers), data: await response.text() },
        })
      return { body: response.body, contentType: response.headers.get('content-type') ?? '' }
    })
  }

  /** The installation's token, for Git's own protocols. */
  async installationToken(): Promise<string | undefined> {
    if (!this.#app) return undefined
    const { token } = (await this.#octokit.auth({ type: 'installation' })) as { token: string }
    return token
  }

  async #guard<T>(call: Call, work: () => Promise<T>): Promise<T> {
    call.signal.throwIfAborted()
    try {
      // Whatever it waits for: limiters and back-offs know no signals.
      return await abortable(work(), call.signal)
    } catch (error) {
      if (call.signal.aborted) throw call.signal.reason
      if (statusOf(error) === 304) throw error
      throw toConnectorError(error, call.what, this.#secrets)
    }
  }
}

/** Octokit gives the text of a JSON answer that it cannot parse, as when the connection broke in the middle. */
function assertWhole(data: unknown, contentType: string | undefined): void {
  if (typeof data === 'string' && contentType?.includes('json')) throw cutOff()
}

function cutOff(): Error {
  return new Error('the answer was cut off')
}

export function statusOf(error: unknown): number | undefined {
  return (error as { status?: number } | undefined)?.status
}

function optionsOf({ params, headers, signal }: Call) {
  return { ...params, headers: { 'x-github-api-version': '2022-11-28', ...headers }, request: { signal } }
}

/** Octokit turns what `fetch` throws into a 500 and retries it, save errors named AbortError: the host's own errors must pass. */
function unwrapped(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    try {
      return await fetch(input, init)
    } catch (error) {
      if ((error as { name?: unknown } | undefined)?.name !== 'ConnectorError') throw error
      throw Object.assign(new Error('refused by the host', { cause: error }), { name: 'AbortError' })
    }
  }
}
