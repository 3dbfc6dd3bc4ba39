import type { Json } from '@cx/core'
import { mapConcurrently } from '@cx/core/http'
import type { FilesPage, FilesQuery, SharedDrive } from './client.ts'
import { concernsPart } from './errors.ts'
import { type DriveFile, type Found, fileFields, folderType, shortcutType } from './item.ts'
import { myDrive, segment, sharedWithMe } from './place.ts'
import { folderPath, resolveScope, type Scope } from './scope.ts'
import type { DriveRun } from './session.ts'
import { Shortcuts } from './shortcuts.ts'
import { incompleteSearch, walk } from './walk.ts'

/** Corpora whose folders are read ahead. */
const partsAhead = 4

/** A page of files, and where to go on after it. */
export interface Batch {
  readonly files: readonly Found[]
  readonly cursor?: Json
}

export interface FilesOptions {
  readonly resume?: Json | undefined
  /** Whether anything under this first segment of a path is asked for. */
  readonly touches?: (root: string) => boolean
  readonly unreadable: (path: string, error: unknown) => void
}

/** Files of one shared drive, or those outside (no `driveId`), among which Google counts what was opened in shared drives. */
interface Part {
  readonly driveId?: string
  readonly paths: readonly string[]
}

type Progress = { readonly v: 1; readonly part: string; readonly token: string }

/**
 * Every file in scope, shortcuts resolved, folders left out. Whole corpora come first, flat: their folders, then their
 * files page by page, so that every path is known when its file comes. Then the configured folders, level by level.
 */
export async function* allFiles(run: DriveRun, options: FilesOptions): AsyncGenerator<Batch, void, void> {
  const { session } = run
  const { touches = () => true, unreadable } = options
  const scope = await resolveScope(run)
  // Its name, and so its path, is not known any more: nothing at all is deleted.
  for (const { error } of scope.missing) unreadable('', error)
  const shortcuts = new Shortcuts()
  const members = scope.user ? await session.drives(run.signal) : new Map<string, SharedDrive>()
  const belongs = ({ driveId }: DriveFile, part: Part): boolean =>
    part.driveId === undefined ? driveId === undefined || !members.has(driveId) : driveId === part.driveId
  const parts = partsOf(scope).filter((part) => part.paths.some(touches))
  const { from, token } = resumeAt(parts, options.resume)
  const opened = mapConcurrently(parts.slice(from), partsAhead, (part) =>
    attempt(() =>
      open(part, part === parts[from] ? token : undefined, run, (file) => belongs(file, part) && shortcuts.add(file)),
    ),
  )
  let index = from
  for await (const result of opened) {
    const part = parts[index++]!
    if ('error' in result) {
      for (const path of part.paths) unreadable(path, result.error)
      continue
    }
    const { incomplete, first, rest } = result.value
    if (incomplete) for (const path of part.paths) unreadable(path, incompleteSearch())
    try {
      for (let page: FilesPage | undefined = first; page !== undefined; ) {
        if (page.incomplete) for (const path of part.paths) unreadable(path, incompleteSearch())
        const { next }: FilesPage = page
        const files = page.files.filter(
          (file) =>
            belongs(file, part) && file.mimeType !== folderType && file.mimeType !== shortcutType && !file.trashed,
        )
        shortcuts.listed(files)
        const after = next === undefined ? parts[index] : part
        yield {
          files: files.map((file) => ({ file })),
          ...(after ? { cursor: { v: 1, part: keyOf(after), token: next ?? '' } satisfies Progress } : {}),
        }
        page = next === undefined ? undefined : ((await rest.next()).value ?? undefined)
      }
    } catch (error) {
      if (!concernsPart(error)) throw error
      for (const path of part.paths) unreadable(path, error)
    }
  }
  yield* walkFolders(scope, run, options, shortcuts)
  if (session.config.followShortcuts) yield* shortcuts.resolve(run, from > 0 || token !== undefined, unreadable)
}

function partsOf(scope: Scope): Part[] {
  const parts: Part[] = scope.drives.map(({ id, name }) => ({ driveId: id, paths: [segment(name)] }))
  // Last: by then it is known to which files shortcuts in shared drives lead.
  if (scope.user) parts.push({ paths: [myDrive, sharedWithMe] })
  return parts
}

function keyOf(part: Part): string {
  return part.driveId ?? 'user'
}

function resumeAt(parts: readonly Part[], resume: Json | undefined): { from: number; token?: string } {
  const { v, part, token } = (resume ?? {}) as Partial<Progress>
  const from = v === 1 && typeof token === 'string' ? parts.findIndex((one) => keyOf(one) === part) : -1
  if (from < 0) return { from: 0 }
  return { from, ...(token ? { token } : {}) }
}

interface Opened {
  readonly incomplete: boolean
  readonly first: FilesPage
  readonly rest: AsyncGenerator<FilesPage, void, void>
}

/** Reads the folders of a corpus, and the first page of its files. */
async function open(
  part: Part,
  token: string | undefined,
  { session, signal }: DriveRun,
  onShortcut: (file: DriveFile) => void,
): Promise<Opened> {
  const { client, tree, config } = session
  const { driveId } = part
  const fields = fileFields[driveId ? 'drive' : 'user']
  const query = (q: string): FilesQuery => ({ driveId, corpus: config.corpus, q: `${q} and trashed = false`, fields })
  let incomplete = false
  const type = (mimeType: string) => `mimeType = '${mimeType}'`
  const heads = config.followShortcuts ? `(${type(folderType)} or ${type(shortcutType)})` : type(folderType)
  for await (const page of client.pages(query(heads), signal)) {
    incomplete ||= page.incomplete
    for (const file of page.files)
      if (file.trashed) continue
      else if (file.mimeType === folderType) tree.add(file)
      else if (file.mimeType === shortcutType) onShortcut(file)
  }
  const rest = client.pages(query(`mimeType != '${folderType}' and mimeType != '${shortcutType}'`), signal, token)
  const first = (await rest.next()).value ?? { files: [], next: undefined, incomplete: false }
  return { incomplete, first, rest }
}

type Attempt<T> = { readonly value: T } | { readonly error: unknown }

async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await work() }
  } catch (error) {
    if (!concernsPart(error)) throw error
    return { error }
  }
}

async function* walkFolders(
  scope: Scope,
  run: DriveRun,
  options: FilesOptions,
  shortcuts: Shortcuts,
): AsyncGenerator<Batch, void, void> {
  const visited = new Set<string>()
  for (const driveId of new Set(scope.folders.map((folder) => folder.driveId))) {
    const here = scope.folders.filter((folder) => folder.driveId === driveId)
    const unreadable = async (id: string, error: unknown) => {
      options.unreadable(await folderPath({ id, ...(driveId ? { driveId } : {}) }, run), error)
    }
    for await (const files of walk(
      here.map((folder) => folder.id),
      run,
      { driveId, visited, unreadable },
    )) {
      for (const file of files) if (file.mimeType === shortcutType) shortcuts.add(file)
      const rest = files.filter((file) => file.mimeType !== shortcutType && !file.trashed)
      shortcuts.listed(rest)
      yield { files: rest.map((file) => ({ file })) }
    }
  }
}
