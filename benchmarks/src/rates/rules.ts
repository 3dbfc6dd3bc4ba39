import { fixedWindow, tokenBucket } from '../../../packages/core/test/rates.ts'

/** One vendor's way of counting and refusing. */
export interface Counting {
  /** The refusal, or undefined where the call is let through. */
  before(url: URL, now: number): Response | undefined
  /** The answer as the vendor sends it. */
  after(url: URL, response: Response, now: number): Response | Promise<Response>
  /** Share of what was permitted until now. */
  used(now: number): number
}

export interface Rule {
  readonly limit: string
  /** Times faster than real. */
  readonly speed: number
  /** Given up after so many real milliseconds: the source wants a wait that no run outlives. */
  readonly longestMs?: number
  counts(url: URL): boolean
  start(began: number): Counting
}

const minute = 60_000
const hour = 60 * minute
const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  Response.json(body, { status, headers })
const seconds = (ms: number) => String(Math.ceil(ms / 1_000))

/** Calls by a model of counting. The first and the last minute are not whole, and do not count. */
function byCalls(
  make: () => (now: number, kind: string) => number | undefined,
  perMinute: number,
  refuse: (waitMs: number) => Response,
) {
  return (): Counting => {
    const count = make()
    const taken = new Map<number, number>()
    return {
      before(_, now) {
        const wait = count(now, '')
        if (wait !== undefined) return refuse(wait)
        const at = Math.floor(now / minute)
        taken.set(at, (taken.get(at) ?? 0) + 1)
        return undefined
      },
      after: (_, response) => response,
      used() {
        const first = Math.min(...taken.keys())
        const minutes = Math.max(...taken.keys()) - first - 1
        const whole = [...taken].filter(([at]) => at > first && at <= first + minutes)
        return whole.reduce((sum, [, calls]) => sum + calls, 0) / (minutes * perMinute)
      },
    }
  }
}

interface Pool {
  readonly size: number
  readonly periodMs: number
  /** Of a call, before it is made; what comes on top is known by its answer. */
  cost(url: URL): number
  costOf?(response: Response): Promise<number>
  refuse(waitMs: number, now: number): Response
  headers?(left: number, resetAt: number): Record<string, string>
}

/** So many points in each period of the clock. The last period is not over, and does not count. */
function byPool({ size, periodMs, cost, costOf, refuse, headers }: Pool) {
  return (began: number): Counting => {
    const spent: number[] = []
    const period = (now: number) => Math.floor((now - began) / periodMs)
    const left = (now: number) => size - (spent[period(now)] ?? 0)
    const spend = (points: number, now: number) => {
      spent[period(now)] = (spent[period(now)] ?? 0) + points
    }
    const resetAt = (now: number) => began + (period(now) + 1) * periodMs
    return {
      before(url, now) {
        if (left(now) < cost(url)) return refuse(resetAt(now) - now, now)
        spend(cost(url), now)
        return undefined
      },
      async after(_, response, now) {
        if (costOf && response.ok) spend(await costOf(response.clone()), now)
        if (!headers) return response
        const all = new Headers(response.headers)
        for (const [name, value] of Object.entries(headers(Math.max(0, left(now)), resetAt(now)))) all.set(name, value)
        return new Response(response.body, { status: response.status, headers: all })
      },
      used() {
        const whole = spent.slice(0, -1)
        if (whole.length === 0) return (spent[0] ?? 0) / size
        return whole.reduce((sum, one) => sum + Math.min(size, one ?? 0), 0) / (whole.length * size)
      },
    }
  }
}

