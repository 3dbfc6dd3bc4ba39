import { randomUUID } from 'node:crypto'
import { access, constants, lstat, mkdir, open, realpath, rename, rm, stat, unlink } from 'node:fs/promises'
import { sep } from 'node:path'
import { Writable } from 'node:stream'
import { type BrowseItem, ConnectorError, type Content, type Entry, type Upload } from '@cx/core'
import picomatch from 'picomatch'
import { openBody } from './body.ts'
import { childrenOf, kindOf, temporary } from './children.ts'
import { errno, explain, explainRoot } from './errors.ts'
import { type Held, hold, insideTarget, placeIn, realFolder } from './inside.ts'
import { bytes, fromId, fromPath, type RawPath, toText } from './names.ts'
import { type Found, inspect, join, type Tree, type WalkOptions, walk } from './walk.ts'

/** How long `check` looks for a file to try: a sync must not walk the folder twice. */
const probeMs = 1_000

export interface FolderConfig {
  readonly root: string
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly access: 'anyone' | 'nobody'
}

/** Opens the folder. @throws ConnectorError `misconfigured` when it is missing, no folder or not readable. */
export async function openFolder(config: FolderConfig): Promise<Folder> {
  try {
    const root = await realFolder(config.root)
    await childrenOf({ path: root, isSmall: false }, () => false)
    return new Folder(root, config)
  } catch (error) {
    throw explainRoot(error, config.root)
  }
}

export class Folder {
  readonly root: string
  readonly #tree: Tree

