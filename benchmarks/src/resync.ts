import { fileURLToPath } from 'node:url'
import { defineConnector } from '@cx/core'
import { createSync } from './engine.ts'
import { inFolder, inProcess, mb, memory, oneWord, type Row, row } from './measure.ts'

interface Result {
  readonly perSecond: number
  readonly peak: number
  readonly documentWrites: number
}

/** A second sync of entries that did not change, from a source in this process. */
export async function resync(): Promise<readonly Row[]> {
  const file = fileURLToPath(import.meta.url)
  const small = await inProcess<Result>(file, '20000')
  const large = await inProcess<Result>(file, '200000')
  const growth = large.peak - small.peak
  return [
    row(
      'Re-sync of 200,000 unchanged entries',
      `${Math.round(large.perSecond).toLocaleString('en')} entries/s`,
      '≥ 100,000',
      large.perSecond >= 100_000,
    ),
    row('… peak RSS from 20,000 to 200,000 entries', `+${mb(growth)}`, '< +60 MB', growth < 60 * 2 ** 20),
    row('… writes to documents', String(large.documentWrites), '0', large.documentWrites === 0),
  ]
}

async function measure(count: number, phase: 'fill' | 'resync', folder: string): Promise<Result> {
  const connector = defineConnector({
    name: 'generated',
    title: 'Generated',
    description: 'Entries from a counter.',
    config: { type: 'object' },
    auth: {},
    connect: () => ({}),
    check: async () => ({ account: 'bench' }),
    async *list() {
      for (let i = 0; i < count; i++) {
        const path = `folder-${i % 100}/document-${String(i).padStart(7, '0')}.txt`
        yield { id: path, path, version: 'v1', size: 4, updatedAt: '2026-01-01T00:00:00Z' }
      }
    },
    read: async () => ({ body: 'word', mimeType: 'text/plain' }),
  })
  const sync = await createSync({ file: `${folder}/cx.db`, connector, parser: oneWord })
  const started = performance.now()
  const { progress } = await sync.run()
  const seconds = (performance.now() - started) / 1000
  await sync.close()
  const expected = phase === 'fill' ? progress.indexed : progress.unchanged
  if (expected !== count) throw new Error(`${phase}: ${JSON.stringify(progress)}`)
  return {
    perSecond: count / seconds,
    peak: (await memory()).peak,
    documentWrites: progress.indexed + progress.deleted,
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , count, phase, folder] = process.argv
  // Filled by another process: its memory is not what is measured.
  if (phase) console.log(JSON.stringify(await measure(Number(count), phase as 'fill' | 'resync', folder!)))
  else
    await inFolder(async (temporary) => {
      await inProcess(process.argv[1]!, count!, 'fill', temporary)
      console.log(JSON.stringify(await inProcess(process.argv[1]!, count!, 'resync', temporary)))
    })
}
