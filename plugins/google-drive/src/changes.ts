import { createHash } from 'node:crypto'
import {
  type Checkpoint,
  ConnectorError,
  checkpoint,
  type Entry,
  isConnectorError,
  type Removed,
  removed,
} from '@cx/core'
import { mapConcurrently } from '@cx/core/http'
import type { DriveChange } from './client.ts'
import { entryId } from './entry.ts'
import { concernsPart, isBadToken, isNotFound } from './errors.ts'
import { type DriveFile, type Found, fileFields, folderType, shortcutType } from './item.ts'
import { entryOf } from './list.ts'
import { sharedWithMe } from './place.ts'
import { openDrive, resolveScope } from './scope.ts'
import type { DriveRun, Session } from './session.ts'
import { Shortcuts, targetOf } from './shortcuts.ts'
import { incompleteSearch, walk } from './walk.ts'

/** Where each log was read to: the account's own, and one for each shared drive. `null`: there is no log of it. */
export type Cursor = {
  readonly v: 1
  /** Of the configuration that chose the logs. */
  readonly scope: string
  readonly user: string | null
  readonly drives: { readonly [driveId: string]: string }
}

const atOnce = 16
/** More folders than these in one change: listing everything is cheaper. */
const mostFolders = 5_000

function scopeOf({ config, folderIds, driveIds }: Session): string {
  const {
    includeMyDrive,
    includeSharedWithMe,
    includeSharedDrives,
    corpus,
    includeMimeTypes,
    excludeMimeTypes,
    followShortcuts,
    linkShares,
    respectGenAiRestriction,
  } = config
  const parts = [
    folderIds,
    driveIds,
    includeMyDrive,
    includeSharedWithMe,
    includeSharedDrives,
    corpus,
    includeMimeTypes,
    excludeMimeTypes,
    followShortcuts,
    linkShares,
    respectGenAiRestriction,
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 12)
}

export async function cursorNow(run: DriveRun): Promise<Cursor> {
  const { session, signal } = run
  const { drives, user, folders } = await resolveScope(run)
  const ids = new Set([...drives.map(({ id }) => id), ...folders.flatMap(({ driveId }) => driveId ?? [])])
  // What individual people were given in shared drives of others shows in their own log only.
  const own = user || folders.some(({ driveId }) => driveId === undefined)
  const tokens: Record<string, string> = {}
  const ask = async (id: string) => {
    tokens[id] = await session.client.startPageToken(id, signal)
  }
  for await (const _ of mapConcurrently([...ids].sort(), 4, ask));
  return {
    v: 1,
    scope: scopeOf(session),
    user: own ? await session.client.startPageToken(undefined, signal) : null,
    drives: tokens,
  }
}

/** https://developers.google.com/workspace/drive/api/guides/about-changelogs */
export async function* changesSince(
  cursor: Cursor,
  run: DriveRun,
): AsyncGenerator<Entry | Removed | Checkpoint<Cursor>, void, void> {
  const { session } = run
  if (!isCursor(cursor) || cursor.scope !== scopeOf(session))
    throw expired('The configuration has changed, or the cursor is damaged.')
  // A domain's files have no log.
  if (session.wantsUserCorpus && session.config.corpus === 'domain')
    throw expired('Files of a whole domain have no change log.')
  let current = cursor
  const news = new News(run)
  for (const driveId of [undefined, ...Object.keys(cursor.drives).sort()]) {
    let token = driveId === undefined ? current.user : current.drives[driveId]
    if (token === null || token === undefined) continue
    for (;;) {
      const page = await pageOf(driveId, token, run)
      yield* news.of(page.changes ?? [], driveId, current)
      const next: string | undefined = page.nextPageToken ?? page.newStartPageToken
      if (next === undefined)
        throw new ConnectorError('unavailable', 'Google Drive ended its change log without a next token.')
      token = next
      current =
        driveId === undefined
          ? { ...current, user: next }
          : { ...current, drives: { ...current.drives, [driveId]: next } }
      yield checkpoint(current)
      if (page.nextPageToken === undefined) break
    }
  }
}

function isCursor(value: unknown): value is Cursor {
  const { v, user, drives } = (value ?? {}) as Partial<Cursor>
  return v === 1 && (user === null || typeof user === 'string') && typeof drives === 'object' && drives !== null
}

function expired(why: string): ConnectorError {
  return new ConnectorError('cursor_expired', `${why} Everything is listed again.`)
}

async function pageOf(driveId: string | undefined, pageToken: string, { session, signal }: DriveRun) {
  try {
    return await session.client.changes({ driveId, pageToken, fields: fileFields[driveId ? 'drive' : 'user'] }, signal)
  } catch (error) {
    if (isBadToken(error)) throw expired('Google Drive no longer takes the place in its change log.')
    // The listing finds out whether the drive is gone or only this account's membership.
    if (driveId !== undefined && (isNotFound(error) || (isConnectorError(error) && error.code === 'forbidden')))
      throw expired('The change log of a shared drive cannot be read any more.')
    throw error
  }
}

/** Turns changes into what they mean for the index. */
class News {
  readonly #run: DriveRun
  readonly #walked = new Set<string>()
  #shortcuts: Promise<Shortcuts> | undefined

