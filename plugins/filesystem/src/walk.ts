import { lstat, realpath, stat } from 'node:fs/promises'
import { ConnectorError, type Entry } from '@cx/core'
import { type Child, childrenOf, type Kind, kindOf } from './children.ts'
import { errno, explain, isBarred, isGone } from './errors.ts'
import { hold, insideTarget, placeIn } from './inside.ts'
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
  /** Names of a folder in memory at once. */
  readonly window?: number
  unreadable(path: string, error: unknown): void
}

export interface Found {
  readonly entry: Entry
  /** Where to go on after it. */
  readonly place: RawPath
}

/** How many files are looked at at once. */
const batchSize = 64

interface Level {
  readonly folder: RawPath
  readonly children: readonly Child[]
  readonly more: RawPath | undefined
  /** Still to be skipped in here, name by name. */
  readonly after: readonly RawPath[]
  at: number
}

/** Files below the root in the order of their names' bytes, folder by folder. Memory: a part of one listing a level. */
export async function* walk(tree: Tree, options: WalkOptions): AsyncGenerator<Found> {
  if (options.paths === undefined) return yield* subtree(tree, '', options)
  for (const path of new Set(options.paths.map(legible).sort())) {
    options.signal.throwIfAborted()
    const raw = fromText(path.replace(/\/$/, ''))
    try {
      if (raw !== '' && !isBelow(raw)) continue
      if (path.endsWith('/') || raw === '') yield* subtree(tree, raw, options)
      else {
        const found = await single(tree, raw)
        if (found !== undefined) yield found
      }
    } catch (error) {
      if (isGone(error)) continue
      if (errno(error) === '' || raw === '') throw error
      options.unreadable(path, explain(error, path))
    }
  }
}

/** A path that shows bytes which are no text does not tell which: it is looked for in its folder. */
function legible(path: string): string {
  const at = path.indexOf('\ufffd')
  return at < 0 ? path : path.slice(0, path.lastIndexOf('/', at) + 1)
}

/** One file by its path, when the walk would find it under this very path: through no link, and in no other case. */
async function single(tree: Tree, raw: RawPath): Promise<Found | undefined> {
  const parent = raw.slice(0, Math.max(raw.lastIndexOf('/'), 0))
  await using folder = await hold(tree.base, tree.base + parent)
  if (folder?.place !== parent) return
  const path = bytes(folder.path + raw.slice(parent === '' ? 0 : parent.length + 1))
  const kind = kindOf(await lstat(path))
  if (kind !== 'link' && placeIn(tree.base, await realpath(path, 'latin1')) !== raw) return
  return inspect(tree, raw, kind)
}

async function* subtree(tree: Tree, top: RawPath, options: WalkOptions): AsyncGenerator<Found> {
  const stack: Level[] = []
  const open = async (folder: RawPath, after: readonly RawPath[], behind?: RawPath): Promise<void> => {
    const level = await enter(tree, folder, { after, behind, window: options.window })
    if (level !== undefined) return void stack.push(level)
    // What was asked for behind a link is not there: no listing finds it.
    if (folder === top && top !== '') return
    const path = toText(folder)
    options.unreadable(path, new ConnectorError('unavailable', `${JSON.stringify(path)} was replaced while listed.`))
  }
  await open(top, options.after?.split('/') ?? [])
  for (let level = stack.at(-1); level !== undefined; level = stack.at(-1)) {
    options.signal.throwIfAborted()
    const batch = next(level)
    const [first] = batch
    if (first === undefined) {
      stack.pop()
      if (level.more !== undefined) await open(level.folder, [], level.more).catch(skip(level.folder, options))
    } else if (first.kind === 'folder') {
      const raw = join(level.folder, first.name)
      if (tree.pruned(toText(raw))) continue
      const after = first.name === level.after[0] ? level.after.slice(1) : []
      await open(raw, after).catch(skip(raw, options))
    } else {
      const { folder } = level
      const looked = batch.map(({ name, kind }) => {
        const raw = join(folder, name)
        return inspect(tree, raw, kind).catch((error: unknown) =>
          // Names without what they stand for: so it is with the whole folder.
          kind === 'file' && isBarred(error) ? { barred: error } : skip(raw, options)(error),
        )
      })
      for (const found of await Promise.all(looked)) {
        if (found === undefined) continue
        if ('entry' in found) yield found
        else if (folder === '') throw found.barred
        else if (stack.at(-1) === level) skip(stack.pop()!.folder, options)(found.barred)
      }
    }
  }
}

/** The next folder alone, or the files before it. */
function next(level: Level): readonly Child[] {
  const from = level.at++
  const isFile = (at: number): boolean => (level.children[at]?.kind ?? 'folder') !== 'folder'
  if (isFile(from)) while (level.at < from + batchSize && isFile(level.at)) level.at++
  return level.children.slice(from, level.at)
}

/** Undefined when a link or another folder has taken its place. */
async function enter(
  tree: Tree,
  folder: RawPath,
  from: {
    readonly after: readonly RawPath[]
    readonly behind: RawPath | undefined
    readonly window: number | undefined
  },
): Promise<Level | undefined> {
  const { after, behind, window } = from
  await using held = await hold(tree.base, tree.base + folder)
  if (held?.place !== folder) return
  const [last, ...deeper] = after
  const wanted = ({ name, kind }: Child): boolean => {
    if (behind !== undefined && name <= behind) return false
    if (last === undefined || name > last) return true
    return name === last && (deeper.length > 0 || kind === 'folder')
  }
  const found = await childrenOf(held, wanted, window)
  return { folder, ...found, after, at: 0 }
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
  if (!tree.wanted(path) || !(kind === 'file' || kind === 'link')) return
  const real = kind === 'file' ? tree.base + raw : await insideTarget(tree.base, raw)
  if (real === undefined) return
  const stats = kind === 'file' ? await lstat(bytes(real), { bigint: true }) : await stat(bytes(real), { bigint: true })
  if (!stats.isFile()) return
  const changed = new Date(Number(stats.mtimeMs))
  const entry: Entry = {
    id: toId(raw),
    path,
    version: `${stats.mtimeNs}-${stats.size}-${stats.ino}${mayHideAnother(stats.mtimeNs) ? '~' : ''}`,
    size: Number(stats.size),
    ...(Number.isNaN(changed.getTime()) ? {} : { updatedAt: changed.toISOString() }),
    ...(tree.acl === undefined ? {} : { acl: tree.acl }),
  }
  return { entry, place: raw }
}

/** File systems that keep whole seconds (FAT: every second one) give the next change the same time: it is read once more. */
function mayHideAnother(mtimeNs: bigint): boolean {
  if (mtimeNs % 1_000_000_000n !== 0n) return false
  return Math.abs(Date.now() - Number(mtimeNs / 1_000_000n)) < 2_500
}

export function join(folder: RawPath, name: RawPath): RawPath {
  return folder === '' ? name : `${folder}/${name}`
}
