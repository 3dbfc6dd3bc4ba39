import { ApiError } from './errors.ts'

/** Takes one request of this key. @returns headers that say what is left. @throws ApiError `rate_limit_exceeded` */
export type RateLimit = (key: string) => Readonly<Record<string, string>>

interface Bucket {
  tokens: number
  at: number
}

/** A token bucket per key: bursts up to `perMinute`, refilled evenly. Zero turns it off. */
export function createRateLimit(perMinute: number, now: () => number = Date.now): RateLimit {
  const buckets = new Map<string, Bucket>()
  const perMs = perMinute / 60_000
  return (key) => {
    if (perMinute === 0) return {}
    const at = now()
    const bucket = buckets.get(key) ?? { tokens: perMinute, at }
    bucket.tokens = Math.min(perMinute, bucket.tokens + (at - bucket.at) * perMs)
    bucket.at = at
    buckets.set(key, bucket)
    if (bucket.tokens < 1)
      throw new ApiError(
        'rate_limit_exceeded',
        `This key may make ${perMinute} requests a minute. Wait, then try again.`,
        {
          retryAfter: Math.ceil((1 - bucket.tokens) / perMs / 1000),
        },
      )
    bucket.tokens -= 1
    return {
      'X-RateLimit-Limit': String(perMinute),
      'X-RateLimit-Remaining': String(Math.floor(bucket.tokens)),
      'X-RateLimit-Reset': String(Math.ceil((at + (perMinute - bucket.tokens) / perMs) / 1000)),
    }
  }
}
