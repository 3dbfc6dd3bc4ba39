import { defineConnector, hmac, oauth2, type SourceConnector, secret } from '@cx/core'
import { children } from './browse.ts'
import { type Cursor, changesSince, cursorNow } from './changes.ts'
import { check } from './check.ts'
import { config } from './config.ts'
import { groups } from './groups.ts'
import { listAll } from './list.ts'
import { Session } from './session.ts'
import { receive } from './webhook.ts'

/** Records of a Salesforce organisation, and as an option its files and Knowledge articles. */
const salesforce: SourceConnector = defineConnector({
  name: 'salesforce',
  title: 'Salesforce',
  description: 'Records, files and Knowledge articles of a Salesforce organisation.',
  config,
  auth: {
    oauth: oauth2({ title: 'Sign in with Salesforce', ...webServer('login.salesforce.com') }),
    oauth_sandbox: oauth2({ title: 'Sign in to a sandbox', ...webServer('test.salesforce.com') }),
    jwt: secret(
      {
        type: 'object',
        required: ['clientId', 'username', 'privateKey'],
        additionalProperties: false,
        properties: {
          clientId: { type: 'string', title: 'Consumer key', minLength: 1 },
          username: { type: 'string', title: 'User name', minLength: 1, description: 'The integration user.' },
          privateKey: { type: 'string', title: 'Private key (PEM)', minLength: 1, writeOnly: true },
        },
      },
      'JWT bearer (server to server)',
    ),
    client_credentials: secret(
      {
        type: 'object',
        required: ['clientId', 'clientSecret'],
        additionalProperties: false,
        properties: {
          clientId: { type: 'string', title: 'Consumer key', minLength: 1 },
          clientSecret: { type: 'string', title: 'Consumer secret', minLength: 1, writeOnly: true },
        },
      },
      'Client credentials (needs My Domain)',
    ),
  },
  // Of calls that last over 20 s, 25 at once, and 5 in trial editions. https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_api.htm
  limits: { concurrency: 5 },

  connect: ({ config, credentials, fetch, log, signal }) => Session.open({ config, credentials, fetch, log, signal }),

  check,
  list: listAll,
  read: (session, entry, { signal }) => session.reader.read(entry, signal),

  changes: {
    now: cursorNow,
    since: (session, cursor: Cursor, run) => changesSince(session, cursor, run),
  },
  permissions: {
    acls: (session, entries, { signal }) => session.sharing.acls(entries, signal),
    groups: (session, { signal }) => groups(session, signal),
  },
  webhook: {
    verify: hmac({ hash: 'sha256', header: 'x-cx-signature', prefix: 'sha256=' }),
    receive,
  },
  browse: { children: (session, path, { signal }) => children(session, path, signal) },
})

/** The web server flow with PKCE; `instance_url` comes with the token. https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_web_server_flow.htm */
function webServer(host: string) {
  return {
    authorizationUrl: `https://${host}/services/oauth2/authorize`,
    tokenUrl: `https://${host}/services/oauth2/token`,
    revocationUrl: `https://${host}/services/oauth2/revoke`,
    scopes: ['api', 'refresh_token'],
    pkce: 'S256',
    // Organisations may forbid to sign in anywhere but at My Domain.
    ownHost: { fields: ['loginUrl', 'instanceUrl'], hosts: ['*.salesforce.com', '*.salesforce.mil'] },
  } as const
}

export default salesforce
