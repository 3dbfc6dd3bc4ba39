import { ConnectorError } from '@cx/core'
import { mapConcurrently } from '@cx/core/http'
import { statusOf } from './client.ts'
import { isNotFound } from './errors.ts'
import { type Repo, repoParams } from './repos.ts'

/** One file, link or submodule of a commit. */
export interface TreeItem {
  /** In the repository. */
  readonly path: string
  readonly sha: string
  /** Git's: 100644, 100755, 120000 a symbolic link, 160000 a submodule, 040000 a folder. */
  readonly mode: string
  readonly type: string
  /** Bytes; blobs alone. */
  readonly size?: number
}

export interface TreeJson {
  readonly tree: readonly TreeItem[]
  readonly truncated: boolean
}

const subtreesAtOnce = 4

async function getTree(repo: Repo, sha: string, recursive: boolean, signal: AbortSignal): Promise<TreeJson> {
  const call = {
    signal,
    what: `tree ${sha.slice(0, 12)} of ${repo.fullName}`,
    params: { ...repoParams(repo), sha, ...(recursive ? { recursive: '1' } : {}) },
  }
  try {
    return (await repo.client.get<TreeJson>('/repos/{owner}/{repo}/git/trees/{sha}', call)).data
  } catch (error) {
    if (statusOf((error as ConnectorError).cause) === 409) return { tree: [], truncated: false }
    throw error
  }
}

/**
 * Everything but folders in a commit or tree, in Git's order. GitHub cuts recursive trees at 100,000 entries or 7 MB;
 * then each subtree is asked for by itself, deeper only where that is cut again.
 * https://docs.github.com/en/rest/git/trees#get-a-tree
 */
export async function* readTree(
  repo: Repo,
  sha: string,
  signal: AbortSignal,
  prefix = '',
): AsyncGenerator<TreeItem, void, void> {
  const whole = await getTree(repo, sha, true, signal)
  yield* whole.truncated ? descend(repo, sha, signal, prefix) : under(prefix, whole)
}

function* under(prefix: string, { tree }: TreeJson): Generator<TreeItem, void, void> {
  for (const item of tree) if (item.type !== 'tree') yield prefix === '' ? item : { ...item, path: prefix + item.path }
}

async function* descend(
  repo: Repo,
  sha: string,
  signal: AbortSignal,
  prefix: string,
): AsyncGenerator<TreeItem, void, void> {
  const level = await wholeLevel(repo, sha, signal)
  const loaded = mapConcurrently(level, subtreesAtOnce, async (item) => ({
    item,
    tree: item.type === 'tree' ? await getTree(repo, item.sha, true, signal) : undefined,
  }))
  for await (const { item, tree } of loaded) {
    const path = prefix + item.path
    if (!tree) yield { ...item, path }
    else if (tree.truncated) yield* descend(repo, item.sha, signal, `${path}/`)
    else yield* under(`${path}/`, tree)
  }
}

async function wholeLevel(repo: Repo, sha: string, signal: AbortSignal): Promise<readonly TreeItem[]> {
  const level = await getTree(repo, sha, false, signal)
  if (!level.truncated) return level.tree
  throw new ConnectorError('unprocessable', `A folder of ${repo.fullName} has more entries than GitHub lists.`, {
    remediation: 'Narrow nothing here: GitHub cannot list it. Split the folder in the repository.',
  })
}

export interface TreeDiff {
  /** Added or changed, in Git's order. */
  readonly changed: readonly TreeItem[]
  /** Paths that are gone. */
  readonly removed: readonly string[]
  /** Files in the newer tree; Infinity when it was too large to be seen whole. */
  readonly total: number
}

/**
 * What lies between two commits, whatever their history: force-pushes, merges and renames are no special case, and
 * there is no cap as on the compare API's 300 files. Where trees are cut, only differing subtrees are opened.
 *
 * @throws ConnectorError `cursor_expired` when GitHub has collected the old commit.
 */
export async function diffTrees(
  repo: Repo,
  from: string | null,
  to: string | null,
  signal: AbortSignal,
): Promise<TreeDiff> {
  const diff = { changed: [], removed: [], total: 0 }
  await compare(repo, from, to, '', diff, signal)
  return diff
}

async function compare(
  repo: Repo,
  from: string | null,
  to: string | null,
  prefix: string,
  into: { changed: TreeItem[]; removed: string[]; total: number },
  signal: AbortSignal,
): Promise<void> {
  const [before, after] = await Promise.all([
    from === null ? nothing : oldTree(repo, from, true, signal),
    to === null ? nothing : getTree(repo, to, true, signal),
  ])
  const deeper = before.truncated || after.truncated
  const [olds, news] = deeper
    ? await Promise.all([
        from === null ? [] : oldTree(repo, from, false, signal).then(({ tree }) => tree),
        to === null ? [] : wholeLevel(repo, to, signal),
      ])
    : [before.tree, after.tree]
  into.total += deeper ? Number.POSITIVE_INFINITY : news.length
  const old = new Map(olds.filter((item) => deeper || item.type !== 'tree').map((item) => [item.path, item]))
  for (const item of news) {
    if (item.type === 'tree' && !deeper) continue
    const was = old.get(item.path)
    old.delete(item.path)
    if (was?.sha === item.sha && was.mode === item.mode) continue
    const path = prefix + item.path
    if (item.type === 'tree') {
      if (was && was.type !== 'tree') into.removed.push(path)
      await compare(repo, was?.type === 'tree' ? was.sha : null, item.sha, `${path}/`, into, signal)
      continue
    }
    if (was?.type === 'tree') await compare(repo, was.sha, null, `${path}/`, into, signal)
    into.changed.push({ ...item, path })
  }
  for (const was of old.values())
    if (was.type === 'tree') await compare(repo, was.sha, null, `${prefix}${was.path}/`, into, signal)
    else into.removed.push(prefix + was.path)
}

const nothing: TreeJson = { tree: [], truncated: false }

async function oldTree(repo: Repo, sha: string, recursive: boolean, signal: AbortSignal): Promise<TreeJson> {
  try {
    return await getTree(repo, sha, recursive, signal)
  } catch (error) {
    if (isNotFound(error) || (error as ConnectorError).code === 'misconfigured')
      throw new ConnectorError('cursor_expired', `GitHub no longer has the commit ${repo.fullName} was last synced at.`)
    throw error
  }
}
