import { expect, test } from 'vitest'
import type { Limits } from '../src/index.ts'
import { byKind, fixedWindow, type Source, slidingWindow, type Trial, tokenBucket, tryRate } from './rates.ts'

const minute = 60_000
const hour = 60 * minute
const slack: Limits = { requestsPerMinute: 50, burst: 50 }
const notion: Limits = { requestsPerMinute: 180, burst: 10, upToPerMinute: 600 }
const plain: Limits = {}

const trials: readonly (readonly [string, Limits, () => Source, number, Partial<Trial>?])[] = [
  ['50 a minute by the clock, declared', slack, fixedWindow(50, minute), 10],
  ['50 in any minute, declared', slack, slidingWindow(50, minute), 10],
  ['a bucket of 50 that fills by 50 a minute, declared', slack, tokenBucket(50, 50), 10],
  ['a bucket of 5 that fills by 50 a minute, declared', slack, tokenBucket(50, 5), 10],
  ['1 a minute, declared as 50', slack, tokenBucket(1, 1), 60],
  ['3 a second by the clock, declared as 180 a minute', notion, fixedWindow(3, 1_000), 5],
  ['3 in any second, declared as 180 a minute', notion, slidingWindow(3, 1_000), 5],
  ['180 a minute by the clock, declared', notion, fixedWindow(180, minute), 5],
  ['a bucket of 10 that fills by 180 a minute, declared', notion, tokenBucket(180, 10), 5],
  ['the same for 50 workers', notion, tokenBucket(180, 10), 5, { workers: 50 }],
  ['a third of what was declared', notion, tokenBucket(60, 10), 10],
  ['a third of what was declared, by the clock', notion, fixedWindow(60, minute), 10],
  ['10 a second', plain, tokenBucket(600, 100), 5],
  ['10 a second for 50 workers, far away', plain, tokenBucket(600, 10), 5, { workers: 50, latencyMs: 300 }],
  ['5 a second, hardly any burst', plain, tokenBucket(300, 5), 5],
  ['1,000 a minute by the clock', plain, fixedWindow(1_000, minute), 5],
  ['500 in any half minute', plain, slidingWindow(500, minute / 2), 5],
]

for (const [name, limits, source, minutes, more = {}] of trials)
  test(name, async () => {
    const outcome = await tryRate({ ...more, limits, source, minutes })
    expect(outcome.mostRefusals).toBeLessThanOrEqual(1)
    expect(outcome.used).toBeGreaterThanOrEqual(0.95)
  })

test('a limit that is told ahead is used up, and no call is refused at all', async () => {
  // As GitHub counts: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
  const limit = 500
  const told = (now: number) => ({
    'x-ratelimit-reset': String(Math.ceil((Math.floor(now / hour) + 1) * (hour / 1_000))),
  })
  let left = limit
  let window = 0
  const outcome = await tryRate({
    limits: plain,
    minutes: 150,
    status: 403,
    headers: () => ({}),
    source: () => {
      const count = fixedWindow(limit, hour)()
      return (now, kind) => {
        if (Math.floor(now / hour) !== window) {
          window = Math.floor(now / hour)
          left = limit
        }
        const wait = count(now, kind)
        if (wait === undefined) left--
        return wait
      }
    },
    always: (now) => ({ ...told(now), 'x-ratelimit-remaining': String(Math.max(0, left)) }),
  })
  expect(outcome).toMatchObject({ taken: 3 * limit, refused: 0, used: 1 })
})

test('what is told of seconds is not waited for: it is rounded up', async () => {
  const outcome = await tryRate({
    limits: { requestsPerMinute: 600 },
    source: slidingWindow(10, 1_000),
    minutes: 5,
    always: (now) => ({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.ceil((now + 100) / 1_000)) }),
  })
  expect(outcome.mostRefusals).toBeLessThanOrEqual(1)
  expect(outcome.used).toBeGreaterThanOrEqual(0.9)
})

test('an hour’s allowance that ends without warning refuses what is on its way, once', async () => {
  const outcome = await tryRate({ limits: plain, source: fixedWindow(2_000, hour), minutes: 150 })
  expect(outcome.mostRefusals).toBeLessThanOrEqual(1)
  expect(outcome.used).toBeGreaterThanOrEqual(0.99)
})

test('what is counted by itself waits by itself', async () => {
  const source = byKind({ slow: fixedWindow(5, minute), quick: fixedWindow(1_000_000, minute) })
  const limits: Limits = { rateOf: (url) => ({ bucket: url.pathname.split('/')[1]! }) }
  const slow = await tryRate({ limits, source, minutes: 5, kind: 'slow', also: 'quick' })
  expect(slow.mostRefusals).toBeLessThanOrEqual(1)
  expect(slow.taken).toBeGreaterThanOrEqual(24)
  // 80 ms and the way: some 10 a second, all through the pauses of the other kind.
  expect(slow.others).toBeGreaterThan(2_500)
})
