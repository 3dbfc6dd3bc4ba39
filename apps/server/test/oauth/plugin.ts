import { ConnectorError, defineConnector, oauth2, type SourceConnector, secret } from '@cx/core'

/** A source behind OAuth. Its addresses are set by the tests, as operators of private clouds set them. */
const locker: SourceConnector = defineConnector({
  name: 'locker',
  title: 'Locker',
  description: 'For tests.',
  config: {
    type: 'object',
    required: ['apiUrl'],
    properties: { apiUrl: { type: 'string', format: 'uri' } },
  },
  auth: {
    oauth: oauth2({
      authorizationUrl: 'https://locker.invalid/authorize',
      tokenUrl: 'https://locker.invalid/token',
      revocationUrl: 'https://locker.invalid/revoke',
      scopes: ['openid', 'offline_access'],
      clientAuthentication: 'basic',
      authorizationParams: { prompt: 'consent' },
    }),
    token: secret({
      type: 'object',
      required: ['token'],
      properties: { token: { type: 'string', writeOnly: true } },
    }),
  },
  connect: ({ config, credentials, fetch }) => {
    const ask = async (refused: boolean): Promise<Response> => {
      const given = await credentials({ refused })
      const token = given.method === 'oauth' ? given.accessToken : given.token
      return fetch(config.apiUrl, { headers: { Authorization: `Bearer ${token}` } })
    }
    return {
      /** Where the provider says that the person's things are. */
      home: async () => {
        const given = await credentials()
        return given.method === 'oauth' ? given.extra.instance_url : undefined
      },
      me: async () => {
        let response = await ask(false)
        if (response.status === 401) response = await ask(true)
        if (!response.ok) throw new ConnectorError('unauthenticated', `The locker answered ${response.status}.`)
        return (await response.json()) as { readonly sub: string }
      },
    }
  },
  check: async (session) => ({ account: (await session.me()).sub }),
  async *list(session) {
    const { sub } = await session.me()
    const home = await session.home()
    yield { id: 'note', path: 'note.txt', version: '1', title: `Note of ${sub}`, ...(home && { url: `${home}/note` }) }
  },
  read: async (session) => ({ body: `A note of ${(await session.me()).sub}.`, mimeType: 'text/plain' }),
})
export default locker
