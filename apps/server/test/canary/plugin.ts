import { ConnectorError, defineConnector, hmac, oauth2, resync, secret } from '@cx/core'

/** A source that says its secrets wherever it can: in its log, in names and links, in errors. */
export default defineConnector({
  name: 'canary',
  title: 'Canary',
  description: 'For tests.',
  config: {
    type: 'object',
    required: ['signingKey'],
    properties: {
      signingKey: { type: 'string', title: 'Signing key', writeOnly: true },
      fail: { type: 'boolean', title: 'Fail' },
    },
  },
  auth: {
    oauth: oauth2({
      authorizationUrl: 'https://canary.invalid/authorize',
      tokenUrl: 'https://canary.invalid/token',
      scopes: [],
    }),
    token: secret({
      type: 'object',
      required: ['token'],
      properties: { token: { type: 'string', writeOnly: true } },
    }),
  },
  connect: async ({ config, credentials, log }) => {
    const given = await credentials()
    const said = `${given.method === 'token' ? given.token : ''} ${config.signingKey}`
    log.info(`Connecting with ${said}`, { with: said, nested: { deep: [said] } })
    return { said }
  },
  check: async ({ said }, { config }) => {
    if (config.fail) throw new ConnectorError('unauthenticated', `401 for ${said}`, { remediation: `Not ${said}` })
    return { account: `you with ${said}` }
  },
  async *list({ said }, { unreadable }) {
    yield { id: 'a', path: 'a.txt', version: '1', title: `About ${said}`, url: `https://canary.invalid/?key=${said}` }
    yield { id: 'b', path: `b-${said}.txt`, version: '1' }
    unreadable('rest', new ConnectorError('forbidden', `The rest is not for ${said}`))
  },
  read: async ({ said }, { id }, { log }) => {
    log.warn(`Reading with ${said}`)
    if (id === 'b') throw new Error(`Broken for ${said}`)
    return { body: 'A canary sings.', mimeType: 'text/plain', title: `Read with ${said}` }
  },
  webhook: {
    verify: hmac({ hash: 'sha256', header: 'x-canary-signature', encoding: 'hex' }),
    receive: () => resync('Sung.'),
  },
})
