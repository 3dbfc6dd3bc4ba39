import type { SourceConnector } from '@cx/core'
import { Bench } from './driver/bench.ts'
import type { Fixture } from './fixture.ts'
import { describeError, type Law, type LawGroup } from './law.ts'
import { sourceLaws } from './laws/index.ts'

export type LawStatus = 'passed' | 'failed' | 'waived' | 'not_applicable'

export interface LawResult {
  readonly id: string
  readonly group: LawGroup
  /** Why the law is there. */
  readonly reason: string
  readonly status: LawStatus
  /** `failed`: what was expected and seen. `waived`: the waiver's reason. `not_applicable`: what is missing. `passed`: figures, if any. */
  readonly detail?: string
  /** `waived`: what the law found all the same; absent when it would pass now and the waiver can go. */
  readonly violation?: string
  readonly durationMs: number
}

export interface ScoreCard {
  readonly connector: string
  readonly fixture: string
  readonly results: readonly LawResult[]
  readonly counts: Readonly<Record<LawStatus, number>>
  readonly durationMs: number
  /** No law failed. */
  readonly ok: boolean
}

export interface CheckOptions {
  /** Only these laws: ids, or groups such as `list`. */
  readonly only?: readonly string[]
  /** Size of the large document; 1 GiB unless told. */
  readonly bigBytes?: number
  /** Called as each law ends. */
  readonly onResult?: (result: LawResult) => void
}

/** The laws that `only` names; all without it. @throws TypeError on a name that is no law and no group */
export function chooseLaws(only?: readonly string[]): readonly Law[] {
  if (only === undefined) return sourceLaws
  for (const name of only)
    if (!sourceLaws.some((law) => law.id === name || law.group === name))
      throw new TypeError(
        `There is no law or group ${JSON.stringify(name)}. See the table in the README of @cx/testing.`,
      )
  return sourceLaws.filter((law) => only.includes(law.id) || only.includes(law.group))
}

/** @throws TypeError when a waiver has no reason or names no law */
export function checkWaivers(fixture: Fixture): void {
  for (const [id, reason] of Object.entries(fixture.waive ?? {})) {
    if (!sourceLaws.some((law) => law.id === id))
      throw new TypeError(`The fixture waives ${JSON.stringify(id)}, which is no law.`)
    if (reason.trim().length < 10) throw new TypeError(`The waiver of ${id} needs a reason that a reader can judge.`)
  }
}

/** Tries one law in a world of its own. Never throws. */
export async function checkLaw(
  connector: SourceConnector,
  fixture: Fixture,
  law: Law,
  options: Pick<CheckOptions, 'bigBytes'> = {},
): Promise<LawResult> {
  const began = performance.now()
  const outcome = await attempt(connector, fixture, law, options.bigBytes ?? 1024 ** 3)
  const result = { id: law.id, group: law.group, reason: law.reason, durationMs: Math.round(performance.now() - began) }
  const waiver = fixture.waive?.[law.id]
  if (waiver === undefined || outcome.status === 'not_applicable') return { ...result, ...outcome }
  return {
    ...result,
    status: 'waived',
    detail: waiver,
    ...(outcome.status === 'failed' ? { violation: outcome.detail } : {}),
  }
}

type Attempt =
  | { readonly status: 'passed'; readonly detail?: string }
  | { readonly status: 'failed' | 'not_applicable'; readonly detail: string }

async function attempt(connector: SourceConnector, fixture: Fixture, law: Law, bigBytes: number): Promise<Attempt> {
  const bench = new Bench(connector, fixture, { bigBytes })
  const limitMs = fixture.timeoutMs ?? 30_000
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`did not end within ${limitMs} ms`)), limitMs)
  })
  try {
    const detail = await Promise.race([law.run(bench), late])
    return { status: 'passed', ...(detail === undefined ? {} : { detail }) }
  } catch (error) {
    if (error instanceof Error && error.name === 'NotApplicable')
      return { status: 'not_applicable', detail: error.message }
    if (error instanceof Error && error.name === 'LawBroken') return { status: 'failed', detail: error.message }
    return { status: 'failed', detail: `unexpected ${describeError(error)}` }
  } finally {
    clearTimeout(timer)
    await Promise.race([bench.close(), new Promise((resolve) => setTimeout(resolve, 5000).unref())]).catch(() => {})
  }
}

/**
 * Tries every law on a connector, one after another, each in a fresh world of the fixture.
 *
 * @throws TypeError when `only` or a waiver names no law
 */
export async function checkConnector(
  connector: SourceConnector,
  fixture: Fixture,
  options: CheckOptions = {},
): Promise<ScoreCard> {
  checkWaivers(fixture)
  const began = performance.now()
  const results: LawResult[] = []
  for (const law of chooseLaws(options.only)) {
    const result = await checkLaw(connector, fixture, law, options)
    results.push(result)
    options.onResult?.(result)
  }
  const counts = { passed: 0, failed: 0, waived: 0, not_applicable: 0 }
  for (const { status } of results) counts[status] += 1
  const durationMs = Math.round(performance.now() - began)
  return { connector: connector.name, fixture: fixture.name, results, counts, durationMs, ok: counts.failed === 0 }
}
