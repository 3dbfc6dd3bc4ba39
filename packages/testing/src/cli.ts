import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { checkConnector } from './check.ts'
import { load, UsageError } from './load.ts'
import { formatResult, formatSummary, toJUnit } from './score.ts'

const help = `Tries every law of a connector, offline, and prints a score card.

  npx @cx/testing <module> [options]

  <module>            built module whose default export is the connector
  --fixture <file>    module that exports \`fixture\`; else the connector's module, or conformance.fixture beside it
  --only <name>       only this law or group; may be repeated
  --junit <file>      write the score card as JUnit XML
  --json <file>       write the score card as JSON
  --big-mb <number>   size of the large document in megabytes (1024)
  -h, --help          this text

Exit code: 0 all laws kept, 1 a law failed, 2 wrong use.
`

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      fixture: { type: 'string' },
      only: { type: 'string', multiple: true },
      junit: { type: 'string' },
      json: { type: 'string' },
      'big-mb': { type: 'string', default: '1024' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const [modulePath, ...rest] = positionals
  if (modulePath === undefined || rest.length > 0) throw new UsageError(help)
  const bigMegabytes = Number(values['big-mb'])
  if (!(bigMegabytes > 0)) throw new UsageError(`--big-mb ${values['big-mb']} is no number of megabytes.`)
  const { connector, fixture } = await load(modulePath, values.fixture)
  const color = process.stdout.isTTY === true && !process.env.NO_COLOR
  process.stdout.write(`${connector.title} (${connector.name}) on ${fixture.name}\n`)
  const card = await checkConnector(connector, fixture, {
    bigBytes: Math.round(bigMegabytes * 1024 ** 2),
    ...(values.only ? { only: values.only } : {}),
    onResult: (result) => process.stdout.write(`${formatResult(result, { color })}\n`),
  })
  process.stdout.write(`\n${formatSummary(card, { color })}\n`)
  if (values.junit) await writeFile(values.junit, toJUnit(card))
  if (values.json) await writeFile(values.json, `${JSON.stringify(card, null, 2)}\n`)
  return card.ok ? 0 : 1
}

function isUsage(error: unknown): error is Error {
  if (!(error instanceof Error)) return false
  return (
    error.name === 'UsageError' ||
    error.name === 'TypeError' ||
    String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS')
  )
}

try {
  // Exits at once: a connector that leaves a handle behind is told so by a law, not by a command that never ends.
  process.exit(await main())
} catch (error) {
  process.stderr.write(`${isUsage(error) ? error.message : String(error instanceof Error ? error.stack : error)}\n`)
  process.exit(2)
}
