import type { Limits } from '@cx/core'

/** Calls a minute of Slack's tiers, for each method by itself. https://docs.slack.dev/apis/web-api/rate-limits */
export const tiers = { 2: 20, 3: 50, 4: 100 } as const

/** The tier of each method that the connector calls, from the methods' own pages; `auth.test` has none. */
export const tierOf: Readonly<Record<string, keyof typeof tiers>> = {
  'conversations.list': 2,
  'users.list': 2,
  'usergroups.list': 2,
  'conversations.history': 3,
  'conversations.replies': 3,
  'conversations.info': 3,
  'conversations.join': 3,
  'conversations.members': 4,
  'files.info': 4,
}

/** Slack counts a minute of each method; after a quiet minute all of it may come at once. */
export const limits: Limits = {
  concurrency: 8,
  rateOf({ pathname }) {
    const method = pathname.slice(pathname.lastIndexOf('/') + 1)
    const tier = tierOf[method]
    if (tier === undefined) return undefined
    return { bucket: method, requestsPerMinute: tiers[tier], burst: tiers[tier] }
  },
}
