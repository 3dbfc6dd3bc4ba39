import type { DriveFile } from './item.ts'
import type { DriveRun } from './session.ts'
import type { Folder } from './tree.ts'

/** Where a file stands. */
export interface Place {
  readonly kind: 'myDrive' | 'sharedWithMe' | 'drive'
  /** The first segment of its path. */
  readonly root: string
  /** The nearest first. */
  readonly folders: readonly Folder[]
}

export const myDrive = 'My Drive'
export const sharedWithMe = 'Shared with me'

/** A slash in a name is no separator. */
export function segment(name: string | undefined): string {
  return (name || 'Untitled').replaceAll('/', '\u2215')
}

export async function placeOf(file: DriveFile, { session, signal }: DriveRun): Promise<Place> {
  const root = file.driveId === undefined ? await session.root(signal) : undefined
  const { folders, top } = await session.tree.chain(file, (id) => id === root, signal)
  if (top !== undefined && top === root) return { kind: 'myDrive', root: myDrive, folders }
  if (file.driveId !== undefined) {
    const name = await session.driveName(file.driveId, signal)
    if (name !== undefined) return { kind: 'drive', root: segment(name), folders }
  }
  return { kind: 'sharedWithMe', root: sharedWithMe, folders }
}

export function pathOf(place: Place, name: string): string {
  return [place.root, ...place.folders.toReversed().map((folder) => segment(folder.name)), segment(name)].join('/')
}

/** Whether the configuration asks for what stands there. */
export async function isWanted(file: DriveFile, place: Place, { session, signal }: DriveRun): Promise<boolean> {
  const { config, folderIds, driveIds } = session
  const { driveId } = file
  if (session.wantsUserCorpus || session.wantsAllDrives) {
    if (driveId !== undefined && (place.kind === 'drive' || (await session.drives(signal)).has(driveId)))
      return session.wantsAllDrives
    if (!session.wantsUserCorpus) return false
    return place.kind === 'myDrive' ? config.includeMyDrive : config.includeSharedWithMe
  }
  if (driveId !== undefined && (driveIds.includes(driveId) || folderIds.includes(driveId))) return true
  if (place.folders.some((folder) => folderIds.includes(folder.id))) return true
  return place.kind === 'myDrive' && (folderIds.includes('root') || folderIds.includes(await session.root(signal)))
}
