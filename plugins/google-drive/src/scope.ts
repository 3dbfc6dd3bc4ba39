import { ConnectorError } from '@cx/core'
import type { SharedDrive } from './client.ts'
import { concernsPart } from './errors.ts'
import { type DriveFile, folderType, shortcutType } from './item.ts'
import { placeOf } from './place.ts'
import type { DriveRun } from './session.ts'

/** What is listed: whole corpora, and folders besides. */
export interface Scope {
  /** In the order of their ids. */
  readonly drives: readonly SharedDrive[]
  readonly user: boolean
  /** Without `driveId` where they are not listed in their drive. */
  readonly folders: readonly DriveFile[]
  /** Configured, and not to be seen. */
  readonly missing: readonly { readonly id: string; readonly error: unknown }[]
}

/**
 * Looks up what the configuration names.
 *
 * @throws ConnectorError `misconfigured` when nothing of it can be seen
 */
export async function resolveScope(run: DriveRun): Promise<Scope> {
  const { session, signal } = run
  const named = session.driveIds.length > 0
  const drives: SharedDrive[] = []
  const folders: DriveFile[] = []
  const missing: { id: string; error: unknown }[] = []
  const attempt = async (id: string, what: string, work: () => Promise<void>) => {
    try {
      await work()
    } catch (error) {
      if (!concernsPart(error)) throw error
      missing.push({ id, error: gone(what, id, await accountName(run)) })
    }
  }
  if (session.wantsAllDrives || named || session.wantsUserCorpus) {
    const listed = await session.drives(signal, true)
    if (session.wantsAllDrives) drives.push(...listed.values())
    for (const id of session.driveIds) {
      const drive = listed.get(id)
      if (drive) drives.push(drive)
      // One that a content manager was given by its address is not always listed.
      else await attempt(id, 'shared drive', async () => void drives.push(await session.client.drive(id, signal)))
    }
  }
  for (const id of session.folderIds)
    await attempt(id, 'folder', async () => {
      const folder = await folderAt(id, run)
      if (folder.driveId !== undefined && folder.driveId === folder.id) {
        const drive = await session.client.drive(folder.id, signal)
        if (!drives.some((one) => one.id === drive.id)) drives.push(drive)
      } else {
        const driveId = await openDrive(folder, run)
        const { driveId: _, ...rest } = folder
        folders.push(driveId === undefined ? rest : folder)
      }
    })
  if (missing.length > 0 && drives.length === 0 && folders.length === 0) throw missing[0]!.error
  drives.sort((a, b) => (a.id < b.id ? -1 : 1))
  return {
    drives,
    user: session.wantsUserCorpus,
    folders: folders.filter((one) => !drives.some(({ id }) => id === one.driveId)),
    missing,
  }
}

/**
 * The shared drive that a file is listed in. A drive of others has no list and no log for this account: what was given
 * to it there counts to the files outside.
 */
export async function openDrive(
  { driveId }: Pick<DriveFile, 'driveId'>,
  { session, signal }: DriveRun,
): Promise<string | undefined> {
  return driveId === undefined || (await session.driveName(driveId, signal)) === undefined ? undefined : driveId
}

async function folderAt(id: string, { session, signal }: DriveRun): Promise<DriveFile> {
  const folder = await session.client.folder(id, signal)
  const target = folder.shortcutDetails
  if (folder.mimeType === shortcutType && target?.targetMimeType === folderType && target.targetId)
    throw new ConnectorError(
      'misconfigured',
      `${folder.name} is a shortcut. Put the id of the folder itself (${target.targetId}) into folderIds.`,
    )
  if (folder.mimeType !== undefined && folder.mimeType !== folderType)
    throw new ConnectorError('misconfigured', `${id} in folderIds is "${folder.name}", which is a file and no folder.`)
  if (folder.trashed) throw new ConnectorError('not_found', `The folder "${folder.name}" is in the trash.`)
  session.tree.add(folder)
  return folder
}

function gone(what: string, id: string, account: string): ConnectorError {
  return new ConnectorError('misconfigured', `There is no ${what} ${id} that ${account} may see.`, {
    remediation: `Share it with ${account}, or take it out of the configuration.`,
  })
}

async function accountName({ session, signal }: DriveRun): Promise<string> {
  return (await session.me(signal)).emailAddress ?? 'the connected account'
}

/** The path under which everything of a folder is listed. */
export async function folderPath(folder: DriveFile, run: DriveRun): Promise<string> {
  const { root, folders } = await placeOf(
    { id: '', parents: [folder.id], ...(folder.driveId ? { driveId: folder.driveId } : {}) },
    run,
  )
  return [root, ...folders.toReversed().map(({ name }) => name.replaceAll('/', '\u2215'))].join('/')
}
