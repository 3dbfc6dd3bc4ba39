import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Bench } from '../driver/bench.ts'
import { pause } from '../driver/faults.ts'
import { describeError, type Law, must, NotApplicable, needs } from '../law.ts'

const megabyte = 1024 * 1024
const abortMs = 1000

export const resourceLaws: readonly Law[] = [
  {
    id: 'resources.abort_list',
    group: 'resources',
    reason: 'Cancel must end a listing within a second, with a source that never answers too.',
    needs: '`fetch` or `faults` (hang)',
    async run(bench) {
      await bench.plant()
      const session = await bench.open()
      await session.list()
      return abortsInTime(bench, 'list', (signal) => session.tryList({ signal }))
    },
  },
  {
    id: 'resources.abort_read',
    group: 'resources',
    reason: 'Cancel must end a read within a second, with a source that never answers too.',
    needs: '`fetch` or `faults` (hang)',
    async run(bench) {
      await bench.plant(2)
      const session = await bench.open()
      const { entries } = await session.list()
      await session.text(entries[0]!)
      return abortsInTime(bench, 'read', (signal) => session.text(entries[0]!, signal))
    },
  },
  {
    id: 'resources.aborted_before',
    group: 'resources',
    reason: 'A run that is cancelled before it begins does not begin, and never looks like a short whole listing.',
    async run(bench) {
      await bench.plant()
      const session = await bench.open()
      const whole = await session.list()
      const signal = AbortSignal.abort(new Error('cancelled by the kit'))
      const { settled, tookMs } = await within(session.tryList({ signal }), abortMs * 3)
      must(settled !== undefined && tookMs <= abortMs, 'a listing under an aborted signal did not end within a second')
      must(
        settled.error !== undefined || settled.entries.length === whole.entries.length,
        `a listing under an aborted signal ended as if whole with ${settled.entries.length} of ${whole.entries.length} entries`,
      )
      return settled.error === undefined ? 'lists all the same' : `throws ${describeError(settled.error)}`
    },
  },
  {
    id: 'resources.handles',
    group: 'resources',
    reason: 'A session that leaves a timer, socket or file behind leaks one at every sync.',
    async run(bench) {
      await bench.plant(4)
      const session = async () => {
        const one = await bench.open()
        const { entries } = await one.list()
        await one.text(entries[0]!)
        const { body } = await one.read(entries[1]!)
        if (body instanceof ReadableStream) await body.cancel()
        await one.close()
      }
      // Pools and keep-alive sockets are made at first use and may stay; what grows with each session may not.
      for (let warm = 0; warm < 2; warm++) await session()
      const before = resources()
      const rounds = 8
      for (let round = 0; round < rounds; round++) await session()
      let grown = growth(before, resources(), rounds)
      for (let waited = 0; grown.length > 0 && waited < 3000; waited += 100) {
        await pause(100)
        grown = growth(before, resources(), rounds)
      }
      must(
        grown.length === 0,
        `after ${rounds} closed sessions there are more open handles than before: ${grown.join(', ')}`,
      )
      return undefined
    },
  },
  {
    id: 'resources.many_entries',
    group: 'resources',
    reason: 'Ten thousand entries pass through a listing one after another; they are not collected first.',
    needs: '`big.entries`',
    async run(bench) {
      const world = await bench.world()
      const make = needs(world.big?.entries, 'the fixture has no `big.entries`')
      const count = 10_000
      await make.call(world.big, count)
      const session = await bench.open()
      const memory = watchMemory()
      let seen = 0
      const run = { ...session.run(), unreadable: () => {} }
      for await (const item of bench.connector.list(session.raw, run as never)) {
        if (!('kind' in item)) seen += 1
        memory.look()
      }
      must(seen === count, `${seen} of ${count} entries are listed`)
      const grown = memory.grownMegabytes()
      must(grown < 150, `listing ${count} entries took ${grown} MB`)
      return `${count} entries, ${grown} MB`
    },
  },
  {
    id: 'resources.large_file',
    group: 'resources',
    reason: 'A large document is a stream; a connector that buffers it takes the host down.',
    needs: '`big.file`',
    async run(bench) {
      const world = await bench.world()
      const make = needs(world.big?.file, 'the fixture has no `big.file`')
      await make.call(world.big, 'docs/large.bin', bench.bigBytes)
      const session = await bench.open()
      const { entries } = await session.list()
      const entry = entries.find((one) => one.path === bench.path('docs/large.bin'))
      must(entry !== undefined, 'the large file is not listed')
      const memory = watchMemory()
      const { body } = await session.read(entry)
      must(body instanceof ReadableStream, 'the body of a large file is not a ReadableStream')
      let bytes = 0
      for await (const chunk of body) {
        bytes += chunk.byteLength
        memory.look()
      }
      must(bytes === bench.bigBytes, `${bytes} of ${bench.bigBytes} bytes arrived`)
      const grown = memory.grownMegabytes()
      must(grown < 160, `reading ${Math.round(bytes / megabyte)} MB took ${grown} MB of memory`)
      return `${Math.round(bytes / megabyte)} MB read in ${grown} MB`
    },
  },
]

async function abortsInTime(
  bench: Bench,
  verb: string,
  start: (signal: AbortSignal) => Promise<unknown>,
): Promise<string> {
  const faults = bench.faults('hang')
  const before = faults.calls().length
  faults.inject({ kind: 'hang' }, { from: 1, to: Number.POSITIVE_INFINITY })
  const controller = new AbortController()
  let settledEarly = false
  const work = start(controller.signal).then(
    () => {
      settledEarly = true
    },
    () => {
      settledEarly = true
    },
  )
  for (let waited = 0; faults.calls().length === before && !settledEarly && waited < 5000; waited += 10) await pause(10)
  if (faults.calls().length === before) throw new NotApplicable(`${verb} makes no call that the kit can see`)
  controller.abort(new Error('cancelled by the kit'))
  const { settled, tookMs } = await within(
    work.then(() => true),
    abortMs * 3,
  )
  faults.clear()
  must(
    settled && tookMs <= abortMs,
    `${verb} did not end within a second of the abort: pass \`signal\` on to every call`,
  )
  return `${Math.round(tookMs)} ms`
}

async function within<T>(
  work: Promise<T>,
  ms: number,
): Promise<{ readonly settled: T | undefined; readonly tookMs: number }> {
  const began = performance.now()
  const timer = new AbortController()
  const late = pause(ms, timer.signal).then(
    () => undefined,
    () => undefined,
  )
  const settled = await Promise.race([work, late])
  timer.abort()
  return { settled, tookMs: performance.now() - began }
}

function resources(): Map<string, number> {
  const count = new Map<string, number>()
  for (const type of process.getActiveResourcesInfo()) count.set(type, (count.get(type) ?? 0) + 1)
  return count
}

function growth(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>, rounds: number): string[] {
  return [...after].flatMap(([type, count]) => {
    const more = count - (before.get(type) ?? 0)
    return more >= rounds ? [`${more} × ${type}`] : []
  })
}

function watchMemory(): { look(): void; grownMegabytes(): number } {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
  const base = process.memoryUsage.rss()
  let peak = base
  let looked = 0
  return {
    look() {
      looked += 1
      if (looked % 64 === 0) peak = Math.max(peak, process.memoryUsage.rss())
    },
    grownMegabytes: () => Math.round((Math.max(peak, process.memoryUsage.rss()) - base) / megabyte),
  }
}
