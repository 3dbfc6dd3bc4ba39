import type { BrowseItem } from '@cx/core'
import { idOf } from './config.ts'
import { folderType } from './item.ts'
import { myDrive } from './place.ts'
import type { DriveRun } from './session.ts'
import { quoted } from './walk.ts'

/**
 * My Drive and the shared drives, then their folders. A path that begins with `drives/` goes into `sharedDriveIds`, one
 * that begins with `folders/` into `folderIds`, as it stands.
 */
export async function* children(path: string, { session, signal }: DriveRun): AsyncGenerator<BrowseItem, void, void> {
  const { client } = session
  if (path === '') {
    yield { path: 'folders/root', title: myDrive, hasChildren: true, selectable: true }
    for (const { id, name } of (await session.drives(signal)).values())
      yield { path: `drives/${id}`, title: name || id, hasChildren: true, selectable: true }
    return
  }
  const id = idOf(path)
  const driveId = path.startsWith('drives/') ? id : (await client.get(id, 'id,driveId', signal)).driveId
  const q = `${quoted(id)} in parents and mimeType = '${folderType}' and trashed = false`
  for await (const page of client.pages({ driveId, q, fields: 'id,name,mimeType,parents' }, signal))
    for (const { id: folderId, name, mimeType } of page.files)
      if (mimeType === folderType)
        yield { path: `folders/${folderId}`, title: name || folderId, hasChildren: true, selectable: true }
}
