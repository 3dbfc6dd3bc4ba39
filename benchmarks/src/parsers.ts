import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createParserPool } from '@cx/parsers'
import { corpusFolder } from './corpus.ts'
import { inFolder, inProcess, mb, type Row, row } from './measure.ts'
import type { Measured } from './parsers/child.ts'
import { referee, references } from './parsers/references.ts'
import { runTool } from './parsers/run.ts'
import { tools } from './parsers/tools.ts'

/** One tool on one format. */
interface Line {
  readonly format: string
  readonly tool: string
  readonly files: number
  readonly failed: number
  readonly filesPerSecond: number
  /** Megabytes of input for each second of wall time, and seconds of CPU for each megabyte. */
  readonly mbPerSecond: number
  readonly cpuPerMb: number
  readonly peak: number
  readonly recall: number | undefined
}

/**
 * Parsers by format beside what people use from npm; the whole table goes to stderr. What gives no text is counted
 * whatever the reason: scans without a text layer, locked and empty documents are in the corpus, too.
 */
export async function parsers(): Promise<readonly Row[]> {
  const lines = await perFormat()
  console.error(`\n${formatTable(lines)}\n`)
  const rows: Row[] = []
  for (const own of lines.filter(({ tool }) => tool === 'cx')) {
    const others = lines
      .filter(({ format, tool, failed, files }) => format === own.format && tool !== 'cx' && failed < files)
      .toSorted((a, b) => a.cpuPerMb - b.cpuPerMb)
    const inside = others.find(({ tool }) => insides.has(tool))
    const best = others.find(({ tool }) => !insides.has(tool))
    const { recall } = own
    if (best)
      rows.push(
        row(
          `${own.format}: MB per CPU second`,
          `${rate(own)}; ${best.tool} ${rate(best)}${inside ? ` (${inside.tool} ${rate(inside)})` : ''}`,
          'ahead of each',
          own.cpuPerMb < best.cpuPerMb,
        ),
      )
    if (recall !== undefined)
      rows.push(
        row(
          `${own.format}: median recall of ${referee(own.format)}'s words`,
          recall.toFixed(3),
          '≥ 0.95',
          recall >= 0.95,
        ),
      )
  }
  const file = fileURLToPath(import.meta.url)
  const [one, two] = [await inProcess<number>(file, 'pool', '1'), await inProcess<number>(file, 'pool', '2')]
  rows.push(row('Two workers ÷ one', (one / two).toFixed(2), '≥ 1.7', one / two >= 1.7))
  return rows
}

/** What runs inside of cx as well, alone: text only, without Markdown, chunks and attachments. */
const insides: ReadonlySet<string> = new Set(tools.filter(({ isInside }) => isInside).map(({ name }) => name))

async function perFormat(): Promise<readonly Line[]> {
  return inFolder(async (folder) => {
    const corpus = existsSync(corpusFolder) ? corpusFolder : await generate(join(folder, 'made'))
    const chosen = process.env.CX_FORMATS?.split(',')
    const lines: Line[] = []
    for (const format of (await readdir(corpus)).sort()) {
      const inside = join(corpus, format)
      if (!(await stat(inside)).isDirectory() || (chosen && !chosen.includes(format))) continue
      const files = (await readdir(inside)).sort().map((name) => join(inside, name))
      const texts = await references(format, files, process.env.CX_REFERENCES ?? join(folder, 'references'))
      const work = files.map((file) => {
        const reference = texts.get(file)
        return { file, ...(reference !== undefined && { reference }) }
      })
      const sizes = new Map(await Promise.all(files.map(async (file) => [file, (await stat(file)).size] as const)))
      for (const { name, formats } of tools)
        if (formats.includes(format)) lines.push(summary(format, name, await runTool(name, work), sizes))
    }
    return lines
  })
}

