import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Json, SourceConnector } from '@cx/core'
import { createParserPool } from '@cx/parsers'
import { createSync } from './engine.ts'
import { inFolder, inProcess, type Row, row } from './measure.ts'

const plugins = ['google-drive', 'confluence', 'slack', 'notion', 'salesforce', 'github', 's3', 'filesystem'] as const
const documents = 4_000

interface Result {
  readonly listed: number
  readonly indexed: number
  readonly cpuMs: number
}

/** Each connector through engine, store and parser pool, from a stand-in in another process that answers at once. */
export async function connectors(): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const plugin of plugins) {
    const { listed, indexed, cpuMs } = await inProcess<Result>(fileURLToPath(import.meta.url), plugin)
    const rate = (value: number) => `${Math.round(value).toLocaleString('en')} documents/s`
    rows.push(
      row(
        `${plugin}: read, parsed and indexed`,
        `${rate(indexed)}, ${cpuMs.toFixed(1)} ms CPU each`,
        '≥ 300',
        indexed >= 300,
      ),
      row('… listed and compared', rate(listed), '≥ 2,000', listed >= 2_000),
    )
  }
  return rows
}

async function measure(plugin: string, folder: string): Promise<Result> {
  const { default: connector } = (await import(join(import.meta.dirname, '../../plugins', plugin, 'src/index.ts'))) as {
    default: SourceConnector
  }
  const fake = fork(join(import.meta.dirname, 'connectors-fake.ts'), [plugin, String(documents)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const [said] = (await once(fake.stdout!.setEncoding('utf8'), 'data')) as [string]
  const { config, credentials } = JSON.parse(said)
  const parser = createParserPool({})
  const { signal } = new AbortController()
  await parser.parse({ bytes: new TextEncoder().encode('warm'), mimeType: 'text/plain' }, { signal })
  const { concurrency } = connector.limits ?? {}
  const sync = await createSync({
    file: join(folder, 'cx.db'),
    // Without the vendor's rate: what is measured is everything else.
    connector: { ...connector, limits: concurrency === undefined ? {} : { concurrency } },
    parser,
    config: { ...defaults(connector), ...config, ...(plugin === 'google-drive' && { quotaUnitsPerMinute: 0 }) },
    credentials,
    settings: { relistAfterMs: 0 },
  })
  const timed = async (what: 'indexed' | 'unchanged') => {
    const began = performance.now()
    const { progress, error, status } = await sync.run()
    if (progress[what] < documents) throw new Error(`${plugin}: ${status} ${JSON.stringify({ progress, error })}`)
    return (progress[what] * 1_000) / (performance.now() - began)
  }
  const cpu = process.cpuUsage()
  const indexed = await timed('indexed')
  const { user, system } = process.cpuUsage(cpu)
  const listed = Math.max(await timed('unchanged'), await timed('unchanged'))
  await sync.close()
  await parser.close()
  fake.disconnect()
  return { listed, indexed, cpuMs: (user + system) / 1_000 / documents }
}

function defaults(connector: SourceConnector): Record<string, Json> {
  const known = Object.entries(connector.config.properties ?? {})
  return Object.fromEntries(known.flatMap(([name, { default: value }]) => (value === undefined ? [] : [[name, value]])))
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await inFolder(async (folder) => console.log(JSON.stringify(await measure(process.argv[2]!, folder))))
