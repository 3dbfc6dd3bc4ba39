import { defineConnector, oauth2, type SourceConnector, secret } from '@cx/core'
import { acls, groups } from './acl.ts'
import { children } from './browse.ts'
import { type Cursor, changesSince, cursorNow } from './changes.ts'
import { check } from './check.ts'
import { config } from './config.ts'
import { limits } from './limits.ts'
import { listAll } from './list.ts'
import { readEntry } from './read.ts'
import { Session } from './session.ts'
import { receive, verify } from './webhook.ts'

/** Threads, days and files of Slack channels. */
const slack: SourceConnector = defineConnector({
  name: 'slack',
  title: 'Slack',
  description: 'Threads, messages and files of Slack channels.',
  config,
  auth: {
    token: secret(
      {
        type: 'object',
        required: ['token'],
        additionalProperties: false,
        properties: {
          token: {
            type: 'string',
            title: 'Bot token',
            description: 'xoxb-…, from OAuth & Permissions of an app that your workspace created.',
            minLength: 1,
            writeOnly: true,
          },
        },
      },
      'Bot token',
    ),
    // PKCE would make the app public for good, and its refresh tokens end after 30 days.
    oauth: oauth2({
      title: 'Add to Slack',
      authorizationUrl: 'https://slack.com/oauth/v2/authorize',
      tokenUrl: 'https://slack.com/api/oauth.v2.access',
      revocationUrl: 'https://slack.com/api/auth.revoke',
      scopes: [
        'channels:read',
        'channels:history',
        'groups:read',
        'groups:history',
        'users:read',
        'users:read.email',
        'files:read',
      ],
      scopeSeparator: ',',
      pkce: 'none',
      clientAuthentication: 'basic',
      // https://docs.slack.dev/reference/methods/auth.revoke
      revocation: 'bearer',
    }),
  },
  limits,

  connect: ({ config, credentials, fetch, log }) => new Session(config, log, { fetch, credentials }),
  close: (session) => session.close(),

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
  webhook: { verify, receive },
  browse: { children: (session, path, run) => children(path, { session, ...run }) },
})

export default slack
