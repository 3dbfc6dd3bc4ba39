import type { Json, Principal } from '@cx/core'
import type { Fixture } from '@cx/testing'
import { type Item, type Permission, reader } from './fake/model.ts'
import { directoryScopes, driveScope, FakeDrive, folder } from './fake/server.ts'

const accessToken = 'ya29.conformance-7f3a9c2e'

/** The ways to list: a corpus flat, with and without a drive, and a folder level by level. Keys are paths in it. */
export const fixtures: readonly Fixture[] = [
  fixtureOf('a shared drive', {
    driveId: '0ADocs',
    parent: '0ADocs',
    path: 'Handbook',
    scope: { sharedDriveIds: ['0ADocs'] },
  }),
  fixtureOf('My Drive', { parent: 'root-of-ann', path: 'My Drive', scope: { includeSharedDrives: false } }),
  fixtureOf('a folder', { parent: 'papers', path: 'My Drive/Papers', scope: { folderIds: ['papers'] } }),
]

interface Corner {
  readonly driveId?: string
  readonly parent: string
  readonly path: string
  readonly scope: Readonly<Record<string, Json>>
}

function fixtureOf(where: string, { driveId, parent: top, path, scope }: Corner): Fixture {
  const inDrive = driveId ? { driveId } : {}
  return {
    name: `Google Drive on loopback, ${where}`,
    // Pages hold 4 files here. A page of folders, the drives, their members, and pages of files.
    budgets: { list: (entries) => 6 + Math.ceil(entries / 4), unchanged: 2, acls: (entries) => 1 + entries, read: 1 },

    async start() {
      const drive = await new FakeDrive().start()
      drive.pageCap = 4
      drive.token(accessToken, [driveScope, ...directoryScopes])
      drive.drive('0ADocs', 'Handbook', [
        reader('ann@example.com', 'user', 'organizer'),
        reader('staff@example.com', 'group'),
      ])
      drive.groups.set('staff@example.com', [{ email: 'bob@example.com', type: 'USER' }])
      drive.groups.set('kit-group', [{ email: 'cleo@example.com', type: 'USER' }])
      const base = { apiUrl: drive.url, groupMembers: true }
      drive.add('Papers', { id: 'papers', mimeType: folder })
      const config = { ...base, ...scope }
      const keys = new Map<string, Item>()

      function parentOf(key: string): string {
        let parent = top
        for (const name of key.split('/').slice(0, -1)) {
          const known = [...drive.items.values()].find(
            (one) => one.mimeType === folder && one.name === name && one.parents[0] === parent,
          )
          parent = (known ?? drive.add(name, { mimeType: folder, ...inDrive, parents: [parent] })).id
        }
        return parent
      }
      const nameOf = (key: string) => key.slice(key.lastIndexOf('/') + 1)
      const permission = (one: Principal): Permission => {
        if (one.type === 'anyone') return { id: 'anyone', type: 'anyone', role: 'reader', allowFileDiscovery: true }
        return reader(one.id, one.type)
      }

      return {
        config,
        credentials: { method: 'oauth', accessToken, extra: {} },
        badCredentials: { method: 'oauth', accessToken: 'ya29.revoked-7f3a9c2e', extra: {} },
        badConfig: { ...base, sharedDriveIds: ['0Amissing'], folderIds: ['missing'] },
        alternatives: [
          {
            ...base,
            sharedDriveIds: ['0ADocs'],
            folderIds: ['root', 'https://drive.google.com/drive/folders/0ADocs'],
            includeMimeTypes: ['text/*'],
            excludeMimeTypes: ['text/css'],
          },
          {
            ...base,
            includeMyDrive: true,
            includeSharedWithMe: false,
            includeSharedDrives: true,
            corpus: 'domain',
            followShortcuts: false,
          },
          {
            ...config,
            linkShares: 'grant',
            respectGenAiRestriction: false,
            acknowledgeAbuse: true,
            quotaUnitsPerMinute: 325_000,
          },
        ],
        pathOf: (key) => `${path}/${key}`,
        async put(key, content) {
          const known = keys.get(key)
          if (known) drive.edit(known, { content })
          else
            keys.set(
              key,
              drive.add(nameOf(key), {
                content,
                mimeType: 'text/markdown',
                ...inDrive,
                parents: [parentOf(key)],
              }),
            )
        },
        async remove(key) {
          drive.delete(keys.get(key)!.id)
          keys.delete(key)
        },
        async rename(from, to) {
          const item = keys.get(from)!
          keys.delete(from)
          keys.set(to, item)
          drive.edit(item, { name: nameOf(to), parents: [parentOf(to)] })
        },
        async deny(key) {
          drive.edit(keys.get(key)!, { extra: { capabilities: { canDownload: false } } })
        },
        async truncate() {
          drive.incomplete = () => true
        },
        async expireCursors() {
          drive.expireTokens()
        },
        async setAcl(key, readers) {
          drive.edit(keys.get(key)!, {
            permissions: readers.map(permission),
            ...(driveId ? { inheritedPermissionsDisabled: true } : {}),
          })
          return readers.map((one) => (one.type === 'group' ? { type: 'group', id: `google:${one.id}` } : one))
        },
        big: {
          async entries(count) {
            drive.pageCap = 1000
            for (let index = 0; index < count; index++)
              drive.add(`${index}.txt`, { ...inDrive, parents: [top], content: `file ${index}` })
          },
        },
        webhook: {
          secret: 'channel-token-9b1f4d',
          deliveries: [delivery('change', 'resync'), delivery('sync', 'ignored')],
          sign: (_, secret) => ({ 'x-goog-channel-token': secret }),
        },
        close: () => drive.stop(),
      }
    },
  }
}

function delivery(state: string, expect: 'resync' | 'ignored') {
  const headers = {
    'x-goog-channel-id': '4ba78bf0-6a47-11e2-bcfd-0800200c9a66',
    'x-goog-message-number': '2',
    'x-goog-resource-id': 'r-user',
    'x-goog-resource-uri': 'https://www.googleapis.com/drive/v3/changes',
    'x-goog-resource-state': state,
  }
  return { headers, body: '', expect }
}
