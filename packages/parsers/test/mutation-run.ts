import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ParseOutcome } from '@cx/core/engine'
import { createParserPool } from '../src/index.ts'
import { mutate, randomFrom } from './mutations.ts'

/**
 * Damaged copies of real documents through a pool: `node --conditions=cx-source test/mutation-run.ts [copies] [seed]
 * [folder …]`, by default 300 of each folder of the corpus. Prints how they ended, and each that ended as it should not.
 */
const corpus = process.env.CX_CORPUS ?? fileURLToPath(new URL('../../../../shared/corpus', import.meta.url))
const largest = 300_000
const [copies = '300', seed = '1', ...chosen] = process.argv.slice(2)
if (!existsSync(corpus)) throw new Error(`There is no corpus at ${corpus}; set CX_CORPUS.`)

const pool = createParserPool()
const { signal } = new AbortController()
let bad = 0
for (const folder of (await readdir(corpus, { withFileTypes: true })).filter((entry) => entry.isDirectory())) {
  if (chosen.length > 0 && !chosen.includes(folder.name)) continue
  const inside = join(corpus, folder.name)
  const names = (await readdir(inside)).sort()
  const files = await Promise.all(
    names.map(async (filename) => ({ filename, bytes: await readFile(join(inside, filename)) })),
  )
  const small = files.filter(({ bytes }) => bytes.length > 0 && bytes.length < largest)
  const ends = new Map<string, number>()
  const one = async (copy: number): Promise<void> => {
    const random = randomFrom(Number(seed) * 100_000 + copy)
    const { filename, bytes } = small[random(small.length)]!
    const outcome = await pool.parse({ bytes: mutate(bytes, random), filename }, { signal })
    const end = outcome.ok ? 'ok' : outcome.code
    ends.set(end, (ends.get(end) ?? 0) + 1)
    const trouble = troubleOf(outcome)
    if (trouble === undefined) return
    bad++
    console.log(`${folder.name}/${filename}, seed ${Number(seed) * 100_000 + copy}: ${trouble}`)
  }
  for (let at = 0; at < Number(copies); at += 100)
    await Promise.all(Array.from({ length: Math.min(100, Number(copies) - at) }, async (_, n) => one(at + n)))
  console.log(folder.name.padEnd(8), [...ends].map(([end, count]) => `${end} ${count}`).join(', '))
}
await pool.close()
process.exitCode = bad > 0 ? 1 : 0

function troubleOf(outcome: ParseOutcome): string | undefined {
  if (!outcome.ok) {
    if (['timed_out', 'crashed', 'out_of_memory'].includes(outcome.code)) return `${outcome.code}: ${outcome.message}`
    return outcome.message.length < 15 ? `a reason without words: ${outcome.message}` : undefined
  }
  const { chunks, children = [] } = outcome.document
  return chunks.some(({ text }) => text.trim() !== '') || children.length > 0 ? undefined : 'silent'
}
