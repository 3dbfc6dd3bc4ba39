/** A clock that stands still until a test moves it. Fits the engine's `Clock`. */
export interface FakeClock {
  /** Epoch milliseconds. */
  now(): number
  /** Resolves when {@link FakeClock.advance} has passed `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Moves time on; everything that falls due wakes in order, and what it then sleeps for counts from its own time. */
  advance(ms: number): Promise<void>
  /** How many sleep now, and when the next one wakes. */
  readonly sleeping: number
  readonly next: number | undefined
}

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

export function createFakeClock(start: number = Date.UTC(2026, 0, 1)): FakeClock {
  let time = start
  let sleepers: Sleeper[] = []
  const first = (): Sleeper | undefined => sleepers.toSorted((a, b) => a.at - b.at)[0]
  return {
    now: () => time,
    get sleeping() {
      return sleepers.length
    },
    get next() {
      return first()?.at
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const sleeper: Sleeper = {
          at: time + ms,
          wake: () => {
            signal?.removeEventListener('abort', onAbort)
            resolve()
          },
        }
        const onAbort = () => {
          sleepers = sleepers.filter((one) => one !== sleeper)
          reject(signal?.reason)
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        sleepers.push(sleeper)
      }),
    async advance(ms) {
      const end = time + ms
      for (let due = first(); due !== undefined && due.at <= end; due = first()) {
        const woken = due
        time = Math.max(time, woken.at)
        sleepers = sleepers.filter((one) => one !== woken)
        woken.wake()
        // Lets what was woken run until it sleeps again.
        await new Promise((resolve) => setImmediate(resolve))
      }
      time = end
    },
  }
}
