import type { Command } from 'commander'
import { paint, printJson, printLine } from './print.ts'

const colours = { ok: 'green', warn: 'yellow', fail: 'red' } as const

/** Adds `doctor`: works on the data folder itself, whether a server runs or not. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('look for what is wrong with this installation')
    .addHelpText(
      'after',
      '\nRun it with the settings of the server (CX_*). It changes nothing.\nExit codes: 0 nothing failed, 1 something did.',
    )
    .action(async () => {
      const findings = await diagnose()
      if (findings.some(({ status }) => status === 'fail')) process.exitCode = 1
      if (program.opts().json) return printJson(findings)
      for (const { check, status, message, remedy } of findings) {
        printLine(`${paint(colours[status], status.padEnd(4))}  ${paint('bold', check)}  ${message}`)
        if (remedy) printLine(`      ${remedy}`)
      }
    })
}

async function diagnose() {
  const [{ readSettings, SettingsError }, { examine }, { fail, ok }] = await Promise.all([
    import('../settings.ts'),
    import('../doctor/checks.ts'),
    import('../doctor/finding.ts'),
  ])
  try {
    const settings = readSettings(process.env)
    return [ok('settings', 'All make sense.'), ...(await examine(settings))]
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    return error.message.split('\n').map((mistake) => fail('settings', mistake, 'Correct it, then run this again.'))
  }
}