const slackRefuses = (ms: number) => json(429, { ok: false, error: 'ratelimited' }, { 'retry-after': seconds(ms) })
const slack = (make: ReturnType<typeof tokenBucket>, perMinute: number): Rule => ({
  limit: `${perMinute} replies a minute`,
  speed: 10,
  counts: ({ pathname }) => pathname.endsWith('/conversations.replies'),
  start: byCalls(make, perMinute, slackRefuses),
})
const notion = (make: ReturnType<typeof tokenBucket>, limit: string): Rule => ({
  limit,
  speed: 15,
  counts: () => true,
  start: byCalls(make, 180, (ms) =>
    json(
      429,
      { object: 'error', status: 429, code: 'rate_limited', message: 'You have been rate limited.' },
      { 'retry-after': seconds(ms) },
    ),
  ),
})

export const rules = {
  // https://docs.slack.dev/apis/web-api/rate-limits
  'Slack, by the clock': slack(fixedWindow(50, minute), 50),
  'Slack, steadily': slack(tokenBucket(50, 10), 50),
  'Slack, apps sold outside the Marketplace': {
    ...slack(fixedWindow(1, minute), 1),
    speed: 200,
  } satisfies Rule,
  // https://developers.notion.com/reference/request-limits
  'Notion, steadily': notion(tokenBucket(180, 10), '3 calls a second on average'),
  'Notion, by the minute': notion(fixedWindow(180, minute), '180 calls a minute'),
  // https://developer.atlassian.com/cloud/confluence/rate-limiting/
  'Confluence, OAuth': {
    limit: '20,000 points an hour',
    speed: 600,
    counts: ({ pathname }) => pathname.includes('/api/'),
    start: byPool({
      size: 20_000,
      periodMs: hour,
      cost: () => 1,
      async costOf(response) {
        const { results = [] } = (await response.json().catch(() => ({}))) as { results?: unknown[] }
        return results.length
      },
      refuse: (ms) => json(429, { message: 'Rate limit exceeded' }, { 'retry-after': seconds(ms) }),
      headers: (left, resetAt) => ({
        'x-ratelimit-limit': '20000',
        'x-ratelimit-remaining': String(left),
        'x-ratelimit-reset': new Date(resetAt).toISOString(),
      }),
    }),
  } satisfies Rule,
  // https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
  GitHub: {
    limit: '500 calls an hour',
    speed: 600,
    counts: () => true,
    start: byPool({
      size: 500,
      periodMs: hour,
      cost: () => 1,
      refuse: (ms, now) =>
        json(
          403,
          { message: 'API rate limit exceeded for user ID 1.' },
          {
            'x-ratelimit-limit': '500',
            'x-ratelimit-remaining': '0',
            'x-ratelimit-reset': String(Math.ceil((now + ms) / 1_000)),
          },
        ),
      headers: (left, resetAt) => ({
        'x-ratelimit-limit': '500',
        'x-ratelimit-remaining': String(left),
        'x-ratelimit-reset': String(Math.ceil(resetAt / 1_000)),
      }),
    }),
  } satisfies Rule,
  // https://developers.google.com/workspace/drive/api/guides/limits
  'Google Drive': {
    limit: '325,000 units a minute and user',
    speed: 10,
    counts: ({ pathname }) => pathname.includes('/drive/v3/'),
    start: byPool({
      size: 325_000,
      periodMs: minute,
      cost: ({ pathname, searchParams }) =>
        searchParams.get('alt') === 'media' || pathname.endsWith('/export')
          ? 200
          : /\/(files|changes|drives)$/.test(pathname)
            ? 100
            : 5,
      refuse: () =>
        json(403, {
          error: {
            code: 403,
            message: 'User Rate Limit Exceeded.',
            errors: [{ domain: 'usageLimits', reason: 'userRateLimitExceeded', message: 'User Rate Limit Exceeded.' }],
          },
        }),
    }),
  } satisfies Rule,
  // https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_api.htm
  'Salesforce, 20 % left to others': {
    limit: '80 of 100 requests a day',
    speed: 1,
    longestMs: 15_000,
    counts: ({ pathname }) => pathname.includes('/services/data/'),
    start: byPool({
      size: 80,
      periodMs: 24 * hour,
      cost: () => 1,
      refuse: () => json(403, [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }]),
    }),
  } satisfies Rule,
} as const
