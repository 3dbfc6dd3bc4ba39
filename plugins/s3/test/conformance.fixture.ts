import type { Principal } from '@cx/core'
import type { Fixture } from '@cx/testing'
import { xml } from './s3-index.ts'
import { startS3 } from './s3-server.ts'

const secretAccessKey = 'wJalrXUtnFEMI-K7MDENG-bPxRfiCY-test'

const grantee = (reader: Principal): string =>
  reader.type === 'anyone' ? '<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI>' : `<ID>${xml(reader.id)}</ID>`

export const fixture: Fixture = {
  name: 'fauxqs behind a front that checks signatures',
  budgets: { list: (n) => 1 + Math.ceil(n / 5), read: 1, acls: (n) => 2 + n },
  async start() {
    const server = await startS3({ secretAccessKey, pageSize: 5 })
    const config = { bucket: 'docs', endpoint: server.endpoint, aclMode: 'objectAcl' }
    const credentials = { method: 'accessKeys', accessKeyId: 'AKIATESTKEY', secretAccessKey }
    return {
      config,
      credentials,
      badCredentials: { ...credentials, secretAccessKey: 'wJalrXUtnFEMI-revoked-bPxRfiCY' },
      badConfig: { ...config, bucket: 'missing' },
      alternatives: [
        {
          ...config,
          aclMode: 'rules',
          aclRules: [{ prefix: '', users: ['ann@example.com'], groups: ['staff'], anyone: false }],
          region: 'us-east-1',
          prefix: 'd',
          forcePathStyle: true,
          include: ['**/*'],
          exclude: ['*.tmp'],
          includeArchivedRestored: false,
          requestPayer: true,
          expectedBucketOwner: '123456789012',
          stsEndpoint: server.endpoint,
          concurrency: 2,
        },
      ],
      put: (key, content) => server.put(key, content),
      async remove(key) {
        server.remove(key)
      },
      async setAcl(key, readers) {
        const grants = readers.map(
          (reader) => `<Grant><Grantee>${grantee(reader)}</Grantee><Permission>READ</Permission></Grant>`,
        )
        server.change(key, { grants: grants.join('') })
        return readers.map((reader) => (reader.type === 'anyone' ? reader : { type: 'user', id: reader.id }))
      },
      big: {
        async entries(count) {
          server.setPageSize(1000)
          server.seed(Array.from({ length: count }, (_, index) => `many/${index}.txt`))
        },
      },
      webhook: {
        secret: 'minio-notification-token',
        deliveries: [
          {
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({
              id: 'event-1',
              detail: { bucket: { name: 'docs' }, object: { key: 'docs/a b.md' } },
            }),
            expect: 'affected',
            paths: ['docs/a b.md'],
          },
          { headers: {}, body: JSON.stringify({ Event: 's3:TestEvent' }), expect: 'ignored' },
        ],
        sign: (_, secret) => ({ authorization: `Bearer ${secret}` }),
      },
      close: () => server.close(),
    }
  },
}
