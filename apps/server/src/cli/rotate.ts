import type { Command } from 'commander'
import { printJson, printLine } from './print.ts'

/** Adds `keys rotate`: works on the data folder itself, beside servers that run on it. */
export function addRotateCommand(keys: Command, json: () => boolean): void {
  keys
    .command('rotate')
    .description('make a new encryption key and encrypt all stored credentials with it')
    .addHelpText(
      'after',
      '\nRun it where the data folder is (CX_DATA_DIR); servers go on meanwhile. Where the keys come from CX_ENCRYPTION_KEY, put the new key before the old one there, restart the servers, then run this with the same setting.',
    )
    .action(async () => {
      const { readSettings } = await import('../settings.ts')
      const { rotateKeys } = await import('../rotate.ts')
      const { encrypted, key } = await rotateKeys(readSettings(process.env))
      if (json()) return printJson({ encrypted, key })
      printLine(`Encrypted ${encrypted} ${encrypted === 1 ? 'secret' : 'secrets'} with the key ${key}.`)
    })
}
