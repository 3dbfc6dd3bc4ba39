import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createParserPool } from '@cx/parsers'
import filesystem from '@cx/plugin-filesystem'
import { createSync } from './engine.ts'
import { inFolder, inProcess, mb, memory, type Row, row } from './measure.ts'

interface Result {
  readonly documents: number
  readonly bytes: number
  readonly seconds: number
  readonly peak: number
}

const pairs = 5

/** Real documents where they are, else made ones. */
export const corpusFolder = process.env.CX_CORPUS ?? join(import.meta.dirname, '../../../shared/corpus')

/** A whole first sync of a folder against the same parsers without an engine. */
export async function corpus(): Promise<readonly Row[]> {
  const file = fileURLToPath(import.meta.url)
  return inFolder(async (folder) => {
    const documents = existsSync(corpusFolder) ? corpusFolder : await generate(join(folder, 'made'))
    // In turns, each in a process of its own: one run of some seconds says little.
    const bares: Result[] = []
    const engines: Result[] = []
    for (let pair = 0; pair < pairs; pair++) {
      bares.push(await inProcess<Result>(file, 'bare', documents, folder))
      engines.push(await inProcess<Result>(file, 'engine', documents, await mkdtemp(join(folder, 'engine-'))))
    }
    const [bare, engine] = [median(bares), median(engines)]
    const ratio = bare.seconds / engine.seconds
    const rate = ({ documents, bytes, seconds }: Result) =>
      `${Math.round(documents / seconds)} documents/s, ${(bytes / seconds / 1e6).toFixed(1)} MB/s`
    const name = documents === corpusFolder ? 'the corpus' : 'made documents'
    return [
      row(`Bare loop over ${name} (read, parse, chunk; ${bare.documents} documents)`, rate(bare), '', true),
      row('… the same through the engine, stored and indexed', rate(engine), '', true),
      row(`… engine ÷ bare loop, medians of ${pairs}`, ratio.toFixed(2), '≥ 0.8', ratio >= 0.8),
      row('… peak RSS of the engine', mb(engine.peak), '', true),
    ]
  })
}

function median(results: readonly Result[]): Result {
  return results.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(results.length / 2)]!
}

async function generate(folder: string): Promise<string> {
  await mkdir(folder)
  for (let i = 0; i < 2_000; i++) {
    const paragraph = `Paragraph of document ${i} about subject${i % 97} and topic${i % 13}. `.repeat(20)
    await writeFile(
      join(folder, `${i}.md`),
      `# Document ${i}\n\n${paragraph}\n\n## Part\n\n${paragraph.repeat(i % 40)}\n`,
    )
  }
  return folder
}

async function bare(folder: string): Promise<Result> {
  const pool = createParserPool({})
  const names = (await readdir(folder, { recursive: true })).sort()
  await pool.parse(
    { bytes: new TextEncoder().encode('warm'), mimeType: 'text/plain' },
    { signal: new AbortController().signal },
  )
  const started = performance.now()
  let documents = 0
  let total = 0
  const one = async (name: string) => {
    const path = join(folder, name)
    if (!(await stat(path)).isFile()) return
    const bytes = new Uint8Array(await readFile(path))
    total += bytes.length
    documents++
    await pool.parse({ bytes, mimeType: '', filename: basename(path) }, { signal: new AbortController().signal })
  }
  const queue = [...names]
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      for (let name = queue.shift(); name !== undefined; name = queue.shift()) await one(name)
    }),
  )
  const seconds = (performance.now() - started) / 1000
  await pool.close()
  return { documents, bytes: total, seconds, peak: (await memory()).peak }
}

async function engine(folder: string, temporary: string): Promise<Result> {
  const pool = createParserPool({})
  await pool.parse(
    { bytes: new TextEncoder().encode('warm'), mimeType: 'text/plain' },
    { signal: new AbortController().signal },
  )
  const sync = await createSync({
    file: join(temporary, 'cx.db'),
    connector: filesystem,
    parser: pool,
    config: { root: folder, include: ['**/*'], exclude: [], access: 'anyone' },
  })
  const started = performance.now()
  const job = await sync.run()
  const seconds = (performance.now() - started) / 1000
  await sync.close()
  await pool.close()
  if (job.status !== 'completed' && job.status !== 'partial')
    throw new Error(`The sync ended as ${job.status}: ${job.error?.message}`)
  return { documents: job.progress.listed, bytes: job.progress.bytes, seconds, peak: (await memory()).peak }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , which, folder, temporary] = process.argv
  if (which === undefined) console.table(await corpus())
  else console.log(JSON.stringify(await (which === 'bare' ? bare(folder!) : engine(folder!, temporary!))))
}
