import type { Command } from 'commander'
import { connect } from './client.ts'
import { printJson, printTable } from './print.ts'

interface Type {
  readonly type: string
  readonly title: string
  readonly auth: readonly { readonly method: string }[]
  readonly capabilities: Readonly<Record<string, boolean>>
}

export function addPluginCommand(program: Command): void {
  program
    .command('plugins')
    .description('list the connector types of the server')
    .action(async () => {
      const { data } = await (await connect(program.opts())).call<readonly Type[]>('GET', '/connector-types')
      if (program.opts().json) return printJson(data)
      printTable(
        ['TYPE', 'TITLE', 'WAYS IN', 'CAN'],
        data.map(({ type, title, auth, capabilities }) => [
          type,
          title,
          auth.map(({ method }) => method).join(', ') || 'none',
          Object.entries(capabilities)
            .filter(([, has]) => has)
            .map(([name]) => name)
            .join(', '),
        ]),
      )
    })
}