  constructor(run: DriveRun) {
    this.#run = run
  }

  async *of(
    changes: readonly DriveChange[],
    log: string | undefined,
    cursor: Cursor,
  ): AsyncGenerator<Entry | Removed, void, void> {
    const { session } = this.#run
    const last = new Map<string, DriveChange>()
    for (const change of changes) {
      if (change.changeType === 'drive' || (change.fileId === undefined && change.driveId !== undefined))
        this.#drive(change, log, cursor)
      else if (change.fileId !== undefined) last.set(change.fileId, change)
    }
    const folders: DriveFile[] = []
    const files: DriveFile[] = []
    for (const [id, { file, removed: gone }] of last) {
      session.tree.forget(id)
      session.access.forget(id)
      // Nothing below it is said to be gone: a listing tells people first.
      if (session.folderIds.includes(id) && (file === undefined || file.trashed))
        throw expired('A configured folder went, or is closed to this account.')
      if (file === undefined) {
        if (gone) yield removed(entryId(id))
        continue
      }
      // Its own log tells it, with more.
      if (log === undefined && file.driveId !== undefined && file.driveId in cursor.drives) continue
      if (file.mimeType === folderType) folders.push(file)
      else files.push(file)
    }
    for (const folder of folders) if (!folder.trashed) session.tree.add(folder)
    yield* this.#files(files)
    yield* this.#below(folders)
  }

  /** A shared drive was renamed, came, went, or has other members: paths or access lists of all its files change. */
  #drive({ driveId = '', removed: gone }: DriveChange, log: string | undefined, cursor: Cursor): void {
    const followed = driveId in cursor.drives
    if (followed || log === driveId || (this.#run.session.wantsAllDrives && !gone))
      throw expired('A shared drive has changed.')
  }

  async *#files(files: readonly DriveFile[]): AsyncGenerator<Entry | Removed, void, void> {
    const work = async (file: DriveFile) => ({ file, entry: await this.#entry(file) })
    for await (const { file, entry } of mapConcurrently(files, atOnce, work)) yield entry ?? removed(entryId(file.id))
  }

  async #entry(file: DriveFile): Promise<Entry | Removed | undefined> {
    const run = this.#run
    if (file.mimeType === shortcutType) {
      const target = run.session.config.followShortcuts ? await this.#target(file) : undefined
      if (!target || !file.trashed) return target && entryOf(target, run)
      const other = (await this.#links()).to(target.file.id)
      return other ? entryOf({ ...target, at: other }, run) : removed(entryId(target.file.id))
    }
    if (file.trashed) return undefined
    const entry = await entryOf({ file }, run)
    if (!run.session.config.followShortcuts) return entry
    const at =
      entry === undefined || entry.path.startsWith(`${sharedWithMe}/`) ? (await this.#links()).to(file.id) : undefined
    if (at === undefined) return entry
    const target = await this.#target(at)
    return target ? entryOf(target, run) : entry
  }

  /** Undefined also when a policy keeps it from us for now: then nothing is said of it. */
  async #target(shortcut: DriveFile): Promise<Found | undefined> {
    try {
      return await targetOf(shortcut, this.#run, true)
    } catch (error) {
      if (!concernsPart(error)) throw error
      return undefined
    }
  }

  /** A folder that moved or was renamed changes the paths below it, and is the only one in the log. */
  async *#below(folders: readonly DriveFile[]): AsyncGenerator<Entry | Removed, void, void> {
    const run = this.#run
    const byDrive = new Map<string | undefined, DriveFile[]>()
    for (const folder of folders) {
      const driveId = await openDrive(folder, run)
      byDrive.set(driveId, [...(byDrive.get(driveId) ?? []), folder])
    }
    for (const [driveId, here] of byDrive)
      for (const trashed of [false, true]) {
        const ids = here.filter((folder) => (folder.trashed ?? false) === trashed).map(({ id }) => id)
        const unreadable = (_: string, error: unknown) => {
          if (!isNotFound(error)) throw error
        }
        const visited = trashed ? new Set<string>() : this.#walked
        for (const id of ids) visited.delete(id)
        for await (const files of walk(ids, run, { driveId, trashed, visited, unreadable })) {
          if (visited.size > mostFolders) throw expired('Too many folders have changed.')
          yield* this.#files(files)
        }
      }
  }

  /** All shortcuts in scope, asked for once a run and only when a file outside its own place has changed. */
  #links(): Promise<Shortcuts> {
    this.#shortcuts ??= this.#listShortcuts()
    return this.#shortcuts
  }

  async #listShortcuts(): Promise<Shortcuts> {
    const { session, signal } = this.#run
    const { drives, user, folders } = await resolveScope(this.#run)
    const corpora = new Set<string | undefined>([
      ...drives.map(({ id }) => id),
      ...(user ? [undefined] : []),
      ...folders.map(({ driveId }) => driveId),
    ])
    const shortcuts = new Shortcuts()
    for (const driveId of corpora) {
      const q = `mimeType = '${shortcutType}' and trashed = false`
      for await (const page of session.client.pages({ driveId, q, fields: fileFields.drive }, signal)) {
        if (page.incomplete) throw incompleteSearch()
        for (const file of page.files) shortcuts.add(file)
      }
    }
    return shortcuts
  }
}
