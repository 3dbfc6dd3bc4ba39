import { createHmac } from 'node:crypto'
import { FakeConfluence } from '../../../../../plugins/confluence/test/fake/server.ts'
import type { Stand } from '../life.ts'

const token = 'ATATT-life-8b20'

/** A space with two pages. */
export async function confluenceStand(
  flavour: 'cloud' | 'data_center',
): Promise<Stand & { readonly fake: FakeConfluence }> {
  const isCloud = flavour === 'cloud'
  const fake = await new FakeConfluence(flavour).start()
  const { model } = fake
  const basic = `Basic ${Buffer.from(`ada@example.com:${token}`).toString('base64')}`
  fake.grants.set(isCloud ? basic : `Bearer ${token}`, { user: 'u-ada' })
  model.user('u-ada', 'Ada Lovelace', 'ada@example.com')
  model.user('u-bob', 'Bob', 'bob@example.com')
  const staff = model.group(isCloud ? 'g-staff' : 'staff', 'staff', ['u-ada'])
  model.space('ENG', {
    permissions: [{ principal: { type: 'group', id: staff.id }, operation: { key: 'read', targetType: 'space' } }],
  })
  const pets = model.page('ENG', 'Pets', '<p>Feed the axolotl.</p>')
  const old = model.page('ENG', 'Old', '<p>The gecko climbs.</p>')
  let reads = 0
  fake.intercept = ({ query }) => {
    if (query.has('body-format') || /body\./.test(query.get('expand') ?? '')) reads++
    return undefined
  }
  const config = { instanceUrl: fake.instanceUrl, spaceKeys: ['ENG'] }
  const credentials = isCloud ? { method: 'api_token', email: 'ada@example.com', token } : { method: 'pat', token }
  return {
    fake,
    config,
    badConfig: { ...config, spaceKeys: ['NOPE'] },
    credentials,
    badCredentials: { ...credentials, token: 'ATATT-life-revoked' },
    secret: token,
    kept: 'ENG/Pets.md',
    dropped: 'ENG/Old.md',
    browse: { shows: 'ENG' },
    write: (word) => model.edit(pets, { body: `<p>Feed the ${word}.</p>` }),
    drop: () => model.trash(old),
    contentReads: () => reads,
    reader: 'bob@example.com',
    admit: (isIn) => {
      staff.members = isIn ? ['u-ada', 'u-bob'] : ['u-ada']
    },
    hook: {
      body: () =>
        JSON.stringify(
          isCloud
            ? { pageId: pets.id, spaceKey: 'ENG', timestamp: new Date(pets.modifiedAt).toISOString() }
            : { event: 'page_updated', timestamp: pets.modifiedAt, page: { id: pets.id, spaceKey: 'ENG' } },
        ),
      // A rule of Cloud's Automation sends a header of its own; Data Center signs.
      sign: (body, secret) =>
        isCloud
          ? { 'X-Cx-Token': secret }
          : { 'X-Hub-Signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` },
      ...(!isCloud && {
        registered: () => fake.webhooks.map(({ url, configuration }) => ({ url, secret: configuration?.secret })),
      }),
    },
    close: () => fake.stop(),
  }
}
