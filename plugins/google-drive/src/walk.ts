import { ConnectorError } from '@cx/core'
import { isNotFound } from './errors.ts'
import { type DriveFile, fileFields, folderType } from './item.ts'
import type { DriveRun } from './session.ts'

/** Parents in one query. */
const parentsAtOnce = 40

export interface WalkOptions {
  readonly driveId?: string | undefined
  /** Also what is in the trash. */
  readonly trashed?: boolean
  /** Folders that were walked already; grows. Shortcuts and moves can make circles. */
  readonly visited: Set<string>
  readonly unreadable: (folderId: string, error: unknown) => Promise<void> | void
}

export function quoted(id: string): string {
  return `'${id.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** Everything below some folders, folders themselves left out: level by level, many folders in one query. */
export async function* walk(
  folderIds: readonly string[],
  run: DriveRun,
  options: WalkOptions,
): AsyncGenerator<readonly DriveFile[], void, void> {
  const { visited } = options
  let level = folderIds.filter((id) => !visited.has(id))
  for (const id of level) visited.add(id)
  while (level.length > 0) {
    const next: string[] = []
    for (let start = 0; start < level.length; start += parentsAtOnce)
      for await (const files of children(level.slice(start, start + parentsAtOnce), run, options)) {
        const rest: DriveFile[] = []
        for (const file of files)
          if (file.mimeType !== folderType) rest.push(file)
          else if (!visited.has(file.id)) {
            visited.add(file.id)
            run.session.tree.add(file)
            next.push(file.id)
          }
        if (rest.length > 0) yield rest
      }
    level = next
  }
}

async function* children(
  parents: readonly string[],
  run: DriveRun,
  options: WalkOptions,
): AsyncGenerator<readonly DriveFile[], void, void> {
  const { session, signal } = run
  const { driveId, trashed = false, unreadable } = options
  const anyParent = parents.map((id) => `${quoted(id)} in parents`).join(' or ')
  const q = trashed ? anyParent : `(${anyParent}) and trashed = false`
  const among = new Set(parents)
  try {
    for await (const page of session.client.pages(
      { driveId, q, fields: fileFields[driveId ? 'drive' : 'user'] },
      signal,
    )) {
      if (page.incomplete) for (const parent of parents) await unreadable(parent, incompleteSearch())
      yield page.files.filter((file) => file.parents?.some((parent) => among.has(parent)))
    }
  } catch (error) {
    if (!isNotFound(error)) throw error
    // One of them vanished, and Google does not say which.
    if (parents.length === 1) return void (await unreadable(parents[0]!, error))
    for (const parent of parents) yield* children([parent], run, options)
  }
}

export function incompleteSearch(): ConnectorError {
  return new ConnectorError(
    'unavailable',
    'Google Drive did not search everything (incompleteSearch): files may be missing, so none is deleted here.',
    {
      remediation: 'Sync again later; if it stays, name fewer folders or shared drives in the configuration.',
    },
  )
}
