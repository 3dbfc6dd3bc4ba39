import { existsSync, readFileSync } from 'node:fs'
import { memory, percentile } from '../measure.ts'
import { tools } from './tools.ts'

// One tool over the files that the parent names, one line of JSON for each. The parent ends it when a file hangs.

/** What became of one file. */
export interface Measured {
  readonly file: string
  readonly ok: boolean
  readonly cpuMs: number
  readonly wallMs: number
  /** Share of the reference's words that were found; absent without a reference, or with one of a handful of words. */
  readonly recall?: number
  readonly peak: number
}

/** Words counted as often as they stand; a word is a run of letters and digits. */
function words(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [word] of text
    .toLowerCase()
    .normalize('NFKC')
    .matchAll(/[\p{L}\p{N}]+/gu))
    counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}

function recall(reference: string, text: string): number | undefined {
  const found = words(text)
  let all = 0
  let hit = 0
  for (const [word, count] of words(reference)) {
    all += count
    hit += Math.min(count, found.get(word) ?? 0)
  }
  // Of a handful of words the share says little.
  return all < 10 ? undefined : hit / all
}

const [, , name] = process.argv
// What libraries print is not for the parent.
const print = process.stdout.write.bind(process.stdout)
console.log = console.warn = console.error = console.info = () => {}
const extract = await tools.find((tool) => tool.name === name)!.load()
const files = JSON.parse(readFileSync(0, 'utf8')) as readonly { readonly file: string; readonly reference?: string }[]
// What compiles in the first seconds is not what is measured.
const warm = performance.now() + 3_000
for (let round = 0; performance.now() < warm; round++)
  for (const { file } of files) {
    if (performance.now() > warm) break
    // Told once: the parent is slower to read it than many files are parsed.
    if (round === 0) print(`${JSON.stringify({ began: file })}\n`)
    await extract(readFileSync(file), file).catch(() => {})
  }
for (const { file, reference } of files) {
  print(`${JSON.stringify({ began: file })}\n`)
  const bytes = readFileSync(file)
  let text: string | undefined
  const cpuMs: number[] = []
  const wallMs: number[] = []
  // What takes a fraction of a millisecond is measured several times: garbage of others, and what compiles, weigh more.
  for (let spentMs = 0; wallMs.length === 0 || (spentMs < 20 && wallMs.length < 9); ) {
    const given = Buffer.from(bytes)
    const cpu = process.cpuUsage()
    const began = performance.now()
    try {
      text = await extract(given, file)
    } catch {}
    const tookMs = performance.now() - began
    const { user, system } = process.cpuUsage(cpu)
    wallMs.push(tookMs)
    cpuMs.push((user + system) / 1000)
    spentMs += tookMs
  }
  const { peak } = await memory()
  // No text at all where the reference has some is a recall of nothing, not a file left out.
  const share =
    reference === undefined || !existsSync(reference) ? undefined : recall(readFileSync(reference, 'utf8'), text ?? '')
  const measured: Measured = {
    file,
    ok: text !== undefined && text.trim() !== '',
    cpuMs: percentile(cpuMs, 0.5),
    wallMs: percentile(wallMs, 0.5),
    peak,
    ...(share !== undefined && { recall: share }),
  }
  print(`${JSON.stringify(measured)}\n`)
}
// What is still on its way to the parent would be lost.
print('', () => process.exit(0))
