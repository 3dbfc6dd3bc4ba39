import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import { type CliClient, connect } from './client.ts'
import { findConnector } from './connectors.ts'
import { paint, printJson, printLine, thousands } from './print.ts'
import { createProgressLine, type JobView } from './progress.ts'

const pollMs = 250
const running: ReadonlySet<string> = new Set(['queued', 'running'])
/** 3: it ran, but not everything went well. */
const exitCodes: Readonly<Record<string, number>> = {
  completed: 0,
  partial: 3,
  needs_confirmation: 3,
  failed: 1,
  cancelled: 1,
}

interface Options {
  readonly mode?: string
  readonly path?: readonly string[]
  readonly wait: boolean
}

export function addSyncCommand(program: Command): void {
  program
    .command('sync')
    .description('sync a connector and wait for the end')
    .argument('<connector>', 'id or name')
    .addOption(
      new Option(
        '--mode <mode>',
        'auto skips what is unchanged, full reads everything again, incremental reads the given paths',
      ).choices(['auto', 'full', 'incremental']),
    )
    .option('--path <path...>', 'only these paths of the source; a subtree ends in /')
    .option('--no-wait', 'start it and return')
    .addHelpText(
      'after',
      '\nExit codes: 0 completed, 1 failed or cancelled, 3 partly done. Ctrl+C leaves the job running.',
    )
    .action(async (idOrName: string, { mode, path, wait }: Options) => {
      const client = await connect(program.opts())
      const { id } = await findConnector(client, idOrName)
      const { data: started } = await client.call<JobView>('POST', `/connectors/${id}/sync`, {
        ...(mode && { sync_mode: mode }),
        ...(path && { file_filter: path }),
      })
      const json = Boolean(program.opts().json)
      if (!wait) return json ? printJson(started) : printLine(`Started ${started.jobId}.`)
      const job = await follow(client, id, started.jobId)
      process.exitCode = exitCodes[job.status] ?? 1
      if (json) return printJson(job)
      summarise(job)
      if (job.progress.failed > 0) await printFailures(client, id, job.jobId)
    })
}

async function follow(client: CliClient, connectorId: string, jobId: string): Promise<JobView> {
  const line = createProgressLine()
  try {
    while (true) {
      const { data: job } = await client.call<JobView>('GET', `/connectors/${connectorId}/sync/${jobId}`)
      if (!running.has(job.status)) return job
      line.show(job)
      await sleep(pollMs)
    }
  } finally {
    line.end()
  }
}

function summarise({ status, progress, error, pendingDeletions, jobId }: JobView): void {
  const colour = status === 'completed' ? 'green' : exitCodes[status] === 3 ? 'yellow' : 'red'
  const { listed, indexed, unchanged, skipped, failed, deleted } = progress
  const counts = { listed, indexed, unchanged, skipped, failed, deleted }
  printLine(
    `${paint(colour, status)}  ${Object.entries(counts)
      .map(([name, count]) => `${name} ${thousands(count)}`)
      .join('  ')}`,
  )
  if (error) printLine(`${error.code}: ${error.message}`)
  if (pendingDeletions !== undefined)
    printLine(
      `${thousands(pendingDeletions)} documents are gone at the source. Nothing was deleted: confirm with POST …/sync/${jobId}/confirm if that is right.`,
    )
}

const shownFailures = 10

async function printFailures(client: CliClient, connectorId: string, jobId: string): Promise<void> {
  const { data, meta } = await client.call<readonly { path: string; message: string }[]>(
    'GET',
    `/connectors/${connectorId}/sync/${jobId}/failures?limit=${shownFailures}`,
  )
  for (const { path, message } of data) printLine(`  ${paint('red', path)}  ${message}`)
  const more = Number(meta.total) - data.length
  if (more > 0)
    printLine(`  … and ${thousands(more)} more: GET /api/v1/connectors/${connectorId}/sync/${jobId}/failures`)
}
