import type { Entry, Json } from '@cx/core'
import type { Bench } from '../driver/bench.ts'
import { byId, mustBeSame } from '../driver/compare.ts'
import { refusalOf } from '../driver/refusal.ts'
import type { Collected } from '../driver/session.ts'
import { type Law, must, NotApplicable, show } from '../law.ts'

/** What a checkpoint of another connector, another version or a damaged row may look like. */
export const abnormalCursors: readonly Json[] = [
  'cx garbage',
  '',
  -1,
  9e15,
  null,
  true,
  [],
  {},
  { page: 'x' },
  'AAAA'.repeat(400),
]

export const resumeLaws: readonly Law[] = [
  {
    id: 'resume.every_checkpoint',
    group: 'resume',
    reason:
      'A run that crashed goes on from its last checkpoint: what stood before it and what comes after must be everything.',
    needs: '`list` yields checkpoints',
    async run(bench) {
      const whole = await withCheckpoints(bench)
      const expected = byId(whole.entries)
      for (const { cursor, after } of whole.checkpoints) {
        const session = await bench.open()
        const rest = await session.list({ resume: cursor })
        const together = byId([...whole.entries.slice(0, after), ...rest.entries])
        mustBeSame(together, expected, `resumed from the checkpoint after ${after} entries`)
        await session.close()
      }
      return `${whole.checkpoints.length} checkpoints`
    },
  },
  {
    id: 'resume.kill_each_batch',
    group: 'resume',
    reason: 'Killed again and again, a sync still comes to its end and loses nothing.',
    needs: '`list` yields checkpoints',
    async run(bench) {
      const whole = await withCheckpoints(bench)
      const seen = new Map<string, Entry>()
      let resume: Json | undefined
      let kills = 0
      for (;;) {
        const session = await bench.open()
        // Far enough to pass the next checkpoint, and killed in the batch after it.
        const next = whole.checkpoints[kills]
        const stop = next ? next.after - (whole.checkpoints[kills - 1]?.after ?? 0) + 2 : Number.POSITIVE_INFINITY
        const part = await session.list({ ...(resume === undefined ? {} : { resume }), stopAfter: stop })
        await session.close()
        if (part.whole) {
          for (const entry of part.entries) seen.set(entry.id, entry)
          break
        }
        // What stood behind the last checkpoint was in flight and died with the process.
        const last = part.checkpoints.at(-1)
        for (const entry of part.entries.slice(0, last?.after ?? 0)) seen.set(entry.id, entry)
        resume = last?.cursor ?? resume
        kills += 1
        must(kills <= whole.checkpoints.length + 1, 'the listing does not come to its end')
      }
      mustBeSame(seen, byId(whole.entries), `killed ${kills} times`)
      return `${kills} kills`
    },
  },
  {
    id: 'resume.goes_on',
    group: 'resume',
    reason: 'A resumed listing that begins over makes a long first sync endless.',
    needs: '`list` yields checkpoints',
    async run(bench) {
      const whole = await withCheckpoints(bench)
      const last = whole.checkpoints.findLast((one) => one.after > 0)
      if (last === undefined) throw new NotApplicable('no checkpoint stands behind an entry')
      const rest = await (await bench.open()).list({ resume: last.cursor })
      must(
        rest.entries.length < whole.entries.length,
        `resumed after ${last.after} of ${whole.entries.length} entries, the listing yields ${rest.entries.length} entries`,
      )
      return undefined
    },
  },
  {
    id: 'resume.abnormal',
    group: 'resume',
    reason: 'A checkpoint that the connector cannot make sense of must not turn into a short listing.',
    needs: '`list` yields checkpoints',
    async run(bench) {
      const whole = await withCheckpoints(bench)
      for (const resume of abnormalCursors) {
        const session = await bench.open()
        const seen = await session.tryList({ resume })
        if (seen.error !== undefined) {
          const { code, text } = refusalOf(seen.error)
          must(
            code === 'cursor_expired',
            `resume ${show(resume, 40)} gave ${text}; expected a ConnectorError "cursor_expired"`,
          )
        } else
          mustBeSame(
            byId(seen.entries),
            byId(whole.entries),
            `resume ${show(resume, 40)} was accepted, and the listing`,
          )
        await session.close()
      }
      return undefined
    },
  },
]

async function withCheckpoints(bench: Bench): Promise<Collected> {
  await bench.plant()
  const session = await bench.open()
  const whole = await session.list()
  await session.close()
  if (whole.checkpoints.length === 0) throw new NotApplicable('`list` yields no checkpoint')
  return whole
}
