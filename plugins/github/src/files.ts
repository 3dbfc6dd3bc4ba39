import { type Content, type Entry, type Json, type Removed, removed } from '@cx/core'
import { repoAcl } from './acl.ts'
import type { FileNeed } from './contents.ts'
import type { PathFilter } from './filter.ts'
import { type Head, headOf } from './head.ts'
import { resolveLfs } from './lfs.ts'
import { mimeTypeOf, sniff } from './mime.ts'
import type { Repo } from './repos.ts'
import { isAsked, type Stage, type StageRun } from './stage.ts'
import { diffTrees, readTree, type TreeItem } from './tree.ts'

/** What `read` needs: the commit, the blob, the place in the listing. */
type FileRef = { readonly k: 'files'; readonly c: string; readonly s: string; readonly i: number }

/** The files of the branch. The version is the blob's SHA: it changes if and only if the content does. */
export const files: Stage = {
  name: 'files',
  subtree: (repo) => `${repo.fullName}/`,
  mark: (repo, { signal }, known) => headOf(repo, signal, known as Head | undefined),

  async *list(repo, mark, run, after) {
    const { commit } = mark as Head
    if (commit === null) return
    const wanted = wantedOf(repo, run)
    const items: TreeItem[] = []
    for await (const item of readTree(repo, commit, run.signal)) if (wanted(item.path)) items.push(item)
    const start = after === undefined ? 0 : items.findIndex(({ path }) => fileId(repo, path) === after) + 1
    await run.session.contentsOf(repo).expectListing(commit, start, items.length, wanted)
    for (let index = start; index < items.length; index++) yield toEntry(repo, commit, items[index]!, index)
  },

  async *since(repo, mark, run) {
    const before = mark as Head
    const head = await headOf(repo, run.signal, before)
    if (head.commit === before.commit) return head
    const wanted = wantedOf(repo, run)
    const diff = await diffTrees(repo, before.commit, head.commit, run.signal)
    for (const path of diff.removed) yield removed(fileId(repo, path))
    const changed = diff.changed.filter(({ path }) => wanted(path))
    if (head.commit !== null) {
      await run.session.contentsOf(repo).expectChanges(head.commit, changed.filter(isFile), diff.total)
      for (const [index, item] of changed.entries()) yield toEntry(repo, head.commit, item, index)
    }
    return head
  },

  async read(repo, entry, run): Promise<Content> {
    const { c, s, i } = entry.ref as FileRef
    const path = entry.id.slice(fileId(repo, '').length)
    const need: FileNeed = {
      commit: c,
      sha: s,
      index: i,
      path,
      ...(entry.size === undefined ? {} : { size: entry.size }),
    }
    const filename = path.slice(path.lastIndexOf('/') + 1)
    const body = await run.session.contentsOf(repo).read(need, run.signal)
    if (!(body instanceof Uint8Array))
      return { body, mimeType: mimeTypeOf(path) ?? 'application/octet-stream', filename }
    return (await resolveLfs(repo, body, path, run)) ?? { body, mimeType: sniff(path, body), filename }
  },
}

/** Removals of a repository whose every entry is yielded anew, as after a rename. */
export async function* removedFiles(
  repo: Repo,
  before: Json,
  now: Json,
  run: StageRun,
): AsyncGenerator<Removed, void, void> {
  const diff = await diffTrees(repo, (before as Head).commit, (now as Head).commit, run.signal)
  for (const path of diff.removed) yield removed(fileId(repo, path))
}

function wantedOf(repo: Repo, { session, only }: StageRun): PathFilter {
  return (path) => session.wanted(path) && isAsked(`${repo.fullName}/${path}`, only)
}

function isFile({ mode, type }: TreeItem): boolean {
  return type === 'blob' && mode !== '120000'
}

function fileId(repo: Repo, path: string): string {
  return `${repo.id}/${path}`
}

function toEntry(repo: Repo, commit: string, item: TreeItem, index: number): Entry {
  const { path, sha, size } = item
  const mimeType = mimeTypeOf(path)
  const unavailable =
    item.type === 'commit'
      ? 'A submodule: its files belong to another repository, which can be synced by itself.'
      : item.mode === '120000'
        ? 'A symbolic link: its target is synced where it lies.'
        : undefined
  return {
    id: fileId(repo, path),
    path: `${repo.fullName}/${path}`,
    version: sha,
    title: path.slice(path.lastIndexOf('/') + 1),
    url: `${repo.url}/blob/${encodePath(repo.branch)}/${encodePath(path)}`,
    ref: { k: 'files', c: commit, s: sha, i: index } satisfies FileRef,
    metadata: { repository: repo.fullName, branch: repo.branch, kind: 'file', blobSha: sha },
    acl: repoAcl(repo),
    ...(mimeType === undefined ? {} : { mimeType }),
    ...(size === undefined ? {} : { size }),
    ...(unavailable === undefined ? {} : { unavailable }),
  }
}

/** For addresses: each segment by itself, so that `#`, `?` and `%` in names survive. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}
