import { type Command, InvalidArgumentError } from 'commander'
import { keyFileOf } from '../bootstrap.ts'
import { paint, printLine } from './print.ts'

const stopMs = 10_000

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('start the server')
    .option('--host <address>', 'address to listen on (CX_HOST)')
    .option('--port <number>', 'port to listen on (CX_PORT)', port)
    .option('--data-dir <folder>', 'where everything is kept (CX_DATA_DIR)')
    .addHelpText('after', '\nEverything else is set by CX_* variables; see the README.')
    .action(async ({ host, port, dataDir }: { host?: string; port?: string; dataDir?: string }) => {
      const { readSettings, startHost } = await import('../index.ts')
      const settings = readSettings({
        ...process.env,
        ...(host !== undefined && { CX_HOST: host }),
        ...(port !== undefined && { CX_PORT: port }),
        ...(dataDir !== undefined && { CX_DATA_DIR: dataDir }),
      })
      const running = await startHost(settings)
      const stop = () => {
        // Whatever hangs must not outlive the promise of ten seconds.
        setTimeout(() => process.exit(1), stopMs).unref()
        void running.stop().then(
          () => process.exit(0),
          () => process.exit(1),
        )
      }
      process.once('SIGTERM', stop)
      process.once('SIGINT', stop)
      printLine(`cx listens on ${paint('bold', running.url)} (API reference: ${running.url}/docs)`)
      if (running.newKey)
        printLine(
          `API key: ${paint('bold', running.newKey)}\nShown this once; it is kept in ${keyFileOf(settings.dataDir)}.`,
        )
      await running.ready
    })
}

function port(value: string): string {
  if (/^\d+$/.test(value) && Number(value) <= 65_535) return value
  throw new InvalidArgumentError('It takes a number from 0 to 65535.')
}
