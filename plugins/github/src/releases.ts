import { createHash } from 'node:crypto'
import { type Entry, type Json, type Removed, removed } from '@cx/core'
import { repoAcl } from './acl.ts'
import { encodePath } from './files.ts'
import { type Repo, repoParams } from './repos.ts'
import { behind, type Stage, type StageRun } from './stage.ts'

export interface ReleaseJson {
  readonly id: number
  readonly tag_name: string
  readonly name: string | null
  readonly body?: string | null
  readonly draft: boolean
  readonly html_url: string
  readonly created_at: string
  readonly published_at: string | null
  readonly author: { readonly login: string } | null
}

/** Releases have no `since`: a hash over all of them, and their ids, so that removals are known. */
type Mark = { readonly h: string; readonly ids: readonly number[] }

async function all(repo: Repo, { signal }: StageRun): Promise<readonly ReleaseJson[]> {
  const call = { signal, what: `releases of ${repo.fullName}`, params: repoParams(repo) }
  const found: ReleaseJson[] = []
  for await (const page of repo.client.pages<ReleaseJson>('/repos/{owner}/{repo}/releases', call)) found.push(...page)
  return found.filter((release) => !release.draft).sort((a, b) => a.id - b.id)
}

function markOf(found: readonly ReleaseJson[]): Mark {
  const hash = createHash('sha256')
  for (const release of found) hash.update(`${release.id} ${versionOf(release)}\n`)
  return { h: hash.digest('base64url').slice(0, 22), ids: found.map(({ id }) => id) }
}

function versionOf({ tag_name, name, body }: ReleaseJson): string {
  return createHash('sha256')
    .update(JSON.stringify([tag_name, name, body]))
    .digest('base64url')
    .slice(0, 22)
}

/** Release notes. */
export const releases: Stage = {
  name: 'releases',
  subtree: (repo) => `${repo.fullName}/releases/`,
  mark: async (repo, run) => markOf(await all(repo, run)),

  list: (repo, _mark, run, after) =>
    behind(async function* () {
      for (const release of await all(repo, run)) yield toEntry(repo, release)
    }, after),

  async *since(repo, mark, run): AsyncGenerator<Entry | Removed, Json, void> {
    const before = mark as Mark
    const found = await all(repo, run)
    const now = markOf(found)
    if (now.h === before.h) return mark
    const there = new Set(now.ids)
    for (const id of before.ids) if (!there.has(id)) yield removed(releaseId(repo, id))
    for (const release of found) yield toEntry(repo, release)
    return now
  },

  async read(repo, entry, { signal }) {
    const { n } = entry.ref as { n: number }
    const call = { signal, what: `release ${entry.path}`, params: { ...repoParams(repo), id: n } }
    const { data } = await repo.client.get<ReleaseJson>('/repos/{owner}/{repo}/releases/{id}', call)
    const title = data.name || data.tag_name
    const body = `# ${title}\n\nRelease ${data.tag_name} of ${repo.fullName}, ${data.published_at ?? data.created_at}\n\n${data.body ?? ''}\n`
    return { body, mimeType: 'text/markdown', filename: `${data.tag_name.replaceAll('/', '-')}.md`, title }
  },
}

function releaseId(repo: Repo, id: number): string {
  return `${repo.id}#release/${id}`
}

function toEntry(repo: Repo, release: ReleaseJson): Entry {
  return {
    id: releaseId(repo, release.id),
    path: `${repo.fullName}/releases/tag/${encodePath(release.tag_name)}`,
    version: versionOf(release),
    title: release.name || release.tag_name,
    mimeType: 'text/markdown',
    createdAt: release.created_at,
    url: release.html_url,
    ref: { k: 'releases', n: release.id },
    acl: repoAcl(repo),
    metadata: { repository: repo.fullName, kind: 'release', tag: release.tag_name },
    ...(release.author ? { author: release.author.login } : {}),
  }
}
