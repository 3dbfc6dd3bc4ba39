import { createFetch, Limiter } from '../src/engine/index.ts'
import type { Limits } from '../src/index.ts'
import { VirtualTime } from './virtual-time.ts'

/** How a source counts: undefined takes the call, a number refuses it for so many milliseconds. */
export type Source = (now: number, bucket: string) => number | undefined

/** So many calls in each period of the clock. */
export function fixedWindow(calls: number, windowMs: number): () => Source {
  return () => {
    let window = -1
    let used = 0
    return (now) => {
      if (Math.floor(now / windowMs) !== window) {
        window = Math.floor(now / windowMs)
        used = 0
      }
      if (used >= calls) return (window + 1) * windowMs - now
      used++
      return undefined
    }
  }
}

/** So many calls in any period of that length. */
export function slidingWindow(calls: number, windowMs: number): () => Source {
  return () => {
    let taken: number[] = []
    return (now) => {
      taken = taken.filter((at) => at > now - windowMs)
      if (taken.length >= calls) return taken[0]! + windowMs - now
      taken.push(now)
      return undefined
    }
  }
}

/** A bucket that holds so many calls and fills at a rate. */
export function tokenBucket(perMinute: number, holds: number): () => Source {
  return () => {
    const perMs = perMinute / 60_000
    let tokens = holds
    let at: number | undefined
    return (now) => {
      tokens = Math.min(holds, tokens + (now - (at ?? now)) * perMs)
      at = now
      if (tokens < 1) return (1 - tokens) / perMs
      tokens -= 1
      return undefined
    }
  }
}

/** Each kind of call counted by itself. */
export function byKind(kinds: Readonly<Record<string, () => Source>>): () => Source {
  return () => {
    const made = Object.fromEntries(Object.entries(kinds).map(([name, make]) => [name, make()]))
    return (now, kind) => made[kind]!(now, kind)
  }
}

export interface Outcome {
  /** What was taken, of what would have been by someone who asks every millisecond. */
  readonly used: number
  readonly taken: number
  readonly refused: number
  /** The most often that one call was refused. */
  readonly mostRefusals: number
  /** Calls of {@link Trial.also} that were taken. */
  readonly others: number
}

export interface Trial {
  readonly limits: Limits
  readonly source: () => Source
  /** What the source says when it refuses; `Retry-After` in whole seconds unless told. */
  readonly headers?: (waitMs: number, now: number) => Record<string, string>
  /** On every answer, taken or not. */
  readonly always?: (now: number) => Record<string, string>
  readonly status?: number
  readonly minutes: number
  /** Calls at once, one after the other without a pause. */
  readonly workers?: number
  readonly latencyMs?: number
  readonly kind?: string
  /** One more worker makes calls of this kind. */
  readonly also?: string
}

/** The host's `fetch` against a source that counts, without a moment of real waiting. */
export async function tryRate(trial: Trial): Promise<Outcome> {
  const { limits, source, minutes, workers = 8, latencyMs = 80, kind = 'x', also, status = 429 } = trial
  const { headers = (ms) => ({ 'retry-after': String(Math.ceil(ms / 1_000)) }), always = () => ({}) } = trial
  const time = new VirtualTime()
  const count = source()
  const start = time.now()
  const end = start + minutes * 60_000
  let taken = 0
  let refused = 0
  let others = 0
  const refusals = new Map<string, number>()
  const stop = new AbortController()
  let jitter = 0
  const vendor: typeof globalThis.fetch = async (input) => {
    // Calls do not take the same time to get there, and overtake each other.
    jitter = (jitter * 7 + 13) % 31
    await time.sleep(latencyMs / 2 + jitter, stop.signal)
    const now = time.now()
    const of = new URL(String(input)).pathname.split('/')[1]!
    const wait = count(now, of)
    if (wait === undefined && of === also) others++
    else if (wait === undefined) taken++
    else {
      refused++
      refusals.set(String(input), (refusals.get(String(input)) ?? 0) + 1)
    }
    const answer = new Response('', {
      status: wait === undefined ? 200 : status,
      headers: { ...always(now), ...(wait === undefined ? {} : headers(wait, now)) },
    })
    await time.sleep(latencyMs / 2, stop.signal)
    return answer
  }
  const limiter = new Limiter({ clock: time, ...limits })
  const fetch = createFetch({ fetch: vendor, limiter, clock: time, signal: stop.signal, attempts: 10 })
  let next = 0
  /** As the engine calls a connector: what is refused for long is waited for, and called again. */
  const call = async (url: string): Promise<void> => {
    while (true) {
      const wait = await fetch(url).then(
        (response) => (response.ok ? undefined : Number(response.headers.get('retry-after')) * 1_000),
        ({ retryAfterMs }: { retryAfterMs?: number }) => retryAfterMs ?? 1_000,
      )
      if (wait === undefined) return
      await limiter.wait(wait, stop.signal)
    }
  }
  const working = Array.from({ length: workers + (also ? 1 : 0) }, async (_, worker) => {
    while (time.now() < end) await call(`http://source/${worker < workers ? kind : also}/${next++}`)
  })
  for (const one of working) one.catch(() => {})
  await time.run(end)
  stop.abort(new Error('over'))
  const used = taken / most(source(), { start, end, kind })
  return { used, taken, refused, others, mostRefusals: Math.max(0, ...refusals.values()) }
}

function most(count: Source, { start, end, kind }: { start: number; end: number; kind: string }): number {
  let taken = 0
  for (let now = start; now < end; now++) if (count(now, kind) === undefined) taken++
  return taken
}
