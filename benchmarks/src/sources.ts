import { join } from 'node:path'
import { inProcess, type Row, row } from './measure.ts'

const plugins = join(import.meta.dirname, '../../plugins')

/** Connectors beside the bare loop over the same bytes or rows, in one run. */
export async function sources(): Promise<readonly Row[]> {
  const tarball = await inProcess<{ files: number; ratio: number }>(join(plugins, 'github/bench/tarball.ts'))
  const table = await inProcess<{ rows: number; ratio: number; rssMb: number }>(
    join(plugins, 'postgresql/bench/rows.ts'),
  )
  return [
    row(
      `GitHub: ${tarball.files.toLocaleString('en')} files by tarball ÷ gunzip, untar, SHA-1`,
      tarball.ratio.toFixed(2),
      '≥ 0.7',
      tarball.ratio >= 0.7,
    ),
    row(
      `PostgreSQL: ${table.rows.toLocaleString('en')} rows listed ÷ a bare cursor (SELECT *)`,
      table.ratio.toFixed(2),
      '≥ 0.7',
      table.ratio >= 0.7,
    ),
    row('… peak RSS of the unchanged listing', `${Math.round(table.rssMb)} MB`, '< 200 MB', table.rssMb < 200),
  ]
}
