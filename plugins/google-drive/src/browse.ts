import type { BrowseItem } from '@cx/core'
import { idOf } from './config.ts'
import { folderType } from './item.ts'
import { myDrive, sharedWithMe } from './place.ts'
import { openDrive } from './scope.ts'
import type { DriveRun } from './session.ts'
import { quoted } from './walk.ts'

/** No id of a folder. */
const shared = 'shared'

/**
 * My Drive, the shared drives and what others shared, then their folders. A path that begins with `drives/` goes into `sharedDriveIds`, one
 * that begins with `folders/` into `folderIds`, as it stands.
 */
export async function* children(path: string, { session, signal }: DriveRun): AsyncGenerator<BrowseItem, void, void> {
  const { client } = session
  if (path === '') {
    yield { path: 'folders/root', title: myDrive, hasChildren: true, selectable: true }
    for (const { id, name } of (await session.drives(signal)).values())
      yield { path: `drives/${id}`, title: name || id, hasChildren: true, selectable: true }
    yield { path: shared, title: sharedWithMe, hasChildren: true, selectable: false }
    return
  }
  const id = idOf(path)
  const driveId = path === shared ? undefined : await driveOf(path, id, { session, signal })
  const where = path === shared ? 'sharedWithMe = true' : `${quoted(id)} in parents`
  const q = `${where} and mimeType = '${folderType}' and trashed = false`
  for await (const page of client.pages({ driveId, q, fields: 'id,name,mimeType,parents' }, signal))
    for (const { id: folderId, name, mimeType } of page.files)
      if (mimeType === folderType)
        yield { path: `folders/${folderId}`, title: name || folderId, hasChildren: true, selectable: true }
}

async function driveOf(path: string, id: string, run: DriveRun): Promise<string | undefined> {
  if (path.startsWith('drives/')) return id
  if (id === 'root') return undefined
  return openDrive(await run.session.client.get(id, 'id,driveId', run.signal), run)
}
