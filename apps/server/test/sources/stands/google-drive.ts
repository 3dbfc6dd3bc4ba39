import { generateKeyPairSync } from 'node:crypto'
import { me, reader } from '../../../../../plugins/google-drive/test/fake/model.ts'
import { driveScope, FakeDrive } from '../../../../../plugins/google-drive/test/fake/server.ts'
import type { Stand } from '../life.ts'

const newKeys = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })

/** Two files of My Drive. */
export async function driveStand(): Promise<Stand & { readonly drive: FakeDrive }> {
  const drive = await new FakeDrive().start()
  const email = 'cx@project.iam.gserviceaccount.com'
  const [keys, others] = [newKeys(), newKeys()]
  drive.serviceAccounts.set(email, { publicKey: keys.publicKey, delegated: [driveScope] })
  const credentials = ({ privateKey }: typeof keys) => ({
    method: 'serviceAccount',
    subject: me,
    serviceAccountKey: JSON.stringify({
      type: 'service_account',
      client_email: email,
      private_key: privateKey,
      token_uri: `${drive.url}/token`,
    }),
  })
  const pets = drive.add('Pets.txt', { content: 'Feed the axolotl.' })
  const old = drive.add('Old.txt', { content: 'The gecko climbs.' })
  let reads = 0
  drive.before = (route, url, { headers }) => {
    // A check tries one byte, which is a range.
    const isWhole = url.searchParams.get('alt') === 'media' && !headers.has('range')
    if (isWhole || route.includes('export')) reads++
    return undefined
  }
  const config = { apiUrl: drive.url }
  return {
    drive,
    config,
    badConfig: { ...config, folderIds: ['missing'] },
    credentials: credentials(keys),
    badCredentials: credentials(others),
    secret: keys.privateKey.split('\n')[3]!,
    kept: 'My Drive/Pets.txt',
    dropped: 'My Drive/Old.txt',
    browse: { shows: 'folders/root' },
    write: (word) => drive.edit(pets, { content: `Feed the ${word}.` }),
    drop: () => drive.delete(old.id),
    contentReads: () => reads,
    reader: 'bob@example.com',
    admit: (isIn) =>
      drive.edit(pets, {
        permissions: [{ ...reader(me), role: 'owner' }, ...(isIn ? [reader('bob@example.com')] : [])],
      }),
    hook: {
      body: () => '',
      // A channel has a token, and no signature.
      sign: (_, secret) => ({
        'X-Goog-Channel-Id': '4ba78bf0-6a47-11e2-bcfd-0800200c9a66',
        'X-Goog-Channel-Token': secret,
        'X-Goog-Message-Number': '2',
        'X-Goog-Resource-Id': 'r-user',
        'X-Goog-Resource-State': 'change',
      }),
      registered: () => [...drive.channels.values()].map(({ body }) => ({ url: body.address, secret: body.token })),
    },
    close: () => drive.stop(),
  }
}
