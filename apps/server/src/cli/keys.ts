import { type Command, Option } from 'commander'
import { connect } from './client.ts'
import { listAll } from './connectors.ts'
import { moment, paint, printJson, printLine, printTable } from './print.ts'
import { addRotateCommand } from './rotate.ts'

interface Key {
  readonly id: string
  readonly name: string
  readonly role: string
  readonly hint: string
  readonly collections: readonly string[] | null
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
  readonly key?: string
}

export function addKeyCommands(program: Command): void {
  const json = () => Boolean(program.opts().json)
  const client = () => connect(program.opts())
  const keys = program.command('keys').description('list, make and delete API keys; rotate the encryption key')

  keys
    .command('list', { isDefault: true })
    .description('list API keys')
    .action(async () => {
      const rows = await listAll<Key>(await client(), '/api-keys')
      if (json()) return printJson(rows)
      printTable(
        ['ID', 'NAME', 'ROLE', 'KEY', 'LAST USED (UTC)', 'EXPIRES (UTC)', 'COLLECTIONS'],
        rows.map(({ id, name, role, hint, collections, lastUsedAt, expiresAt }) => [
          id,
          name,
          role,
          `${hint}…`,
          moment(lastUsedAt),
          moment(expiresAt),
          collections?.join(', ') ?? 'all',
        ]),
      )
    })

  keys
    .command('create')
    .description('make an API key')
    .requiredOption('--name <name>', 'what it is for')
    .addOption(new Option('--role <role>', 'what it may do').choices(['admin', 'editor', 'viewer']).default('viewer'))
    .option('--collection <name...>', 'only these collections')
    .option(
      '--scope <scope...>',
      'search:all searches without naming a person; principal:<e-mail or source id> binds it to one',
    )
    .option('--expires <time>', 'RFC 3339 time after which it does not work')
    .action(
      async ({
        name,
        role,
        collection,
        scope,
        expires,
      }: {
        name: string
        role: string
        collection?: readonly string[]
        scope?: readonly string[]
        expires?: string
      }) => {
        const { data } = await (await client()).call<Key>('POST', '/api-keys', {
          name,
          role,
          ...(collection && { collections: collection }),
          ...(scope && { scopes: scope }),
          ...(expires && { expiresAt: expires }),
        })
        if (json()) return printJson(data)
        printLine(`${paint('bold', data.key ?? '')}\nShown this once: only its hash is kept (${data.id}).`)
      },
    )

  addRotateCommand(keys, json)

  keys
    .command('delete')
    .description('delete an API key')
    .argument('<id>', 'key_…')
    .action(async (id: string) => {
      const { data } = await (await client()).call('DELETE', `/api-keys/${encodeURIComponent(id)}`)
      if (json()) return printJson(data)
      printLine(`Deleted ${id}.`)
    })
}
