import { Command, CommanderError } from 'commander'
import { addBackupCommands } from './backup.ts'
import { addConnectorCommands } from './connectors.ts'
import { addDoctorCommand } from './doctor.ts'
import { addKeyCommands } from './keys.ts'
import { addPluginCommand } from './plugins.ts'
import { paint } from './print.ts'
import { addSearchCommand } from './search.ts'
import { addServeCommand } from './serve.ts'
import { addSyncCommand } from './sync.ts'

const program = new Command('cx')
  .description('Keeps a searchable copy of where your documents live.')
  .version('0.1.0')
  .option('--url <address>', 'the server to talk to (CX_URL; http://127.0.0.1:8080 unless told)')
  .option('--key <api key>', 'the API key (CX_API_KEY; else the one kept in the data folder)')
  .option('--json', 'print JSON')
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('(add --help for what is possible)')
  .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 partly done.')
  .exitOverride()

addServeCommand(program)
addConnectorCommands(program)
addSyncCommand(program)
addSearchCommand(program)
addPluginCommand(program)
addKeyCommands(program)
addBackupCommands(program)
addDoctorCommand(program)

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = report(error)
}

/** Prints a failure as people read it, or as JSON, and says with which code to exit. */
function report(error: unknown): number {
  // Commander has printed its own: help and version end here as well, with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  const { message, code, details } = error as { message?: string; code?: string; details?: unknown }
  if (program.opts().json)
    process.stdout.write(`${JSON.stringify({ error: { code: code ?? 'failed', message, details } }, null, 2)}\n`)
  else {
    process.stderr.write(`${paint('red', 'Failed:', process.stderr)} ${message ?? String(error)}\n`)
    if (Array.isArray(details) && details.length > 1)
      for (const one of details) process.stderr.write(`  ${one.path} ${one.message}\n`)
  }
  return 1
}
