import { defineConnector, hmac, none, oauth2, type SourceConnector, secret } from '@cx/core'
import { acls, groups } from './acl.ts'
import { children } from './browse.ts'
import { type Cursor, changesSince, cursorNow } from './changes.ts'
import { check } from './check.ts'
import { config } from './config.ts'
import { listAll } from './list.ts'
import { Session } from './session.ts'
import { readEntry } from './stages.ts'
import { receive } from './webhook.ts'

/** Files, and as an option issues, pull requests, discussions, releases and wiki pages, of GitHub repositories. */
const github: SourceConnector = defineConnector({
  name: 'github',
  title: 'GitHub',
  description: 'Files, issues, pull requests and more of GitHub repositories.',
  config,
  auth: {
    token: secret(
      {
        type: 'object',
        required: ['token'],
        additionalProperties: false,
        properties: { token: { type: 'string', title: 'Personal access token', minLength: 1, writeOnly: true } },
      },
      'Personal access token',
    ),
    app: secret(
      {
        type: 'object',
        required: ['appId', 'privateKey'],
        additionalProperties: false,
        properties: {
          appId: { type: 'string', title: 'App id or client id', minLength: 1 },
          privateKey: { type: 'string', title: 'Private key (.pem)', minLength: 1, writeOnly: true },
          installationId: {
            type: 'string',
            title: 'Installation id',
            description: 'Found by the owner of each repository when empty.',
            pattern: '^\\d+$',
          },
        },
      },
      'GitHub App',
    ),
    oauth: oauth2({
      title: 'Sign in with GitHub',
      authorizationUrl: 'https://github.com/login/oauth/authorize',
      tokenUrl: 'https://github.com/login/oauth/access_token',
      scopes: ['repo', 'read:org'],
    }),
    none: none('Public repositories (60 calls an hour)'),
  },
  // REST and GraphQL are counted apart, by the hour; what is left stands in every answer.
  // https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
  limits: {
    concurrency: 8,
    rateOf: ({ pathname }) => (pathname.endsWith('/graphql') ? { bucket: 'graphql' } : undefined),
  },

  connect: ({ config, credentials, fetch, log }) => Session.open(config, log, { fetch, credentials }),
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
  webhook: {
    verify: hmac({ hash: 'sha256', header: 'x-hub-signature-256', prefix: 'sha256=' }),
    receive,
  },
  browse: {
    children: (session, path, { config, signal }) => children(session, path, { signal, branch: config.branch }),
  },
})

export default github
