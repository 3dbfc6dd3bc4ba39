import { constants, existsSync, fstatSync, readlinkSync } from 'node:fs'
import { type FileHandle, open, readlink, realpath, stat } from 'node:fs/promises'
import { sep } from 'node:path'
import { errno, isGone } from './errors.ts'
import { bytes, type RawPath } from './names.ts'

/** Where Linux tells the true place of what is open. Other systems tell it of paths alone, and those can change meanwhile. */
const openFiles = existsSync('/proc/self/fd') ? '/proc/self/fd/' : undefined

/** A folder that is held open: whoever puts a link on the way to it now leads nobody out of the root. */
export interface Held extends AsyncDisposable {
  /** What its names are joined to; ends in a separator. */
  readonly path: RawPath
  /** Its true place below the root; the root's own is empty. */
  readonly place: RawPath
  /** Some thousand names at most. */
  readonly isSmall: boolean
}

/** Of a folder's own entry. What it counts depends on the file system: bytes of names, or names. */
const smallSize = 65_536

/** Holds a folder by its absolute path. Undefined when it truly lies outside `base`, the root with a separator at its end. */
export async function hold(base: RawPath, path: RawPath): Promise<Held | undefined> {
  if (openFiles === undefined) {
    const real = await realpath(bytes(path), 'latin1')
    const place = placeIn(base, real)
    return place === undefined
      ? undefined
      : { path: real + sep, place, isSmall: false, [Symbol.asyncDispose]: async () => {} }
  }
  const handle = await open(bytes(path), constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK)
  try {
    // Of what is open, both are known without a look at the disk.
    const place = placeIn(base, readlinkSync(openFiles + handle.fd, 'latin1'))
    const isSmall = fstatSync(handle.fd).size <= smallSize
    if (place !== undefined)
      return { path: `${openFiles}${handle.fd}/`, place, isSmall, [Symbol.asyncDispose]: () => handle.close() }
  } catch (error) {
    await handle.close()
    throw error
  }
  await handle.close()
  return
}

/** The true path of a folder, without a separator at its end but for the root of the file system. */
export async function realFolder(path: string): Promise<RawPath> {
  if (openFiles === undefined) return realpath(path, 'latin1')
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK)
  return readlink(openFiles + handle.fd, 'latin1').finally(() => handle.close())
}

/** Whether what was opened by `path`, which led inside just before, is inside. */
export async function isInside(base: RawPath, handle: FileHandle, path: RawPath): Promise<boolean> {
  if (openFiles !== undefined) return (await readlink(openFiles + handle.fd, 'latin1')).startsWith(base)
  const [opened, there] = [await handle.stat({ bigint: true }), await stat(bytes(path), { bigint: true })]
  return (await realpath(bytes(path), 'latin1')) === path && opened.ino === there.ino && opened.dev === there.dev
}

/** Where a path really leads, or undefined when that is outside the root, nowhere or in a circle. */
export async function insideTarget(base: RawPath, raw: RawPath): Promise<RawPath | undefined> {
  try {
    const real = await realpath(bytes(base + raw), 'latin1')
    return placeIn(base, real) === undefined ? undefined : real
  } catch (error) {
    if (isGone(error) || errno(error) === 'ELOOP') return
    throw error
  }
}

export function placeIn(base: RawPath, real: RawPath): RawPath | undefined {
  if (`${real}${sep}` === base || real === base) return ''
  return real.startsWith(base) ? real.slice(base.length).replaceAll(sep, '/') : undefined
}
