import type { Drive } from './client.ts'
import { concernsPart, isNotFound } from './errors.ts'
import { type DriveFile, folderType } from './item.ts'

/** One folder as paths and access lists need it. */
export interface Folder {
  readonly id: string
  readonly name: string
  readonly parent: string | undefined
  readonly driveId: string | undefined
  /** Has permissions of its own, or takes none from above. */
  readonly own: boolean
}

/** Folders above a file, the nearest first, and what stands above the last of them. */
export interface Chain {
  readonly folders: readonly Folder[]
  /** Id of a folder that cannot be seen, or of the root of a drive; undefined where Drive names none. */
  readonly top: string | undefined
}

const mostFolders = 200_000
const deepest = 200

/** The folders seen so far. At most so many are kept: one that was dropped, or never listed, is asked for. */
export class Tree {
  readonly #client: Drive
  readonly #limit: number
  readonly #folders = new Map<string, Folder | null>()
  readonly #asked = new Map<string, Promise<Folder | null>>()

  constructor(client: Drive, limit: number = mostFolders) {
    this.#client = client
    this.#limit = limit
  }

  add(file: DriveFile): Folder {
    const folder: Folder = {
      id: file.id,
      name: file.name ?? '',
      parent: file.parents?.[0],
      driveId: file.driveId,
      own: file.hasAugmentedPermissions === true || file.inheritedPermissionsDisabled === true,
    }
    this.#keep(file.id, folder)
    return folder
  }

  forget(id: string): void {
    this.#folders.delete(id)
  }

  async chain(file: DriveFile, isRoot: (id: string) => boolean, signal: AbortSignal): Promise<Chain> {
    const folders: Folder[] = []
    let top = file.parents?.[0]
    while (top !== undefined && !isRoot(top) && top !== file.driveId && folders.length < deepest) {
      const known = this.#folders.get(top)
      const folder = known === undefined ? await this.#ask(top, signal) : known
      if (folder === null || folders.includes(folder)) break
      folders.push(folder)
      top = folder.parent
    }
    return { folders, top }
  }

  /** Null when this account may not see it: then files in it stand at the top. */
  #ask(id: string, signal: AbortSignal): Promise<Folder | null> {
    let asked = this.#asked.get(id)
    if (asked === undefined) {
      asked = this.#fetch(id, signal).finally(() => this.#asked.delete(id))
      this.#asked.set(id, asked)
    }
    return asked
  }

  async #fetch(id: string, signal: AbortSignal): Promise<Folder | null> {
    try {
      const file = await this.#client.folder(id, signal)
      if (file.mimeType === undefined || file.mimeType === folderType) return this.add(file)
    } catch (error) {
      if (!isNotFound(error) && !concernsPart(error)) throw error
    }
    this.#keep(id, null)
    return null
  }

  #keep(id: string, folder: Folder | null): void {
    this.#folders.delete(id)
    this.#folders.set(id, folder)
    if (this.#folders.size <= this.#limit) return
    const oldest = this.#folders.keys().next()
    if (!oldest.done) this.#folders.delete(oldest.value)
  }
}
