import type { Bench } from '../driver/bench.ts'
import { type Law, must, NotApplicable, needs } from '../law.ts'

/** Cheap calls, unless a fixture declares another number. */
const mostChecks = 3

export const budgetLaws: readonly Law[] = [
  {
    id: 'budget.list',
    group: 'budget',
    reason: 'A call for each entry makes a listing of a large source impossible under its rate limits.',
    needs: '`budgets.list`, `fetch` or `faults`',
    async run(bench) {
      const budget = needs(bench.fixture.budgets?.list, 'the fixture declares no `budgets.list`')
      await bench.plant()
      const session = await bench.open()
      const { entries } = await session.list()
      const calls = await count(bench, () => session.list())
      const allowed = budget(entries.length)
      must(calls <= allowed, `a listing of ${entries.length} entries makes ${calls} calls; declared are ${allowed}`)
      return `${calls} calls for ${entries.length} entries, ${Math.ceil((calls * 1000) / Math.max(1, entries.length))} per 1,000`
    },
  },
  {
    id: 'budget.unchanged',
    group: 'budget',
    reason: 'A sync without news should cost next to nothing.',
    needs: '`changes`, `budgets.unchanged`, `fetch` or `faults`',
    async run(bench) {
      if (bench.connector.changes === undefined) throw new NotApplicable('the connector has no `changes`')
      const allowed = needs(bench.fixture.budgets?.unchanged, 'the fixture declares no `budgets.unchanged`')
      await bench.plant()
      const session = await bench.open()
      const cursor = await session.now()
      const calls = await count(bench, () => session.since(cursor))
      must(calls <= allowed, `a feed without news makes ${calls} calls; declared are ${allowed}`)
      return `${calls} calls`
    },
  },
  {
    id: 'budget.acls',
    group: 'budget',
    reason: 'A permission refresh runs over everything, so a call for each entry must at least be declared.',
    needs: '`permissions`, `budgets.acls`, `fetch` or `faults`',
    async run(bench) {
      if (bench.connector.permissions === undefined) throw new NotApplicable('the connector has no `permissions`')
      const budget = needs(bench.fixture.budgets?.acls, 'the fixture declares no `budgets.acls`')
      await bench.plant()
      const session = await bench.open()
      const { entries } = await session.list()
      const calls = await count(bench, () => session.acls(entries))
      const allowed = budget(entries.length)
      must(calls <= allowed, `access lists of ${entries.length} entries take ${calls} calls; declared are ${allowed}`)
      return `${calls} calls for ${entries.length} entries`
    },
  },
  {
    id: 'budget.check',
    group: 'budget',
    reason: 'Every sync begins with `check`: what it asks besides comes on top of each.',
    needs: '`fetch` or `faults`',
    async run(bench) {
      const allowed = bench.fixture.budgets?.check ?? mostChecks
      await bench.plant()
      // What one session has learnt, the next one has to ask again.
      await (await bench.open()).list()
      const session = await bench.open()
      const calls = await count(bench, () => session.check())
      must(calls <= allowed, `a check makes ${calls} calls; ${allowed} are allowed`)
      return `${calls} calls`
    },
  },
  {
    id: 'budget.read',
    group: 'budget',
    reason: 'Reading is what a first sync does most.',
    needs: '`budgets.read`, `fetch` or `faults`',
    async run(bench) {
      const allowed = needs(bench.fixture.budgets?.read, 'the fixture declares no `budgets.read`')
      await bench.plant(2)
      const session = await bench.open()
      const { entries } = await session.list()
      const calls = await count(bench, () => session.text(entries[0]!))
      must(calls <= allowed, `reading one entry makes ${calls} calls; declared are ${allowed}`)
      return `${calls} calls`
    },
  },
]

async function count(bench: Bench, work: () => Promise<unknown>): Promise<number> {
  const faults = bench.faults()
  const before = faults.calls().length
  await work()
  return faults.calls().length - before
}
