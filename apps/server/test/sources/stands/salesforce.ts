import { createHmac } from 'node:crypto'
import { FakeSalesforce } from '../../../../../plugins/salesforce/test/fake/server.ts'
import type { Stand } from '../life.ts'

/** Two accounts, and Bob, who may read what is shared with him. */
export async function salesforceStand(): Promise<Stand & { readonly fake: FakeSalesforce }> {
  const fake = await new FakeSalesforce().start()
  const { org } = fake
  const secret = 'consumer-secret-7d05'
  fake.clients.set('consumer', { secret })
  const bob = org.insert('User', {
    Name: 'Bob',
    Email: 'bob@example.com',
    IsActive: true,
    UserType: 'Standard',
  })
  // A share lets in only whom a permission set lets read accounts at all.
  const reading = org.insert('PermissionSet', {
    Name: 'Read',
    PermissionsViewAllData: false,
    PermissionsModifyAllData: false,
  })
  org.insert('ObjectPermissions', {
    ParentId: reading,
    SobjectType: 'Account',
    PermissionsRead: true,
    PermissionsViewAllRecords: false,
  })
  org.insert('PermissionSetAssignment', { AssigneeId: bob, PermissionSetId: reading })
  const pets = org.insert('Account', { Name: 'Pets', Description: 'Feed the axolotl.' })
  const old = org.insert('Account', { Name: 'Old', Description: 'The gecko climbs.' })
  org.tick(3600)
  const credentials = { method: 'client_credentials', clientId: 'consumer', clientSecret: secret }
  const config = { objects: ['Account'], instanceUrl: fake.url }
  let share = ''
  return {
    fake,
    config,
    badConfig: { ...config, objects: ['Acount'] },
    credentials,
    badCredentials: { ...credentials, clientSecret: 'consumer-secret-revoked' },
    secret,
    kept: `Account/${pets}`,
    dropped: `Account/${old}`,
    browse: { shows: 'Account' },
    write: (word) => {
      org.update('Account', pets, { Description: `Feed the ${word}.` })
      org.tick(3600)
    },
    drop: () => {
      org.remove('Account', old)
      org.tick(3600)
    },
    contentReads: () => fake.queries(/Description.* FROM Account/),
    reader: 'bob@example.com',
    admit: (isIn) => {
      if (isIn) share = org.insert('AccountShare', { AccountId: pets, UserOrGroupId: bob, RowCause: 'Manual' })
      else org.erase('AccountShare', share)
    },
    hook: {
      body: () => JSON.stringify({ id: 'delivery-1', records: [{ object: 'Account', id: pets }] }),
      sign: (body, key) => ({ 'X-Cx-Signature': `sha256=${createHmac('sha256', key).update(body).digest('hex')}` }),
    },
    close: () => fake.stop(),
  }
}
