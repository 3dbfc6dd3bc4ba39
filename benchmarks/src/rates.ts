import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { SourceConnector } from '@cx/core'
import type { Clock } from '@cx/core/engine'
import { createSync } from './engine.ts'
import { inFolder, inProcess, oneWord, type Row, row } from './measure.ts'
import { type Rule, rules } from './rates/rules.ts'
import { type Source, sourcesOf } from './rates/sources.ts'

interface Result {
  readonly used: number
  readonly calls: number
  readonly refused: number
  readonly most: number
  readonly minutes: number
}

/** Each connector at its vendor's limit, through the engine's own limiter: time runs faster, for the vendor too. */
export async function rates(): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const [name, { limit }] of Object.entries(rules)) {
    const { used, calls, refused, most, minutes } = await inProcess<Result>(fileURLToPath(import.meta.url), name)
    const share = `${(used * 100).toFixed(1)} % used, ${refused} of ${calls} calls refused, none more than ${most}×, in ${Math.round(minutes)} min`
    rows.push(row(`${name} at ${limit}`, share, '≥ 95 %, ≤ 1×', used >= 0.95 && most <= 1))
  }
  return rows
}

/** So much faster than the machine's. */
function fastClock(speed: number): Clock {
  const began = Date.now()
  const at = performance.now()
  return {
    now: () => began + (performance.now() - at) * speed,
    sleep: async (ms, signal) => {
      await delay(ms / speed, undefined, signal ? { signal } : {}).catch((error: unknown) => {
        throw signal?.aborted ? signal.reason : error
      })
    },
  }
}

/** The vendor's rule in front of its stand-in: what it refuses never gets there. */
function enforce(rule: Rule, clock: Clock) {
  const refusals = new Map<string, number>()
  let calls = 0
  const began = clock.now()
  const count = rule.start(began)
  const call: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const key = `${url} ${typeof init?.body === 'string' ? init.body : ''}`
    await clock.sleep(20, init?.signal ?? undefined)
    if (!rule.counts(url)) return fetch(input, init)
    calls++
    const refusal = count.before(url, clock.now())
    if (refusal) {
      refusals.set(key, (refusals.get(key) ?? 0) + 1)
      return refusal
    }
    return count.after(url, await fetch(input, init), clock.now())
  }
  const report = (): Result => ({
    used: count.used(clock.now()),
    calls,
    refused: [...refusals.values()].reduce((sum, one) => sum + one, 0),
    most: Math.max(0, ...refusals.values()),
    minutes: (clock.now() - began) / 60_000,
  })
  return { call, report }
}

async function measure(name: keyof typeof rules, folder: string): Promise<Result> {
  const rule = rules[name] as Rule
  const source: Source = await sourcesOf[name]()
  const clock = fastClock(rule.speed)
  const file = join(import.meta.dirname, '../../plugins', source.plugin, 'src/index.ts')
  const { default: connector } = (await import(file)) as { default: SourceConnector }
  const { call, report } = enforce(rule, clock)
  const known = Object.entries(connector.config.properties ?? {})
  const defaults = Object.fromEntries(
    known.flatMap(([key, { default: value }]) => (value === undefined ? [] : [[key, value]])),
  )
  const sync = await createSync({
    file: join(folder, 'cx.db'),
    connector,
    parser: oneWord,
    config: { ...defaults, ...source.config },
    credentials: source.credentials,
    clock,
    fetch: call,
  })
  const ended = sync.run()
  const job = await Promise.race([ended, delay(rule.longestMs ?? 90_000).then(() => undefined)])
  const result = report()
  if (job && job.status !== 'completed') throw new Error(`${name}: ${job.status} ${JSON.stringify(job)}`)
  ended.catch(() => {})
  await sync.close()
  await source.stop()
  return result
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await inFolder(async (folder) =>
    console.log(JSON.stringify(await measure(process.argv[2] as keyof typeof rules, folder))),
  )
  process.exit()
}
