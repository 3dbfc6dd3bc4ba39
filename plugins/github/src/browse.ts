import type { BrowseItem } from '@cx/core'
import { isNotFound } from './errors.ts'
import { headOf } from './head.ts'
import { ownedRepos, type Repo, type RepoJson, repoParams, toRepo } from './repos.ts'
import type { Session } from './session.ts'
import type { TreeItem } from './tree.ts'

/** Owners, then `owner/*` and repositories, then folders. Repositories can be put into `repos`, folders into `pathFilter`. */
export async function* children(
  session: Session,
  path: string,
  { signal, branch }: { readonly signal: AbortSignal; readonly branch?: string | undefined },
): AsyncGenerator<BrowseItem, void, void> {
  const [owner, name, ...folders] = path.split('/').filter((part) => part !== '')
  if (owner === undefined) {
    for (const login of await owners(session, signal))
      yield { path: login, title: login, hasChildren: true, selectable: false }
    return
  }
  const client = await session.hub.client(owner, name, signal)
  if (name === undefined) {
    yield { path: `${owner}/*`, title: 'All repositories', hasChildren: false, selectable: true }
    for await (const page of ownedRepos(session.hub, client, owner, signal))
      for (const repo of page) yield { path: repo.full_name, title: repo.name, hasChildren: true, selectable: true }
    return
  }
  const call = { signal, what: `repository ${owner}/${name}`, params: { owner, repo: name } }
  const repo = toRepo((await client.get<RepoJson>('/repos/{owner}/{repo}', call)).data, branch, client)
  const { commit } = await headOf(repo, signal)
  if (commit === null) return
  for (const item of await folder(repo, commit, folders, signal))
    if (item.type !== 'commit' && item.mode !== '120000')
      yield {
        path: [repo.fullName, ...folders, item.path].join('/'),
        title: item.path,
        hasChildren: item.type === 'tree',
        selectable: true,
      }
}

async function owners(session: Session, signal: AbortSignal): Promise<readonly string[]> {
  const { hub } = session
  if (hub.method === 'none') return []
  const client = await hub.client(undefined, undefined, signal)
  const found = new Set<string>()
  if (hub.method === 'app') {
    const call = { signal, what: 'repositories of this installation' }
    for await (const page of client.pages<RepoJson>('/installation/repositories', call))
      for (const repo of page) found.add(repo.owner.login)
    return [...found]
  }
  const me = await client.get<{ login: string }>('/user', { signal, what: 'account of these credentials' })
  found.add(me.data.login)
  try {
    const call = { signal, what: 'organizations of these credentials' }
    for await (const page of client.pages<{ login: string }>('/user/orgs', call))
      for (const org of page) found.add(org.login)
  } catch (error) {
    if (!isNotFound(error) && (error as { code?: string }).code !== 'forbidden') throw error
  }
  return [...found]
}

/** The entries of one folder, by way of its parents. */
async function folder(
  repo: Repo,
  commit: string,
  path: readonly string[],
  signal: AbortSignal,
): Promise<readonly TreeItem[]> {
  let sha = commit
  for (let depth = 0; ; depth++) {
    const call = { signal, what: `folder ${path.join('/')} of ${repo.fullName}`, params: { ...repoParams(repo), sha } }
    const { data } = await repo.client.get<{ tree: readonly TreeItem[] }>('/repos/{owner}/{repo}/git/trees/{sha}', call)
    if (depth === path.length) return data.tree
    const next = data.tree.find((item) => item.type === 'tree' && item.path === path[depth])
    if (!next) return []
    sha = next.sha
  }
}
