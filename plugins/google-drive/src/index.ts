import { defineConnector, type SourceConnector } from '@cx/core'
import { auth, createAuthorizer } from './auth.ts'
import { children } from './browse.ts'
import { type Cursor, changesSince, cursorNow } from './changes.ts'
import { check } from './check.ts'
import { config } from './config.ts'
import { listAll } from './list.ts'
import { acls, groups } from './permissions.ts'
import { readEntry } from './read.ts'
import { Session } from './session.ts'
import { receive, renew, subscribe, verifyToken } from './webhook.ts'

/** Files of My Drive, of what was shared, and of shared drives. */
const googleDrive: SourceConnector = defineConnector({
  name: 'google_drive',
  title: 'Google Drive',
  description: 'Files of My Drive and shared drives; Google Docs as Markdown.',
  config,
  auth,
  limits: { concurrency: 16 },

  connect({ config, credentials, fetch, log, signal }) {
    const authorize = createAuthorizer({ credentials, fetch, signal, directory: config.groupMembers })
    return new Session(config, log, { fetch, authorize })
  },

  check: (session, { signal }) => check({ session, signal }),
  list: listAll,
  read: (session, entry, { signal }) => readEntry(entry, { session, signal }),

  changes: {
    now: (session, { signal }) => cursorNow({ session, signal }),
    since: (session, cursor: Cursor, { signal }) => changesSince(cursor, { session, signal }),
  },
  permissions: {
    acls: (session, entries, { signal }) => acls(entries, { session, signal }),
    groups: (session, { signal }) => groups({ session, signal }),
  },
  webhook: {
    verify: { kind: 'custom', verify: verifyToken },
    receive,
    subscribe: (session, target, { signal }) => subscribe(target, { session, signal }),
    renew: (session, handle, target, { signal }) => renew(handle, target, { session, signal }),
  },
  browse: { children: (session, path, { signal }) => children(path, { session, signal }) },
})

export default googleDrive
