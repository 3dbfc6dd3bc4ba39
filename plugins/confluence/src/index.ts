import { defineConnector, type SourceConnector } from '@cx/core'
import { acls } from './acl.ts'
import { auth } from './auth.ts'
import { children } from './browse.ts'
import { type Cursor, changesSince, cursorNow } from './changes.ts'
import { check } from './check.ts'
import { config } from './config.ts'
import { groups } from './groups.ts'
import { listAll } from './list.ts'
import { readEntry } from './read.ts'
import { Session } from './session.ts'
import { receive, subscribe, verify } from './webhook.ts'

/** Pages and blog posts, and as an option comments and attachments, of Confluence Cloud and Data Center. */
const confluence: SourceConnector = defineConnector({
  name: 'confluence',
  title: 'Confluence',
  description: 'Pages, blog posts, comments and attachments of Confluence Cloud and Data Center.',
  config,
  auth,
  // Reads come together in calls of 50.
  limits: { concurrency: 50 },

  connect: (connection) => new Session(connection),
  check: (session, run) => check({ session, ...run }),
  list: listAll,
  read: (session, entry, run) => readEntry(entry, { session, ...run }),

  changes: {
    now: (session, run) => cursorNow({ session, ...run }),
    since: (session, cursor: Cursor, run) => changesSince(cursor, { session, ...run }),
  },
  permissions: {
    acls: (session, entries, run) => acls(entries, { session, ...run }),
    groups: (session, run) => groups({ session, ...run }),
  },
  webhook: {
    verify: { kind: 'custom', verify },
    receive,
    subscribe: (session, target, run) => subscribe(target, { session, ...run }),
  },
  browse: { children: (session, path, run) => children(path, { session, ...run }) },
})

export default confluence
