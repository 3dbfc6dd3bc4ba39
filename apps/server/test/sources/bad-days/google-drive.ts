import { folder, me } from '../../../../../plugins/google-drive/test/fake/model.ts'
import { driveScope } from '../../../../../plugins/google-drive/test/fake/server.ts'
import { driveStand } from '../stands/google-drive.ts'
import { startDetour } from './detour.ts'
import { failLate, justBefore, type Scene } from './scene.ts'

const count = 45

/** A folder of My Drive, read for Ann by a service account. */
export async function driveScene(): Promise<Scene> {
  const stand = await driveStand()
  const { drive } = stand
  const pets = drive.add('Pets', { mimeType: folder })
  const files = Array.from({ length: count }, (_, n) =>
    drive.add(`File ${n}.txt`, { parents: [pets.id], content: n === 0 ? 'Feed the axolotl.' : `Note ${n}.` }),
  )
  drive.pageCap = 1
  const detour = await startDetour(drive.url)
  const account = [...drive.serviceAccounts.keys()][0]!
  const held = drive.serviceAccounts.get(account)!
  const grant = (change: Partial<typeof held> | undefined) => {
    if (change) drive.serviceAccounts.set(account, { ...held, ...change })
    else drive.serviceAccounts.delete(account)
    drive.tokens.clear()
    return () => {
      drive.serviceAccounts.set(account, held)
      drive.tokens.clear()
    }
  }
  /** Whatever it was asked for, Google grants these scopes; to this account. */
  const asIf = (scopes: readonly string[], email: string) => {
    const set = drive.tokens.set.bind(drive.tokens)
    drive.tokens.clear()
    drive.tokens.set = (token) => set(token, { email, permissionId: `p-${email}`, scopes })
    return () => {
      drive.tokens.set = set
      drive.tokens.clear()
    }
  }
  const trash = (trashed: boolean) => drive.edit(pets, { trashed })
  return {
    type: 'google_drive',
    config: { apiUrl: detour.url, folderIds: [pets.id] },
    credentials: stand.credentials,
    subtree: 'My Drive/Pets/',
    count,
    days: {
      'a revoked token': {
        begin: () => grant(undefined),
        ends: 'failed',
        code: 'unauthenticated',
        says: /Check that the key is active/,
      },
      'a missing scope': {
        begin: () => asIf([], me),
        ends: 'failed',
        code: 'forbidden',
        says: /grant the scopes/,
      },
      'a container that was renamed': {
        begin: () => {
          drive.edit(pets, { name: 'Animals' })
          return () => drive.edit(pets, { name: 'Pets' })
        },
        ends: 'completed',
      },
      'a container that went, or is closed to us': {
        begin: () => {
          trash(true)
          return () => trash(false)
        },
        ends: 'failed',
        code: 'misconfigured',
        says: /folder/,
      },
      'a document that goes between listing and reading': {
        begin: () => {
          drive.edit(files[7]!, { content: 'Soon gone.' })
          const isRead = ({ path, query }: { path: string; query: URLSearchParams }) =>
            path.endsWith(files[7]!.id) && query.get('alt') === 'media'
          return justBefore(detour, isRead, () => drive.delete(files[7]!.id))
        },
        ends: 'completed',
        gone: 1,
      },
      'an error 500 on a late page': {
        begin: () =>
          failLate(detour, ({ path, query }) => path.endsWith('/files') && query.get('pageSize') !== '20', {
            status: 500,
            body: { error: { code: 500, message: 'Internal Error', errors: [{ reason: 'internalError' }] } },
          }),
        ends: 'failed',
        code: 'unavailable',
      },
      'a cursor that expired': {
        begin: () => {
          drive.edit(files[1]!, { content: 'A newt.' })
          drive.expireTokens()
          return () => {}
        },
        ends: 'completed',
        finds: 'newt',
      },
      'another tenant behind the same address': {
        begin: () => asIf([driveScope], 'eve@elsewhere.example'),
        ends: 'failed',
        code: 'misconfigured',
        says: /lead to p-eve@elsewhere/,
      },
    },
    close: async () => {
      await detour.close()
      await stand.close()
    },
  }
}
