import { FakeSalesforce } from '../../../../../plugins/salesforce/test/fake/server.ts'
import { startDetour } from './detour.ts'
import { failLate, justBefore, type Scene } from './scene.ts'

const count = 45
const client = { clientId: 'consumer', clientSecret: 'consumer-secret-bad-days' }

/** An organisation with accounts. */
export async function salesforceScene(): Promise<Scene> {
  const fake = await new FakeSalesforce().start()
  const { org } = fake
  const register = () => fake.clients.set(client.clientId, { secret: client.clientSecret })
  register()
  fake.pageSize = 1
  const ids = Array.from({ length: count }, (_, n) =>
    org.insert('Account', { Name: `Account ${n}`, Description: n === 0 ? 'Feed the axolotl.' : `Note ${n}.` }),
  )
  org.tick(3600)
  const detour = await startDetour(fake.url)
  const account = org.objects.get('account')!
  const hide = (isHidden: boolean) => {
    if (isHidden) org.objects.delete('account')
    else org.objects.set('account', account)
  }
  const be = (id: string) => {
    org.table('Organization').clear()
    org.insertAs(id, 'Organization', { Name: 'Acme', IsSandbox: false })
  }
  const edit = (id: string, Description: string) => {
    org.update('Account', id, { Description })
    org.tick(3600)
  }
  return {
    type: 'salesforce',
    config: { objects: ['Account'], instanceUrl: detour.url },
    credentials: { method: 'client_credentials', ...client },
    subtree: 'Account/',
    count,
    days: {
      'a revoked token': {
        begin: () => {
          fake.clients.clear()
          fake.tokens.clear()
          return register
        },
        ends: 'failed',
        code: 'unauthenticated',
        says: /Check the consumer key/,
      },
      'a missing scope': {
        begin: () => {
          account.info.queryable = false
          return () => {
            account.info.queryable = true
          }
        },
        ends: 'failed',
        code: 'forbidden',
        says: /read access/,
      },
      'a container that was renamed': {
        begin: () => {
          hide(true)
          org.objects.set('customer__c', { ...account, info: { ...account.info, name: 'Customer__c' } })
          return () => {
            hide(false)
            org.objects.delete('customer__c')
          }
        },
        ends: 'failed',
        code: 'forbidden',
        says: /The object Account is missing or hidden.*Check the API name/,
      },
      'a container that went, or is closed to us': {
        begin: () => {
          hide(true)
          return () => hide(false)
        },
        ends: 'failed',
        code: 'forbidden',
        says: /The object Account is missing or hidden.*Check the API name/,
      },
      'a document that goes between listing and reading': {
        begin: () => {
          edit(ids[7]!, 'Soon gone.')
          const isRead = ({ query }: { query: URLSearchParams }) =>
            /Description.* FROM Account/.test(query.get('q') ?? '')
          return justBefore(detour, isRead, () => org.erase('Account', ids[7]!))
        },
        ends: 'completed',
        gone: 1,
      },
      'an error 500 on a late page': {
        begin: () =>
          failLate(detour, ({ path, query }) => /\/query\/./.test(path) || / FROM Account/.test(query.get('q') ?? ''), {
            status: 500,
            body: [{ message: 'An unexpected error occurred.', errorCode: 'UNKNOWN_EXCEPTION' }],
          }),
        ends: 'failed',
        code: 'unavailable',
      },
      // The recycle bin keeps 15 days, so that a cursor is good for 14.
      'a cursor that expired': {
        begin: () => {
          edit(ids[1]!, 'A newt.')
          org.tick(16 * 86_400)
          return () => {}
        },
        ends: 'completed',
        finds: 'newt',
      },
      'another tenant behind the same address': {
        begin: () => {
          be('00D5g00000ZzZzZEAV')
          return () => be(org.id)
        },
        ends: 'failed',
        code: 'misconfigured',
        says: /lead to 00D5g00000ZzZzZEAV/,
      },
    },
    close: async () => {
      await detour.close()
      await fake.stop()
    },
  }
}