  constructor(root: RawPath, config: FolderConfig) {
    // A name may hold a line break: without `s` no glob would match it.
    const globs = { dot: true, flags: 's' }
    const included = picomatch([...config.include], globs)
    const excluded = picomatch([...config.exclude], globs)
    this.root = toText(root)
    this.#tree = {
      base: root.endsWith(sep) ? root : root + sep,
      wanted: (path) => included(path) && !excluded(path),
      pruned: picomatch(
        config.exclude.filter((glob) => glob.endsWith('/**')),
        globs,
      ),
      acl: config.access === 'anyone' ? { allOf: [[{ type: 'anyone' }]] } : undefined,
    }
  }

  /** @throws ConnectorError when the root itself cannot be listed, or is not the same at the end: a disk was unmounted. */
  async *walk(options: WalkOptions): AsyncGenerator<Found> {
    const before = await this.#identity()
    try {
      yield* walk(this.#tree, options)
    } catch (error) {
      throw explainRoot(error, this.root)
    }
    if ((await this.#identity()) !== before)
      throw new ConnectorError(
        'unavailable',
        `The folder ${JSON.stringify(this.root)} was replaced while it was listed.`,
      )
  }

  async #identity(): Promise<string> {
    const stats = await stat(bytes(this.#tree.base), { bigint: true }).catch((error: unknown) => {
      throw explainRoot(error, this.root)
    })
    return `${stats.dev}-${stats.ino}`
  }

  /** Reads a little of the first file there is, as a sync would. Undefined when none is found soon. */
  async probe(signal: AbortSignal): Promise<{ readonly path: string; readonly error?: unknown } | undefined> {
    const soon = AbortSignal.timeout(probeMs)
    try {
      for await (const { entry } of this.walk({ signal: AbortSignal.any([signal, soon]), unreadable: () => {} })) {
        try {
          const reader = (await this.read(entry.id)).body.getReader()
          await reader.read().finally(() => reader.cancel())
          return { path: entry.path }
        } catch (error) {
          return { path: entry.path, error }
        }
      }
    } catch (error) {
      if (signal.aborted || error !== soon.reason) throw error
    }
    return undefined
  }

  async isWritable(): Promise<boolean> {
    return access(bytes(this.#tree.base), constants.W_OK).then(
      () => true,
      () => false,
    )
  }

  async read(id: string): Promise<Content & { readonly body: ReadableStream<Uint8Array> }> {
    const raw = fromId(id)
    const path = toText(raw)
    try {
      const real = await insideTarget(this.#tree.base, raw)
      if (real === undefined) missing(path)
      const filename = path.slice(path.lastIndexOf('/') + 1)
      return { body: await openBody(real, path, this.#tree.base), mimeType: 'application/octet-stream', filename }
    } catch (error) {
      throw explain(error, path)
    }
  }

  /** Written beside its place and moved there when it is whole: readers see the old file or the new one. */
  async put(upload: Upload, signal: AbortSignal): Promise<Entry> {
    const raw = fromPath(upload.path)
    const names = raw.split('/')
    if (names.some((name) => name.startsWith(temporary)))
      throw new ConnectorError('unprocessable', `Names that begin with ${temporary} are those of uploads in progress.`)
    try {
      await using folder = await this.#makeFolders(names.slice(0, -1), upload.path)
      const draft = bytes(folder.path + temporary + randomUUID())
      const target = bytes(folder.path + names.at(-1))
      try {
        const handle = await open(draft, 'wx')
        await upload.body.pipeTo(Writable.toWeb(handle.createWriteStream({ flush: true })), { signal })
        await rename(draft, target)
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      }
      // As it is listed: not by a link that led there, and in the file system's own case.
      const place = placeIn(this.#tree.base, await realpath(target, 'latin1')) ?? raw
      const found = await inspect({ ...this.#tree, wanted: () => true }, place, kindOf(await lstat(target)))
      if (found === undefined)
        throw new ConnectorError('not_found', `${JSON.stringify(upload.path)} was replaced at once.`)
      return found.entry
    } catch (error) {
      throw explain(error, upload.path)
    }
  }

  /** Makes what is missing, one name at a time from folder to folder, so that no link leads out on the way. */
  async #makeFolders(names: readonly RawPath[], path: string): Promise<Held> {
    const { base } = this.#tree
    let folder = await hold(base, base)
    for (const name of names) {
      if (folder === undefined) break
      await using before: Held = folder
      await mkdir(bytes(before.path + name)).catch((error: unknown) => {
        if (errno(error) !== 'EEXIST') throw error
      })
      folder = await hold(base, before.path + name)
    }
    if (folder !== undefined) return folder
    throw new ConnectorError('unprocessable', `${JSON.stringify(path)} leads out of the folder through a link.`)
  }

  /** Deletes the file; of a link, the link. */
  async remove(id: string): Promise<void> {
    const raw = fromId(id)
    try {
      const parent = raw.slice(0, Math.max(raw.lastIndexOf('/'), 0))
      await using folder = await hold(this.#tree.base, this.#tree.base + parent)
      if (folder === undefined) missing(toText(raw))
      await unlink(bytes(folder.path + raw.slice(raw.lastIndexOf('/') + 1)))
    } catch (error) {
      throw explain(error, toText(raw))
    }
  }

  async *children(path: string, signal: AbortSignal): AsyncGenerator<BrowseItem> {
    const raw = path === '' ? '' : fromPath(path.replace(/\/$/, ''))
    try {
      await using folder = await hold(this.#tree.base, this.#tree.base + raw)
      if (folder === undefined) missing(path)
      for (let behind: RawPath | undefined = ''; behind !== undefined; ) {
        const last: RawPath = behind
        const { children, more } = await childrenOf(folder, ({ name }) => name > last)
        for (const { name, kind } of children) {
          signal.throwIfAborted()
          if (kind !== 'folder' && kind !== 'file') continue
          yield {
            path: toText(join(raw, name)),
            title: toText(name),
            hasChildren: kind === 'folder',
            selectable: true,
          }
        }
        behind = more
      }
    } catch (error) {
      throw explain(error, path)
    }
  }
}

function missing(path: string): never {
  throw new ConnectorError('not_found', `${JSON.stringify(path)} is not in the folder.`)
}