function summary(
  format: string,
  tool: string,
  measured: readonly Measured[],
  sizes: ReadonlyMap<string, number>,
): Line {
  const cpu = measured.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / 1000
  const wall = measured.reduce((sum, { wallMs }) => sum + wallMs, 0) / 1000
  const megabytes = measured.reduce((sum, { file }) => sum + (sizes.get(file) ?? 0), 0) / 1e6
  const recalls = measured.flatMap(({ recall }) => (recall === undefined ? [] : [recall])).sort((a, b) => a - b)
  return {
    format,
    tool,
    files: measured.length,
    failed: measured.filter(({ ok }) => !ok).length,
    filesPerSecond: measured.length / wall,
    mbPerSecond: megabytes / wall,
    cpuPerMb: cpu / megabytes,
    peak: Math.max(...measured.map(({ peak }) => peak)),
    recall: recalls[Math.floor(recalls.length / 2)],
  }
}

function rate({ cpuPerMb }: Line): string {
  return short(1 / cpuPerMb, 2)
}

/** So many digits, and never an exponent. */
function short(value: number, digits: number): string {
  return String(Number(value.toPrecision(digits)))
}

function formatTable(lines: readonly Line[]): string {
  const withRecall = lines.some(({ recall }) => recall !== undefined)
  return [
    `| format | by | files | files/s | MB/s | CPU s/MB | peak RSS | no text${withRecall ? ' | recall |' : ' |'}`,
    `|---|---|---|---|---|---|---|---${withRecall ? '|---|' : '|'}`,
    ...lines.map((line) => {
      const { format, tool, files, failed, filesPerSecond, mbPerSecond, cpuPerMb, peak, recall } = line
      const name = tool === 'cx' ? '**cx**' : tool
      const share = `${((failed / files) * 100).toFixed(0)} %`
      const cells = [format, name, files, short(filesPerSecond, 3), short(mbPerSecond, 3), short(cpuPerMb, 2)]
      return `| ${cells.join(' | ')} | ${mb(peak)} | ${share} |${withRecall ? ` ${recall?.toFixed(3) ?? ''} |` : ''}`
    }),
  ].join('\n')
}

async function generate(folder: string): Promise<string> {
  for (const [format, text] of [
    ['md', (n: number) => `# Document ${n}\n\n${`Words of document ${n} about things. `.repeat(400)}`],
    ['csv', (n: number) => `name,value\n${`row ${n},1\n`.repeat(2_000)}`],
    ['html', (n: number) => `<h1>Page ${n}</h1>${`<p>Words of page ${n} about <b>things</b>.</p>`.repeat(400)}`],
  ] as const) {
    await mkdir(join(folder, format), { recursive: true })
    for (let n = 0; n < 100; n++) await writeFile(join(folder, format, `${n}.${format}`), text(n))
  }
  return folder
}

/** Seconds that a pool of so many threads takes for the whole corpus, warm; the best of six rounds. */
async function pool(workers: number): Promise<number> {
  return inFolder(async (folder) => {
    const corpus = existsSync(corpusFolder) ? corpusFolder : await generate(join(folder, 'made'))
    const { signal } = new AbortController()
    const inputs: { bytes: Uint8Array; mimeType: string; filename: string }[] = []
    for (const name of (await readdir(corpus, { recursive: true })).sort()) {
      const path = join(corpus, name)
      if ((await stat(path)).isFile())
        inputs.push({ bytes: new Uint8Array(await readFile(path)), mimeType: '', filename: basename(path) })
    }
    const threads = createParserPool({ workers })
    // The pool takes the bytes away.
    const copies = () => inputs.map((input) => ({ ...input, bytes: input.bytes.slice() }))
    const all = (some: ReturnType<typeof copies>) =>
      Promise.all(some.map(async (input) => threads.parse(input, { signal })))
    // Each thread compiles for itself, and with two each sees half of the documents in a round.
    for (let round = 0; round < 4 * workers; round++) await all(copies())
    const times: number[] = []
    for (let round = 0; round < 6; round++) {
      const some = copies()
      const began = performance.now()
      await all(some)
      times.push((performance.now() - began) / 1000)
    }
    await threads.close()
    // What else runs on the machine only ever adds.
    return Math.min(...times)
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === 'pool') console.log(JSON.stringify(await pool(Number(process.argv[3]))))
  else console.table(await parsers())
}
