import { defineConnector, oauth2, type SourceConnector, secret } from '@cx/core'
import { acls, groups } from './acl.ts'
import { children } from './browse.ts'
import { type Cursor, changesSince, cursorNow } from './changes.ts'
import { check } from './check.ts'
import { notionVersion } from './client.ts'
import { config } from './config.ts'
import { listAll } from './list.ts'
import { readEntry } from './read.ts'
import { Session } from './session.ts'
import { receive, verify } from './webhook.ts'

/** Pages, databases and their rows of a Notion workspace. */
const notion: SourceConnector = defineConnector({
  name: 'notion',
  title: 'Notion',
  description: 'Pages, databases and their rows of a Notion workspace.',
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
            title: 'Internal integration token',
            description: 'ntn_… or secret_…, from the settings of an internal connection of your workspace.',
            minLength: 1,
            writeOnly: true,
          },
        },
      },
      'Internal integration token',
    ),
    // Notion knows neither scopes nor PKCE: what the connection may do is set in its settings.
    oauth: oauth2({
      title: 'Connect Notion',
      authorizationUrl: 'https://api.notion.com/v1/oauth/authorize',
      tokenUrl: 'https://api.notion.com/v1/oauth/token',
      revocationUrl: 'https://api.notion.com/v1/oauth/revoke',
      scopes: [],
      pkce: 'none',
      clientAuthentication: 'basic',
      authorizationParams: { owner: 'user' },
      // https://developers.notion.com/reference/create-a-token and revoke-token
      tokenRequest: 'json',
      tokenHeaders: { 'notion-version': notionVersion },
      revocation: 'access_token',
    }),
  },
  // Three calls a second on average, and more for larger plans: https://developers.notion.com/reference/request-limits
  limits: { concurrency: 6, requestsPerMinute: 180, burst: 10, upToPerMinute: 600 },

  connect: ({ config, credentials, fetch }) => new Session(config, { fetch, credentials }),

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

export default notion
