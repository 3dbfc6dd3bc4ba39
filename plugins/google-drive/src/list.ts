import { type Checkpoint, checkpoint, type Entry, type ListRun } from '@cx/core'
import { mapConcurrently } from '@cx/core/http'
import type { Config } from './config.ts'
import { locate, toEntry } from './entry.ts'
import { allFiles } from './files.ts'
import type { Found } from './item.ts'
import type { DriveRun, Session } from './session.ts'

/** Entries whose places and access lists are looked up at once. */
const atOnce = 16

export async function* listAll(session: Session, run: ListRun<Config>): AsyncGenerator<Entry | Checkpoint, void, void> {
  const { signal, resume, paths, unreadable } = run
  signal.throwIfAborted()
  session.access.forgetAll()
  const asked = paths && scopeOf(paths)
  const options = { resume, unreadable, ...(asked ? { touches: asked.touches } : {}) }
  for await (const { files, cursor } of allFiles({ session, signal }, options)) {
    yield* entriesOf(files, { session, signal }, asked?.holds)
    if (cursor !== undefined && !paths) yield checkpoint(cursor)
  }
}

/** Those of the files that are asked for. */
export async function* entriesOf(
  files: readonly Found[],
  run: DriveRun,
  holds?: (path: string) => boolean,
): AsyncGenerator<Entry, void, void> {
  for await (const entry of mapConcurrently(files, atOnce, (found) => entryOf(found, run, holds)))
    if (entry) yield entry
}

export async function entryOf(
  found: Found,
  run: DriveRun,
  holds?: (path: string) => boolean,
): Promise<Entry | undefined> {
  const { session, signal } = run
  const located = await locate(found, run)
  if (!located || holds?.(located.path) === false) return undefined
  const { file, at } = found
  const place = at ? { ...located.place, kind: 'sharedWithMe' as const, folders: [] } : located.place
  return toEntry(found, located.path, await session.access.of(file, place, signal), session)
}

function scopeOf(paths: readonly string[]): { holds(path: string): boolean; touches(root: string): boolean } {
  const exact = new Set(paths)
  const subtrees = paths.filter((path) => path.endsWith('/'))
  const roots = new Set(paths.map((path) => path.split('/', 1)[0]))
  return {
    holds: (path) => exact.has(path) || subtrees.some((subtree) => path.startsWith(subtree)),
    touches: (root) => roots.has(root),
  }
}
