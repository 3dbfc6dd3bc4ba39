import type { Log } from '@cx/core'
import { Access } from './acl.ts'
import { type ClientOptions, Drive, type SharedDrive } from './client.ts'
import { type Config, createTypeFilter, idOf } from './config.ts'
import { concernsPart, isNotFound } from './errors.ts'
import type { DriveUser } from './item.ts'
import { Tree } from './tree.ts'

/** What every verb gets besides its arguments. */
export interface DriveRun {
  readonly session: Session
  readonly signal: AbortSignal
}

/** One run's connection, and what is asked for once in it. */
export class Session {
  readonly client: Drive
  readonly config: Config
  readonly log: Log
  readonly tree: Tree
  readonly access: Access
  readonly wantsType: (mimeType: string) => boolean
  /** Of the configuration; may hold `root`. */
  readonly folderIds: readonly string[]
  readonly driveIds: readonly string[]
  /** Whether files outside shared drives are listed as a whole. */
  readonly wantsUserCorpus: boolean
  readonly wantsAllDrives: boolean
  #me: Promise<DriveUser> | undefined
  #root: Promise<string> | undefined
  #drives: Promise<ReadonlyMap<string, SharedDrive>> | undefined
  readonly #names = new Map<string, Promise<string | undefined>>()
  /** Access lists asked for one by one so far. */
  aclsAsked = 0

  constructor(config: Config, log: Log, options: Omit<ClientOptions, 'apiUrl' | 'unitsPerMinute'>) {
    this.config = config
    this.log = log
    this.client = new Drive({ ...options, apiUrl: config.apiUrl, unitsPerMinute: config.quotaUnitsPerMinute })
    this.tree = new Tree(this.client)
    this.access = new Access(this)
    this.wantsType = createTypeFilter(config)
    this.folderIds = [...new Set(config.folderIds.map(idOf))]
    this.driveIds = [...new Set(config.sharedDriveIds.map(idOf))]
    const named = this.folderIds.length > 0 || this.driveIds.length > 0
    this.wantsUserCorpus = !named && (config.includeMyDrive || config.includeSharedWithMe)
    this.wantsAllDrives = !named && config.includeSharedDrives
  }

  me(signal: AbortSignal): Promise<DriveUser> {
    this.#me ??= remembered(this.client.about(signal), () => {
      this.#me = undefined
    })
    return this.#me
  }

  /** Id of the folder that is My Drive. */
  root(signal: AbortSignal): Promise<string> {
    this.#root ??= remembered(
      this.client.get('root', 'id', signal).then(
        ({ id }) => id,
        (error: unknown) => {
          // An account without a Drive of its own, such as one that only reads shared drives.
          if (isNotFound(error)) return 'root'
          throw error
        },
      ),
      () => {
        this.#root = undefined
      },
    )
    return this.#root
  }

  /** The shared drives this account is a member of; `fresh` asks again. */
  drives(signal: AbortSignal, fresh = false): Promise<ReadonlyMap<string, SharedDrive>> {
    if (fresh) this.#drives = undefined
    this.#drives ??= remembered(this.#listDrives(signal), () => {
      this.#drives = undefined
    })
    return this.#drives
  }

  async #listDrives(signal: AbortSignal): Promise<ReadonlyMap<string, SharedDrive>> {
    const drives = new Map<string, SharedDrive>()
    try {
      for await (const drive of this.client.drives(signal)) drives.set(drive.id, drive)
    } catch (error) {
      // Google always has this list, if need be an empty one; what stands in for Google may have no shared drives at all.
      if (!isNotFound(error) || drives.size > 0) throw error
    }
    return drives
  }

  /** The real name; `files.get` calls every shared drive "Drive". Undefined when this account is no member. */
  async driveName(id: string, signal: AbortSignal): Promise<string | undefined> {
    const listed = await this.#drives
    if (listed) {
      const name = listed.get(id)?.name
      if (name !== undefined) return name
    }
    let name = this.#names.get(id)
    if (name === undefined) {
      name = remembered(
        this.client.drive(id, signal).then(
          (drive) => drive.name,
          (error: unknown) => {
            if (concernsPart(error)) return undefined
            throw error
          },
        ),
        () => this.#names.delete(id),
      )
      this.#names.set(id, name)
    }
    return name
  }
}

/** A failure must not stick: the next verb of the same session asks again. */
function remembered<T>(promise: Promise<T>, forget: () => void): Promise<T> {
  promise.catch(forget)
  return promise
}
