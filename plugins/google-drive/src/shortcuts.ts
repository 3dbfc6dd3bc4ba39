import { mapConcurrently } from '@cx/core/http'
import { locate } from './entry.ts'
import { concernsPart, isNotFound } from './errors.ts'
import { type DriveFile, type Found, fileFields, folderType, shortcutType } from './item.ts'
import { isWanted, placeOf } from './place.ts'
import type { DriveRun } from './session.ts'

const atOnce = 8
const filesPerBatch = 200

/** Shortcuts to files that no listing has shown yet. Grows with shortcuts only, not with files. */
export class Shortcuts {
  readonly #byTarget = new Map<string, DriveFile>()

  add(shortcut: DriveFile): void {
    const { targetId, targetMimeType } = shortcut.shortcutDetails ?? {}
    if (!targetId || targetMimeType === folderType) return
    const known = this.#byTarget.get(targetId)
    // Of several to the same file always the same one counts.
    if (known === undefined || shortcut.id < known.id) this.#byTarget.set(targetId, shortcut)
  }

  /** The shortcut that leads to this file. */
  to(fileId: string): DriveFile | undefined {
    return this.#byTarget.get(fileId)
  }

  listed(files: readonly DriveFile[]): void {
    if (this.#byTarget.size > 0) for (const { id } of files) this.#byTarget.delete(id)
  }

  /** The files behind those that are left, in the place of their shortcuts. */
  async *resolve(
    run: DriveRun,
    guess: boolean,
    unreadable: (path: string, error: unknown) => void,
  ): AsyncGenerator<{ readonly files: readonly Found[] }, void, void> {
    let files: Found[] = []
    const work = async (shortcut: DriveFile) => {
      try {
        return await targetOf(shortcut, run, guess)
      } catch (error) {
        if (!concernsPart(error)) throw error
        const { targetId: id = '', targetMimeType: mimeType = '' } = shortcut.shortcutDetails ?? {}
        const located = await locate({ file: { id, mimeType }, at: shortcut }, run)
        if (located) unreadable(located.path, error)
        return undefined
      }
    }
    for await (const found of mapConcurrently(this.#byTarget.values(), atOnce, work)) {
      if (found) files.push(found)
      if (files.length < filesPerBatch) continue
      yield { files }
      files = []
    }
    if (files.length > 0) yield { files }
  }
}

/**
 * The file a shortcut leads to. Undefined when it is gone, or listed at its own place; where no whole listing tells
 * (`guess`), by whether Google counts it to the account's files.
 */
export async function targetOf(shortcut: DriveFile, run: DriveRun, guess: boolean): Promise<Found | undefined> {
  const { session, signal } = run
  const { targetId = '', targetResourceKey } = shortcut.shortcutDetails ?? {}
  let file: DriveFile
  try {
    file = await session.client.get(targetId, fileFields.user, signal, targetResourceKey)
  } catch (error) {
    // Deleted, or never shared with this account: Google does not tell which.
    if (isNotFound(error)) return undefined
    throw error
  }
  if (file.trashed || file.mimeType === folderType || file.mimeType === shortcutType) return undefined
  const place = await placeOf(file, run)
  const counted = file.ownedByMe || file.sharedWithMeTime !== undefined || file.viewedByMeTime !== undefined
  const surely = place.kind !== 'sharedWithMe' || !session.wantsUserCorpus || (guess && counted)
  if (surely && (await isWanted(file, place, run))) return undefined
  return { file: { ...file, ...(targetResourceKey ? { resourceKey: targetResourceKey } : {}) }, at: shortcut }
}
