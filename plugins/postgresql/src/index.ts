import { defineConnector, type SourceConnector, secret } from '@cx/core'
import { children } from './browse.ts'
import { check } from './check.ts'
import { config, credentials } from './config.ts'
import { list } from './list.ts'
import { acls } from './permissions.ts'
import { read } from './read.ts'
import { type Cursor, now, since } from './replication.ts'
import { openSession, type Session } from './session.ts'
import { receive, verify } from './webhook.ts'

const postgresql: SourceConnector = defineConnector({
  name: 'postgresql',
  title: 'PostgreSQL',
  description: 'Rows of tables, views, materialised views and queries of a PostgreSQL database.',
  config,
  auth: { password: secret(credentials, 'User and password') },
  // Reads that wait together become one query.
  limits: { concurrency: 64 },

  connect: async ({ config, credentials, lookup, log }): Promise<Session> =>
    openSession(config, await credentials(), { lookup, log }),
  close: ({ database }) => database.close(),
  check,
  list,
  read: (session, entry, { signal }) => read(session, entry, signal),

  changes: {
    now: (session, { signal }): Promise<Cursor | null> => now(session, signal),
    since: (session, cursor, { signal }) => since(session, cursor, signal),
  },
  permissions: { acls: (session, entries, { signal }) => acls(session, entries, signal) },
  webhook: { verify, receive },
  browse: { children: (session, path, { signal }) => children(session, path, signal) },
})

export default postgresql
