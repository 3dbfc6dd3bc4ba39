import type { Entry } from '@cx/core'
import type { Bench } from '../driver/bench.ts'
import type { Fault, FaultRange } from '../driver/faults.ts'
import type { Collected } from '../driver/session.ts'
import { describeError, few, type Law, must, NotApplicable, needs } from '../law.ts'

export const completenessLaws: readonly Law[] = [
  failingCall('drop', 'the connection dies'),
  failingCall('unavailable', 'the source answers 503'),
  failingCall('cut', 'the answer ends half-way'),
  {
    id: 'complete.truncated',
    group: 'complete',
    reason:
      'A listing that the source cut off (a cap, `truncated`, an incomplete search) looks like mass deletion unless it throws, reports or goes around it.',
    needs: '`truncate`',
    async run(bench) {
      const world = await bench.world()
      needs(world.truncate, 'the fixture has no `truncate`')
      await bench.plant()
      const session = await bench.open()
      const whole = await session.list()
      await world.truncate!()
      return honest(await (await bench.open()).tryList(), whole.entries, 'a truncated listing')
    },
  },
  {
    id: 'complete.unreadable',
    group: 'complete',
    reason:
      'One folder that may not be read is reported; it neither ends the sync nor deletes what was indexed from it.',
    needs: '`deny`',
    async run(bench) {
      const world = await bench.world()
      needs(world.deny, 'the fixture has no `deny`')
      const planted = await bench.plant()
      const whole = await (await bench.open()).list()
      const denied = planted.find((document) => document.path.includes('/')) ?? planted[0]!
      await world.deny!(denied.key)
      await world.settle?.()
      const session = await bench.open()
      const seen = await session.tryList()
      must(seen.error === undefined, () => `one unreadable document ended the listing: ${describeError(seen.error)}`)
      const entry = seen.entries.find((one) => one.path === denied.path)
      if (entry === undefined) return honest(seen, whole.entries, 'a listing with an unreadable part')
      const refused = await session.text(entry).catch((error: unknown) => error)
      must(
        refused instanceof Error,
        `${denied.path} was made unreadable; it is listed, not reported, and read succeeds`,
      )
      return `listed; read says ${describeError(refused)}`
    },
  },
]

function failingCall(kind: 'drop' | 'unavailable' | 'cut', what: string): Law {
  return {
    id: `complete.${kind}`,
    group: 'complete',
    reason: `When ${what} at any call of a listing, it throws or reports; if it just ended, everything after would be deleted.`,
    needs: '`fetch` or `faults`',
    async run(bench) {
      await bench.plant()
      const calls = await listingCalls(bench)
      const faults = bench.faults(kind)
      const ranges: FaultRange[] = spread(calls).map((n) => ({ from: n, to: n }))
      ranges.push({ from: Math.ceil((calls + 1) / 2), to: Number.POSITIVE_INFINITY })
      for (const range of ranges) {
        const session = await bench.open()
        const whole = await session.list()
        faults.inject({ kind } as Fault, range)
        const seen = await session.tryList()
        faults.clear()
        honest(
          seen,
          whole.entries,
          `${kind} at call ${range.from}${range.to === range.from ? '' : ' and all after it'}`,
        )
        await session.close()
      }
      return `${calls} calls a listing`
    },
  }
}

/** How many calls one listing makes. @throws NotApplicable when none can be seen */
async function listingCalls(bench: Bench): Promise<number> {
  const session = await bench.open()
  await session.list()
  const before = bench.faults().calls().length
  await session.list()
  const calls = bench.faults().calls().length - before
  await session.close()
  if (calls === 0) throw new NotApplicable('a listing makes no call that the kit can see')
  return calls
}

/** At most twelve call numbers out of `count`, with the first and the last. */
function spread(count: number): number[] {
  if (count <= 12) return Array.from({ length: count }, (_, index) => index + 1)
  return Array.from({ length: 12 }, (_, index) => 1 + Math.round((index * (count - 1)) / 11))
}

/** A listing that ended by itself must hold everything but what lies under its unreadable parts. */
function honest(seen: Collected, expected: readonly Entry[], where: string): string {
  if (seen.error !== undefined) return `throws ${describeError(seen.error)}`
  const listed = new Set(seen.entries.map((entry) => entry.id))
  const lost = expected.filter(
    (entry) => !listed.has(entry.id) && !seen.unreadable.some((part) => covers(part.path, entry.path)),
  )
  must(
    lost.length === 0,
    () =>
      `${where}: the listing ended as if whole, without ${lost.length} of ${expected.length} entries (${few(lost.map((entry) => entry.path))}) and without reporting them`,
  )
  return seen.unreadable.length > 0
    ? `reports ${few(seen.unreadable.map((part) => part.path))}`
    : 'goes on and lists everything'
}

function covers(part: string, path: string): boolean {
  return part === '' || part === '/' || path === part || path.startsWith(part.endsWith('/') ? part : `${part}/`)
}
