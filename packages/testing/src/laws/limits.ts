import type { Bench } from '../driver/bench.ts'
import { byId, mustBeSame } from '../driver/compare.ts'
import type { Faults, SourceCall } from '../driver/faults.ts'
import { refusal, refusalOf } from '../driver/refusal.ts'
import { type Law, must, NotApplicable } from '../law.ts'

/** Clocks and timers are not exact, and HTTP dates have whole seconds. */
const toleranceMs = 100

export const limitLaws: readonly Law[] = [
  retryAfter('limits.seconds', 'in seconds', () => ({ header: '2', ms: 2000, slackMs: toleranceMs })),
  retryAfter('limits.date', 'as a date', () => {
    const date = new Date(Math.ceil(Date.now() / 1000) * 1000 + 3000)
    return { header: date.toUTCString(), ms: date.getTime() - Date.now(), slackMs: 1000 + toleranceMs }
  }),
  {
    id: 'limits.no_herd',
    group: 'limits',
    reason: 'Reads that run side by side do not hammer a source that has just said how long to wait.',
    needs: '`fetch` or `faults`',
    async run(bench) {
      await bench.plant()
      const session = await bench.open()
      const { entries } = await session.list()
      await session.text(entries[0]!)
      const faults = bench.faults('rate_limited')
      const first = faults.calls().length
      faults.inject({ kind: 'rate_limited', retryAfter: '2' }, { from: 1, to: entries.length })
      const sent = performance.now()
      const reads = await Promise.all(entries.map((entry) => refusal(() => session.text(entry))))
      const tookMs = performance.now() - sent
      faults.clear()
      const calls = faults.calls().slice(first)
      if (calls.length === 0) throw new NotApplicable('reading makes no call that the kit can see')
      noCallTooEarly(calls, 2000 - toleranceMs)
      for (const { code, text } of reads)
        must(
          code === 'rate_limited' || (code === 'none' && tookMs > 1900),
          `a read that was refused for 2 s ended after ${Math.round(tookMs)} ms with ${text}`,
        )
      return `${entries.length} reads, ${calls.length} calls`
    },
  },
]

function retryAfter(id: string, form: string, make: () => { header: string; ms: number; slackMs: number }): Law {
  return {
    id,
    group: 'limits',
    reason: `A 429 with Retry-After ${form} is \`rate_limited\` with that time, or is waited for; no call comes before its time.`,
    needs: '`fetch` or `faults`',
    async run(bench: Bench) {
      await bench.plant()
      const session = await bench.open()
      const whole = await session.list()
      const faults: Faults = bench.faults('rate_limited')
      const first = faults.calls().length
      const { header, ms, slackMs } = make()
      const due = Date.now() + ms
      faults.inject({ kind: 'rate_limited', retryAfter: header }, { from: 1, to: 1 })
      const seen = await session.tryList()
      faults.clear()
      const calls = faults.calls().slice(first)
      if (calls.length === 0) throw new NotApplicable('a listing makes no call that the kit can see')
      noCallTooEarly(calls, ms - slackMs)
      if (seen.error === undefined) {
        mustBeSame(byId(seen.entries), byId(whole.entries), 'the listing that was told to wait')
        return 'waits by itself'
      }
      const { code, text, retryAfterMs } = refusalOf(seen.error)
      must(code === 'rate_limited', `429 gave ${text}; expected a ConnectorError "rate_limited"`)
      const given = retryAfterMs ?? Number.NaN
      // A busy machine may have let some of the time pass before the connector looked at its clock.
      const least = Math.min(ms, due - Date.now()) - slackMs
      must(
        given >= least && given <= ms + 60_000,
        `Retry-After: ${header} (${ms} ms) became retryAfterMs ${retryAfterMs}: pass it on, in milliseconds`,
      )
      return `rate_limited, ${retryAfterMs} ms`
    },
  }
}

/** Calls that were already on their way when the first refusal was answered do not count. */
function noCallTooEarly(calls: readonly SourceCall[], waitMs: number): void {
  const refused = calls.find((call) => call.fault === 'rate_limited')
  const answeredAt = refused?.answeredAt ?? refused?.at
  if (answeredAt === undefined) return
  const early = calls.filter((call) => call.at > answeredAt + 10 && call.at < answeredAt + waitMs)
  must(
    early.length === 0,
    () =>
      `${early.length} calls came before their time, the first after ${early[0]!.at - answeredAt} ms of ${Math.round(waitMs)} ms`,
  )
}
