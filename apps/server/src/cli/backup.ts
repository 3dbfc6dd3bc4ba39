import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { keyringFileOf } from '../bootstrap.ts'
import { printJson, printLine } from './print.ts'

/** Adds `backup` and `restore`: both work on the data folder itself. */
export function addBackupCommands(program: Command): void {
  const json = () => Boolean(program.opts().json)

  program
    .command('backup')
    .description('write a consistent copy of the database, while the server runs')
    .argument('<file>', 'where to; it must not exist')
    .addHelpText(
      'after',
      '\nRun it where the data folder is (CX_DATA_DIR). Encryption keys are not in it: keep a copy of them elsewhere.',
    )
    .action(async (given: string) => {
      const { databaseFile, dataDir, encryptionKeys } = await settings()
      const { backupDatabase } = await import('@cx/store')
      const file = resolve(given)
      backupDatabase(databaseFile, file)
      const { size } = await stat(file)
      if (json()) return printJson({ file, bytes: size })
      printLine(`Wrote ${file} (${Math.ceil(size / 1024 ** 2)} MB).`)
      if (encryptionKeys.length === 0)
        printLine(`Credentials in it are encrypted: keep ${keyringFileOf(dataDir)} too, in another place.`)
    })

  program
    .command('restore')
    .description('put a backup in the place of the database; the server must be stopped')
    .argument('<file>', 'what "cx backup" wrote')
    .addHelpText(
      'after',
      '\nWhat was there is kept beside it.\nExit codes: 0 done, 1 failed, 3 done, but encryption keys are missing.',
    )
    .action(async (given: string) => {
      const { databaseFile, dataDir, encryptionKeys } = await settings()
      const { inspectDatabase, openKeyring, restoreDatabase } = await import('@cx/store')
      const file = resolve(given)
      const keptAs = restoreDatabase(databaseFile, file) ?? null
      const keyFile = keyringFileOf(dataDir)
      const hasKeys = encryptionKeys.length > 0 || (await stat(keyFile).catch(() => undefined)) !== undefined
      const ring = hasKeys ? await openKeyring({ file: keyFile, keys: encryptionKeys }) : undefined
      const missingKeys = inspectDatabase(file).keyIds.filter((id) => !ring?.has(id))
      if (missingKeys.length > 0) process.exitCode = 3
      if (json()) return printJson({ database: databaseFile, keptAs, missingKeys })
      printLine(`Restored ${file} to ${databaseFile}.`)
      if (keptAs) printLine(`What was there is now ${keptAs}.`)
      if (missingKeys.length > 0)
        printLine(
          `The keys ${missingKeys.join(', ')} are missing: put ${keyFile} back, or enter the credentials again.`,
        )
    })
}

async function settings() {
  const { readSettings } = await import('../settings.ts')
  return readSettings(process.env)
}
