import type { Fixture } from '@cx/testing'
import { refuse } from './fake/refuse.ts'
import { FakeSalesforce } from './fake/server.ts'

const token = '00D5g00000AbCdE!AQcAQFixtureAccessToken'

/** Accounts with long text, pages of five, private sharing. */
export const fixture: Fixture = {
  name: 'fake Salesforce on loopback',
  budgets: { list: (n) => 4 + Math.ceil(n / 5), unchanged: 6, acls: (n) => 4 + Math.ceil(n / 5), read: 3 },
  waive: {},

  async start() {
    const fake = await new FakeSalesforce().start()
    const { org } = fake
    fake.tokens.add(token)
    fake.pageSize = 5
    const ids = new Map<string, string>()
    const reader = org.insert('User', {
      Name: 'Kit Reader',
      Email: 'kit-reader@example.com',
      IsActive: true,
      UserType: 'Standard',
    })
    const oauth = (accessToken: string) => ({ method: 'oauth', accessToken, extra: { instance_url: fake.url } })
    const config = { objects: ['Account'], instanceUrl: fake.url, includeFiles: true, maxFileSizeMb: 1_000 }
    let large = ''
    const put = async (key: string, content: string) => {
      const id = ids.get(key)
      if (id) org.update('Account', id, { Description: content, IsDeleted: false })
      else ids.set(key, org.insert('Account', { Name: key, Description: content }))
    }
    return {
      config,
      credentials: oauth(token),
      badCredentials: oauth('00D5g00000AbCdE!AQcAQRevokedAccessToken'),
      badConfig: { objects: ['Acount'], instanceUrl: fake.url },
      alternatives: [
        {
          ...config,
          objects: ['Account', 'Contact', 'Case'],
          soqlFilter: "CreatedDate = LAST_N_DAYS:30 AND (NOT OwnerId = '')",
          filters: [{ object: 'Case', where: "Status != 'Closed'" }],
          excludeFields: ['Account.Industry'],
          loginUrl: fake.url,
          apiVersion: '64.0',
          includeFiles: true,
          includeKnowledge: true,
          includeComments: true,
          includeFeed: true,
          maxFileSizeMb: 5,
          bulkThreshold: 1,
          apiReservePercent: 10,
          aclMode: 'object',
          customHierarchy: true,
        },
      ],
      put,
      putAll: async (documents) => {
        for (const { key, content } of documents) await put(key, content)
      },
      remove: async (key) => {
        const id = ids.get(key)
        if (id) org.remove('Account', id)
      },
      settle: async () => org.tick(),
      pathOf: (key) =>
        key === 'docs/large.bin' ? large : ids.has(key) ? `Account/${ids.get(key)}` : `Account/missing-${key}`,
      deny: async () => {
        fake.before = ({ soql }) => {
          if (/FROM Account\b/.test(soql) && !/LIMIT 1$/.test(soql))
            throw refuse(403, 'INSUFFICIENT_ACCESS', 'insufficient access rights on object id')
        }
      },
      expireCursors: async () => org.tick(20 * 86_400),
      setAcl: async (key) => {
        org.insert('AccountShare', { AccountId: ids.get(key)!, UserOrGroupId: reader, RowCause: 'Manual' })
        return [{ type: 'group', id: `sf:user-and-above:${reader}` }]
      },
      big: {
        file: async (key, bytes) => {
          const name = key.split('/').at(-1)!
          const { document } = org.addFile(name, new Uint8Array(bytes))
          large = `ContentDocument/${document}/${name}`
          org.tick()
        },
        entries: async (count) => {
          fake.pageSize = 2_000
          for (let n = 0; n < count; n++) org.insert('Account', { Name: `Account ${n}`, Description: 'x' })
          org.tick()
        },
      },
      webhook: {
        secret: 'fixture-webhook-secret',
        deliveries: [
          {
            headers: {},
            body: JSON.stringify({ id: 'one', records: [{ object: 'account', id: '0015g0000000001AAA' }] }),
            expect: 'affected',
            paths: ['Account/0015g0000000001AAA'],
          },
          {
            headers: {},
            body: JSON.stringify({ records: [{ object: 'Lead', id: '00Q5g0000000001AAA' }] }),
            expect: 'ignored',
          },
        ],
      },
      close: () => fake.stop(),
    }
  },
}
