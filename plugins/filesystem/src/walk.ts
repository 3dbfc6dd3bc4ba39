import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import type { Entry } from '@cx/core'
import { errno, explain, isGone } from './errors.ts'
import { bytes, fromText, isBelow, type RawPath, toId, toText } from './names.ts'

/** A folder with what is wanted of it. */
export interface Tree {
  /** The real path of the root, with a separator at its end. */
  readonly base: RawPath
  readonly wanted: (path: string) => boolean
  /** A folder that nothing is wanted of: not even opened. */
  readonly pruned: (path: string) => boolean
  readonly acl: Entry['acl']
}

export interface WalkOptions {
  readonly signal: AbortSignal
  /** Go on after this place. */
  readonly after?: RawPath | undefined
  /** Only these; a trailing `/` means the subtree. */
  readonly paths?: readonly string[] | undefined
  unreadable(path: string, error: unknown): void
}

export interface Found {
  readonly entry: Entry
  /** Where to go on after it. */
  readonly place: RawPath
}

/** Uploads in progress have names that begin so. */
export const temporary = '.cx-upload-'

/** How many files are looked at at once. */
const batchSize = 64

/** Anything that tells a file from a folder from a link: `Dirent`, `Stats`. */
interface Kind {
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
}

type Child = Kind & { readonly name: RawPath }

interface Level {
  readonly folder: RawPath
  readonly children: readonly Child[]
  /** Still to be skipped in here, name by name. */
  readonly after: readonly RawPath[]
  at: number
}

/** Files below the root in the order of their names' bytes, folder by folder. Memory: one listing a level. */
export async function* walk(tree: Tree, options: WalkOptions): AsyncGenerator<Found> {
  if (options.paths === undefined) return yield* subtree(tree, '', options)
  for (const path of [...new Set(options.paths)].sort()) {
    options.signal.throwIfAborted()
    const raw = fromText(path.replace(/\/$/, ''))
    try {
      if (raw !== '' && !isBelow(raw)) continue
      const folder = path.endsWith('/') || raw === '' ? raw : raw.slice(0, Math.max(raw.lastIndexOf('/'), 0))
      if (!(await isReal(tree, folder))) continue
      if (folder === raw) yield* subtree(tree, raw, options)
      else {
        const found = await inspect(tree, raw, await lstat(bytes(tree.base + raw)))
        if (found !== undefined) yield found
      }
    } catch (error) {
      if (isGone(error)) continue
      if (errno(error) === '' || raw === '') throw error
      options.unreadable(path, explain(error, path))
    }
  }
}

async function* subtree(tree: Tree, top: RawPath, options: WalkOptions): AsyncGenerator<Found> {
  const stack: Level[] = [await enter(tree, top, options.after?.split('/') ?? [])]
  for (let level = stack.at(-1); level !== undefined; level = stack.at(-1)) {
    options.signal.throwIfAborted()
    const batch = next(level)
    if (batch.length === 0) stack.pop()
    const [first] = batch
    if (first?.isDirectory()) {
      const raw = join(level.folder, first.name)
      if (tree.pruned(toText(raw))) continue
      const after = first.name === level.after[0] ? level.after.slice(1) : []
      await enter(tree, raw, after).then((opened) => stack.push(opened), skip(raw, options))
    } else {
      const raws = batch.map((child) => join(level.folder, child.name))
      const looked = raws.map((raw, index) => inspect(tree, raw, batch[index] as Child).catch(skip(raw, options)))
      for (const found of await Promise.all(looked)) if (found !== undefined) yield found
    }
  }
}

/** The next folder alone, or the files before it. */
function next(level: Level): readonly Child[] {
  const from = level.at++
  if (!level.children[from]?.isDirectory())
    while (level.at < from + batchSize && level.children[level.at]?.isDirectory() === false) level.at++
  return level.children.slice(from, level.at)
}

async function enter(tree: Tree, folder: RawPath, after: readonly RawPath[]): Promise<Level> {
  const entries = await readdir(bytes(tree.base + folder), { withFileTypes: true, encoding: 'latin1' })
  const [last, ...deeper] = after
  const children = entries
    .filter(({ name }) => !name.startsWith(temporary) && (last === undefined || name >= last))
    .filter((child) => child.name !== last || deeper.length > 0 || child.isDirectory())
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  return { folder, children, after, at: 0 }
}

/** What vanished meanwhile is gone; anything else is reported, and nothing is deleted under it. */
function skip(raw: RawPath, options: WalkOptions): (error: unknown) => undefined {
  return (error) => {
    if (isGone(error)) return
    if (errno(error) === '') throw error
    options.unreadable(toText(raw), explain(error, toText(raw)))
  }
}

/** The entry of a wanted regular file, or of a link to one inside the root; undefined for anything else. */
export async function inspect(tree: Tree, raw: RawPath, kind: Kind): Promise<Found | undefined> {
  const path = toText(raw)
  if (!tree.wanted(path) || !(kind.isFile() || kind.isSymbolicLink())) return
  const real = kind.isFile() ? tree.base + raw : await insideTarget(tree, raw)
  if (real === undefined) return
  const stats = kind.isFile() ? await lstat(bytes(real), { bigint: true }) : await stat(bytes(real), { bigint: true })
  if (!stats.isFile()) return
  const changed = new Date(Number(stats.mtimeMs))
  const entry: Entry = {
    id: toId(raw),
    path,
    version: `${stats.mtimeNs}-${stats.size}-${stats.ino}`,
    size: Number(stats.size),
    ...(Number.isNaN(changed.getTime()) ? {} : { updatedAt: changed.toISOString() }),
    ...(tree.acl === undefined ? {} : { acl: tree.acl }),
  }
  return { entry, place: raw }
}

/** Where a path really leads, or undefined when that is outside the root, nowhere or in a circle. */
export async function insideTarget(tree: Tree, raw: RawPath): Promise<RawPath | undefined> {
  try {
    const real = await realpath(bytes(tree.base + raw), 'latin1')
    return `${real}${sep}`.startsWith(tree.base) ? real : undefined
  } catch (error) {
    if (isGone(error) || errno(error) === 'ELOOP') return
    throw error
  }
}

/** Whether no link is on the way to this folder: the walk goes through none, so neither does a request by path. */
async function isReal(tree: Tree, folder: RawPath): Promise<boolean> {
  const real = await realpath(bytes(tree.base + folder), 'latin1')
  return resolve(real) === resolve(tree.base + folder)
}

export function join(folder: RawPath, name: RawPath): RawPath {
  return folder === '' ? name : `${folder}/${name}`
}
