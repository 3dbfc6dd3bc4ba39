import { connectors } from './connectors.ts'
import { corpus } from './corpus.ts'
import { http } from './http.ts'
import { large } from './large.ts'
import { type Row, row, table } from './measure.ts'
import { pages } from './pages.ts'
import { parsers } from './parsers.ts'
import { rates } from './rates.ts'
import { resync } from './resync.ts'
import { search } from './search.ts'
import { sources } from './sources.ts'

/** Every section runs its work in processes of their own, one after the other: run this on a machine that does nothing else. */
const sections: Readonly<Record<string, () => Promise<readonly Row[]>>> = {
  connectors,
  corpus,
  http,
  large,
  pages,
  parsers,
  rates,
  resync,
  search,
  sources,
}

const chosen = process.argv.slice(2)
const unknown = chosen.find((name) => !(name in sections))
if (unknown !== undefined) {
  console.error(`There is no section "${unknown}"; there are: ${Object.keys(sections).join(', ')}.`)
  process.exit(2)
}
const rows: Row[] = []
for (const [name, measure] of Object.entries(sections)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  console.error(`Measuring ${name} …`)
  try {
    rows.push(...(await measure()))
  } catch (error) {
    rows.push(row(name, `failed: ${error instanceof Error ? error.message : error}`, '', false))
  }
}
console.log(table(rows))
process.exit(rows.every(({ ok }) => ok) ? 0 : 1)
