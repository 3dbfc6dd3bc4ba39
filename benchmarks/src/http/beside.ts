import { fileURLToPath } from 'node:url'
import { percentile, type Row, row, until } from '../measure.ts'
import { wordAt } from '../words.ts'
import { chunksEach, documents } from './bare.ts'
import { type Answer, ask, startModule, startServer, stop } from './server.ts'

const rounds = 1_500

/** The same queries asked in turn of the server and of a handler that only runs their SQL and prints the rows. */
export async function besideBare(folder: string, database: string): Promise<readonly Row[]> {
  const server = await startServer(folder)
  await until(async () => (await ask(server.port, '/readyz')).status === 200)
  const bare = await startModule(fileURLToPath(new URL('./bare.ts', import.meta.url)), 'bare', database)
  // Each in one to ten of a hundred chunks, both in tens to hundreds: the server leaves very common words out.
  const words = Array.from({ length: 60 }, (_, i) => `${wordAt(150 + i * 7)} ${wordAt(200 + i * 11)}`)
  try {
    const list = await compare(
      () => ask(server.port, '/api/v1/connectors?limit=20'),
      () => ask(bare.port, '/connectors'),
      ({ data, rows }) => (data ?? rows)?.map(({ id }) => id).join() ?? '',
    )
    let [at, beside] = [0, 0]
    const search = await compare(
      () => ask(server.port, '/api/v1/search', { query: words[at++ % words.length] }),
      () => ask(bare.port, '/search', { query: words[beside++ % words.length] }),
      ({ data, rows }) => (data?.results ?? rows)?.map(({ path }) => path).join() ?? '',
    )
    return [
      ratioRow('`GET /connectors`, 20 of 200', list),
      ratioRow(`keyword search over ${(documents * chunksEach).toLocaleString('en')} chunks, two words`, search),
    ]
  } finally {
    await stop(server.process)
    await stop(bare.process)
  }
}

interface Sides {
  readonly ours: readonly number[]
  readonly bare: readonly number[]
}

/** Takes turns, so that whatever else the machine does falls on both. Both must give the same rows. */
async function compare(
  ours: () => Promise<Answer>,
  bare: () => Promise<Answer>,
  shown: (body: Answer['body']) => string,
): Promise<Sides> {
  const sides = { ours: [] as number[], bare: [] as number[] }
  for (let i = 0; i < rounds + 200; i++) {
    const [one, other] = [await ours(), await bare()]
    if (one.status !== 200 || shown(one.body) === '' || shown(one.body) !== shown(other.body))
      throw new Error(`The two do not answer the same: ${one.status} ${shown(one.body)} and ${shown(other.body)}`)
    if (i < 200) continue
    sides.ours.push(one.ms)
    sides.bare.push(other.ms)
  }
  return sides
}

function ratioRow(what: string, { ours, bare }: Sides): Row {
  const [one, other] = [percentile(ours, 0.5), percentile(bare, 0.5)]
  const figure = `${one.toFixed(2)} ms, bare Hono ${other.toFixed(2)} ms: ${(one / other).toFixed(2)} ×`
  return row(`${what}, median`, figure, '≤ 1.5 ×', one <= 1.5 * other)
}
