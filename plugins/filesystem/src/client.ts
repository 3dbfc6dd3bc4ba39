import { randomUUID } from 'node:crypto'
import { access, constants, lstat, mkdir, open, readdir, realpath, rename, rm, stat, unlink } from 'node:fs/promises'
import { sep } from 'node:path'
import { Writable } from 'node:stream'
import { type BrowseItem, ConnectorError, type Content, type Entry, type Upload } from '@cx/core'
import picomatch from 'picomatch'
import { openBody } from './body.ts'
import { errno, explain, explainRoot } from './errors.ts'
import { bytes, fromId, fromPath, type RawPath, toText } from './names.ts'
import { type Found, insideTarget, inspect, join, type Tree, temporary, type WalkOptions, walk } from './walk.ts'

export interface FolderConfig {
  readonly root: string
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly access: 'anyone' | 'nobody'
}

/** Opens the folder. @throws ConnectorError `misconfigured` when it is missing, no folder or not readable. */
export async function openFolder(config: FolderConfig): Promise<Folder> {
  try {
    const root = await realpath(config.root, 'latin1')
    await readdir(bytes(root))
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

  /** Reads a little of the first file there is, as a sync would. */
  async probe(signal: AbortSignal): Promise<{ readonly path: string; readonly error?: unknown } | undefined> {
    for await (const { entry } of this.walk({ signal, unreadable: () => {} })) {
      try {
        const reader = (await this.read(entry.id)).body.getReader()
        await reader.read().finally(() => reader.cancel())
        return { path: entry.path }
      } catch (error) {
        return { path: entry.path, error }
      }
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
      const real = await insideTarget(this.#tree, raw)
      if (real === undefined) missing(path)
      const filename = path.slice(path.lastIndexOf('/') + 1)
      return { body: await openBody(bytes(real), path), mimeType: 'application/octet-stream', filename }
    } catch (error) {
      throw explain(error, path)
    }
  }

  /** Written beside its place and moved there when it is whole: readers see the old file or the new one. */
  async put(upload: Upload, signal: AbortSignal): Promise<Entry> {
    const raw = fromPath(upload.path)
    try {
      const folder = await this.#makeFolders(raw.split('/').slice(0, -1), upload.path)
      const draft = bytes(folder + temporary + randomUUID())
      try {
        const handle = await open(draft, 'wx')
        await upload.body.pipeTo(Writable.toWeb(handle.createWriteStream({ flush: true })), { signal })
        await rename(draft, bytes(folder + raw.slice(raw.lastIndexOf('/') + 1)))
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      }
      const stats = await lstat(bytes(this.#tree.base + raw))
      const found = await inspect({ ...this.#tree, wanted: () => true }, raw, stats)
      if (found === undefined)
        throw new ConnectorError('not_found', `${JSON.stringify(upload.path)} was replaced at once.`)
      return found.entry
    } catch (error) {
      throw explain(error, upload.path)
    }
  }

  /** Makes what is missing, one name at a time, so that no link leads out on the way. */
  async #makeFolders(names: readonly RawPath[], path: string): Promise<RawPath> {
    let raw = ''
    for (const name of names) {
      raw = join(raw, name)
      await mkdir(bytes(this.#tree.base + raw)).catch((error: unknown) => {
        if (errno(error) !== 'EEXIST') throw error
      })
      if ((await insideTarget(this.#tree, raw)) === undefined)
        throw new ConnectorError('unprocessable', `${JSON.stringify(path)} leads out of the folder through a link.`)
    }
    return raw === '' ? this.#tree.base : `${this.#tree.base}${raw}/`
  }

  /** Deletes the file; of a link, the link. */
  async remove(id: string): Promise<void> {
    const raw = fromId(id)
    try {
      const parent = raw.slice(0, Math.max(raw.lastIndexOf('/'), 0))
      if (parent !== '' && (await insideTarget(this.#tree, parent)) === undefined) missing(toText(raw))
      await unlink(bytes(this.#tree.base + raw))
    } catch (error) {
      throw explain(error, toText(raw))
    }
  }

  async *children(path: string, signal: AbortSignal): AsyncGenerator<BrowseItem> {
    const raw = path === '' ? '' : fromPath(path.replace(/\/$/, ''))
    try {
      if (raw !== '' && (await insideTarget(this.#tree, raw)) === undefined) missing(path)
      const listed = await readdir(bytes(this.#tree.base + raw), { withFileTypes: true, encoding: 'latin1' })
      for (const child of listed.sort((a, b) => (a.name < b.name ? -1 : 1))) {
        signal.throwIfAborted()
        if (!(child.isDirectory() || child.isFile()) || child.name.startsWith(temporary)) continue
        const title = toText(child.name)
        yield { path: toText(join(raw, child.name)), title, hasChildren: child.isDirectory(), selectable: true }
      }
    } catch (error) {
      throw explain(error, path)
    }
  }
}

function missing(path: string): never {
  throw new ConnectorError('not_found', `${JSON.stringify(path)} is not in the folder.`)
}
