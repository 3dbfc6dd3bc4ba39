import { readFile } from 'node:fs/promises'
import { text as readAll } from 'node:stream/consumers'
import { type Command, InvalidArgumentError } from 'commander'
import { type CliClient, CliError, connect } from './client.ts'
import { moment, paint, printJson, printLine, printTable } from './print.ts'

interface Summary {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly status: string
  readonly collectionName: string
  readonly lastSync: string | null
  readonly lastSyncStatus: string | null
}

/** Finds a connector by id or by its whole name. */
export async function findConnector(client: CliClient, idOrName: string): Promise<Summary> {
  if (idOrName.startsWith('conn_'))
    return (await client.call<Summary>('GET', `/connectors/${encodeURIComponent(idOrName)}`)).data
  const named = (await listAll<Summary>(client, '/connectors')).filter(({ name }) => name === idOrName)
  if (named.length === 1) return named[0]!
  throw new CliError(
    named.length === 0 ? 'not_found' : 'ambiguous',
    named.length === 0
      ? `There is no connector named ${JSON.stringify(idOrName)}. "cx connectors" lists them.`
      : `${named.length} connectors are named ${JSON.stringify(idOrName)}: use an id.`,
  )
}

/** Every row of a list. */
export async function listAll<T>(client: CliClient, path: string): Promise<readonly T[]> {
  const rows: T[] = []
  let cursor: unknown
  do {
    const page = await client.call<readonly T[]>(
      'GET',
      `${path}?limit=100${cursor ? `&cursor=${encodeURIComponent(String(cursor))}` : ''}`,
    )
    rows.push(...page.data)
    cursor = page.meta.nextCursor
  } while (cursor)
  return rows
}

export function addConnectorCommands(program: Command): void {
  const json = () => Boolean(program.opts().json)
  const client = () => connect(program.opts())
  const connectors = program.command('connectors').description('list, make, test and delete connectors')

  connectors
    .command('list', { isDefault: true })
    .description('list connectors')
    .action(async () => {
      const rows = await listAll<Summary>(await client(), '/connectors')
      if (json()) return printJson(rows)
      if (rows.length === 0)
        return printLine('There is no connector yet. "cx connectors create --help" shows how to make one.')
      printTable(
        ['ID', 'NAME', 'TYPE', 'STATUS', 'COLLECTION', 'LAST SYNC (UTC)'],
        rows.map(({ id, name, type, status, collectionName, lastSync, lastSyncStatus }) => [
          id,
          name,
          type,
          status,
          collectionName,
          lastSync && `${moment(lastSync)} (${lastSyncStatus})`,
        ]),
      )
    })

  connectors
    .command('get')
    .description('show a connector')
    .argument('<connector>', 'id or name')
    .action(async (idOrName: string) => {
      const running = await client()
      const { id } = await findConnector(running, idOrName)
      printJson((await running.call('GET', `/connectors/${id}`)).data)
    })

  connectors
    .command('create')
    .description('make a connector')
    .argument('<type>', 'one of "cx plugins"')
    .requiredOption('--name <name>', 'its name')
    .option('--collection <name>', 'collection to put the documents in', 'default')
    .option('--config <json>', 'its settings: JSON, or @file', '{}')
    .option('--credentials <json>', 'JSON, or @file; - reads standard input')
    .addHelpText(
      'after',
      `\nExample:\n  cx connectors create filesystem --name notes --config '{"root": "/home/me/notes"}'`,
    )
    .action(
      async (
        type: string,
        {
          name,
          collection,
          config,
          credentials,
        }: { name: string; collection: string; config: string; credentials?: string },
      ) => {
        const body = {
          name,
          type,
          collection,
          config: await readJson(config),
          ...(credentials !== undefined && { credentials: await readJson(credentials) }),
        }
        const { data } = await (await client()).call<Summary>('POST', '/connectors', body)
        if (json()) return printJson(data)
        printLine(`Made ${paint('bold', data.name)} (${data.id}). Next: cx sync ${data.id}`)
      },
    )

  connectors
    .command('test')
    .description('check that the source can be reached')
    .argument('<connector>', 'id or name')
    .action(async (idOrName: string) => {
      const running = await client()
      const { id } = await findConnector(running, idOrName)
      const { data } = await running.call<TestResult>('POST', `/connectors/${id}/test`)
      if (json()) printJson(data)
      else
        for (const check of data.checks)
          printLine(
            `${check.status === 'ok' ? paint('green', 'ok    ') : paint('red', check.status)} ${check.message}${check.remediation ? ` ${check.remediation}` : ''}`,
          )
      if (!data.success) process.exitCode = 1
    })

  connectors
    .command('delete')
    .description('delete a connector and what was indexed from it; the source keeps everything')
    .argument('<connector>', 'id or name')
    .action(async (idOrName: string) => {
      const running = await client()
      const { id, name } = await findConnector(running, idOrName)
      const { data } = await running.call('DELETE', `/connectors/${id}`)
      if (json()) return printJson(data)
      printLine(`Deleted ${paint('bold', name)} (${id}).`)
    })
}

interface TestResult {
  readonly success: boolean
  readonly checks: readonly { readonly status: string; readonly message: string; readonly remediation?: string }[]
}

async function readJson(given: string): Promise<unknown> {
  const text =
    given === '-'
      ? await readAll(process.stdin)
      : given.startsWith('@')
        ? await readFile(given.slice(1), 'utf8')
        : given
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new InvalidArgumentError(`This is not JSON: ${(error as Error).message}`)
  }
}
