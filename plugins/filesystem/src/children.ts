import type { Dirent } from 'node:fs'
import { opendir, readdir } from 'node:fs/promises'
import { bytes, type RawPath } from './names.ts'

/** What a name stands for; `other` are pipes, sockets and devices. */
export type Kind = 'file' | 'folder' | 'link' | 'other'

export interface Child {
  readonly name: RawPath
  readonly kind: Kind
}

export interface Children {
  /** In the order of their names' bytes. */
  readonly children: readonly Child[]
  /** Go on behind this name: there are more. */
  readonly more: RawPath | undefined
}

/** Uploads in progress have names that begin so. */
export const temporary = '.cx-upload-'

/** Children that are given at once. A larger folder is read again for the next ones: slower, in the same memory. */
const most = 200_000

/** The first children of a folder that are wanted. A `small` one is read in one go. */
export async function childrenOf(
  folder: { readonly path: RawPath; readonly isSmall: boolean },
  wanted: (child: Child) => boolean,
  limit: number = most,
): Promise<Children> {
  let kept: Child[] = []
  let bound: RawPath | undefined
  const cut = (): void => {
    kept = kept.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, limit)
    bound = kept.at(-1)?.name
  }
  for await (const entry of await entriesOf(folder)) {
    const name = entry.name.toString('latin1')
    if ((bound !== undefined && name > bound) || name.startsWith(temporary)) continue
    const child = { name, kind: kindOf(entry) }
    if (wanted(child) && kept.push(child) >= 2 * limit) cut()
  }
  const isAll = bound === undefined && kept.length <= limit
  cut()
  return { children: kept, more: isAll ? undefined : bound }
}

/** Names as bytes: with text Node cannot look at children whose kind the file system does not tell. */
async function entriesOf({ path, isSmall }: { readonly path: RawPath; readonly isSmall: boolean }) {
  if (isSmall) return readdir(bytes(path), { encoding: 'buffer', withFileTypes: true })
  const stream = await opendir(bytes(path), { encoding: 'buffer' as BufferEncoding, bufferSize: 1024 })
  return stream as unknown as AsyncIterable<Dirent<Buffer>>
}

export function kindOf(entry: Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): Kind {
  return entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : 'other'
}
